/** How a worker proves itself where no token is needed: an assertion signed with its key, for one request (RFC 7523 §3). */

import { z } from 'zod';
import { MAX_TOKEN_LENGTH, parseCompactJws, signatureHolds, TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { CLOCK_SKEW_SECONDS } from '../../protocols/oauth/dpop.ts';
import { importPublicJwk, jwkThumbprint, type PublicJwk } from '../../protocols/oauth/jwk.ts';
import type { SingleUse } from '../../protocols/oauth/single-use.ts';
import { WayleaveError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { WORKER_CLIENT } from './schedules.ts';

/** Longest life of an assertion, in seconds. */
const MOST_SECONDS = 60;

const claims = z.strictObject({
  iss: z.literal(WORKER_CLIENT),
  sub: z.literal(WORKER_CLIENT),
  aud: z.string(),
  iat: z.int(),
  exp: z.int(),
  jti: z.string().min(16).max(100),
});

export interface WorkerAssertionDeps {
  readonly keys: () => readonly PublicJwk[];
  readonly proofs: SingleUse;
  readonly clock: Clock;
}

/** Throws `UNAUTHENTICATED` for anything but a fresh assertion for exactly this `audience`, signed with a worker's key. */
export function createVerifyWorker({ keys, proofs, clock }: WorkerAssertionDeps) {
  return async (header: string | undefined, audience: string): Promise<void> => {
    try {
      const [scheme, text = '', more] = (header ?? '').split(' ');
      if (scheme !== 'Bearer' || more !== undefined || text.length > MAX_TOKEN_LENGTH)
        throw new TokenRefused('no assertion');
      const jws = parseCompactJws(text);
      if (jws.header['typ'] !== 'worker+jwt') throw new TokenRefused('another kind of token');
      const key = keys().find((one) => jwkThumbprint(one) === jws.header['kid']);
      if (key === undefined || !signatureHolds(jws, importPublicJwk(key)))
        throw new TokenRefused('not signed by a worker');
      const parsed = claims.safeParse(jws.payload);
      if (!parsed.success) throw new TokenRefused('claims');
      const { aud, iat, exp, jti } = parsed.data;
      const now = Math.floor(clock.now() / 1000);
      if (aud !== audience) throw new TokenRefused('for somebody else');
      if (exp - iat > MOST_SECONDS || iat > now + CLOCK_SKEW_SECONDS || exp <= now)
        throw new TokenRefused('not of now');
      if (!(await proofs.useOnce(`worker ${jti}`, iat * 1000))) throw new TokenRefused('used before');
    } catch (error) {
      if (error instanceof TokenRefused) throw new WayleaveError('UNAUTHENTICATED');
      throw error;
    }
  };
}
