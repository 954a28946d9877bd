/** Reads what a request carries, within limits: the credential from its headers and JSON from its body. */
import type { Context } from 'hono';
import { JsonRefused, parseStrictJson } from '../../protocols/oauth/strict-json.ts';
import type { Credential } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { AuthenticationFailure } from '../identity/authenticate.ts';

/** Bytes of a request body, and nesting of its JSON. */
export const MAX_BODY_BYTES = 262_144;
export const MAX_JSON_DEPTH = 32;

/** RFC 9449 §7.1: `Authorization: DPoP token` and exactly one `DPoP: proof`. `url` is as the server knows itself. */
export function readCredential(context: Context, serverUrl: string): Credential {
  const [scheme, token, more] = (context.req.header('authorization') ?? '').split(' ');
  const proof = context.req.header('dpop');
  // Two DPoP headers arrive joined by a comma, which no proof contains (§4.3: not more than one).
  if (scheme !== 'DPoP' || token === undefined || token === '' || more !== undefined) {
    throw new AuthenticationFailure('no DPoP-bound token');
  }
  if (proof === undefined || proof === '') throw new AuthenticationFailure('no proof');
  const { pathname } = new URL(context.req.url);
  return { scheme: 'DPoP', token, proof, method: context.req.method, url: `${serverUrl}${pathname}` };
}

/** The JSON body; `application/json` is demanded, so that no form of another site can send one (CSRF). */
export async function readJson(context: Context): Promise<unknown> {
  const type = (context.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new WayleaveError('USAGE', 'The body must be application/json.');
  try {
    return parseStrictJson(await context.req.text(), MAX_JSON_DEPTH);
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    throw new WayleaveError('USAGE', `The body is not acceptable JSON: ${error.message}.`);
  }
}
