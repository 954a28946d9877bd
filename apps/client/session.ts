/** A person's login in memory: one DPoP key, an access token for each audience, refreshed in time. */
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import { createProof } from '../../protocols/oauth/dpop.ts';
import { exportSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';

export const tokenSet = z.object({
  access_token: z.string(),
  token_type: z.literal('DPoP'), // a bearer token would be a downgrade
  expires_in: z.int().positive(),
  refresh_token: z.string(),
});
export type TokenSet = z.infer<typeof tokenSet>;

export interface ClientSession {
  readonly issuer: string;
  readonly user: string;
  /** What another command needs to go on with this login. Secret. */
  readonly keep: () => { readonly key: string; readonly refreshToken: string };
  /** An access token for the audience, valid for at least 30 s. Errors: `UNAUTHENTICATED`. */
  readonly token: (audience: string) => Promise<string>;
  /** `fetch` with token and a fresh proof; for the broker, and with the agents' audience for chat. No redirects. */
  readonly fetch: (audience: string) => typeof fetch;
}

export interface SessionDeps {
  readonly issuer: string;
  readonly user: string;
  readonly key: SigningKey;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly nonce: () => string;
  readonly askToken: (fields: Readonly<Record<string, string>>) => Promise<TokenSet>;
}

/** Seconds before its end at which a token is replaced. */
const EARLY_SECONDS = 30;

/** Begins with the first tokens of a login and their audience, or with the refresh token of one that was kept. */
export function createSession(
  deps: SessionDeps,
  begin: { readonly audience: string; readonly tokens: TokenSet } | { readonly refreshToken: string },
): ClientSession {
  let refreshToken = 'tokens' in begin ? begin.tokens.refresh_token : begin.refreshToken;
  const held = new Map<string, { readonly token: string; readonly until: number }>();
  const asking = new Map<string, Promise<string>>();

  const keep = (name: string, tokens: TokenSet): string => {
    refreshToken = tokens.refresh_token;
    held.set(name, { token: tokens.access_token, until: deps.now() + (tokens.expires_in - EARLY_SECONDS) * 1000 });
    return tokens.access_token;
  };
  if ('tokens' in begin) keep(begin.audience, begin.tokens);

  async function token(name: string): Promise<string> {
    const known = held.get(name);
    if (known !== undefined && known.until > deps.now()) return known.token;
    const underway = asking.get(name);
    if (underway !== undefined) return underway;
    const asked = deps
      .askToken({ grant_type: 'refresh_token', refresh_token: refreshToken, resource: name })
      .then((tokens) => keep(name, tokens))
      .finally(() => asking.delete(name));
    asking.set(name, asked);
    return asked;
  }

  return {
    issuer: deps.issuer,
    user: deps.user,
    token,
    keep: () => ({ key: exportSigningKey(deps.key), refreshToken }),
    fetch: (name) => async (input, init) => {
      const request = new Request(input, { ...init, redirect: 'error' }); // a redirect would carry the token along
      const accessToken = await token(name);
      const url = request.url.split(/[?#]/)[0] ?? '';
      const proof = createProof(deps.key, { method: request.method, url, accessToken }, deps.now(), deps.nonce());
      request.headers.set('Authorization', `DPoP ${accessToken}`);
      request.headers.set('DPoP', proof);
      try {
        return await deps.fetch(request);
      } catch (error) {
        if (request.signal.aborted) throw error;
        throw new WayleaveError('UNAVAILABLE', 'The server cannot be reached.');
      }
    },
  };
}
