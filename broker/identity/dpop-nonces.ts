/**
 * Where a DPoP proof must carry a nonce of ours (RFC 9449 §8): where a login is refreshed.
 *
 * Whoever once could use a key without holding it, as a script in a browser, makes proofs for a time to come. With a refresh
 * token they would be good for as long as the login; a nonce, which every answer brings, makes them worth nothing. A code is
 * good for a minute and once, and the proofs of an access token end with it.
 */
import { hkdfSync } from 'node:crypto';
import type { KoaContext } from 'oidc-provider';

/** For `oidc-provider`. The same for all brokers that share the cookies' secret, so that each takes what another one gave. */
export const dpopNonces = (cookieSecret: string) => ({
  nonceSecret: Buffer.from(hkdfSync('sha256', cookieSecret, '', 'wayleave dpop nonce', 32)),
  requireNonce: ({ oidc }: KoaContext): boolean => oidc.params['grant_type'] === 'refresh_token',
});
