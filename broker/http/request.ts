/** Reads what a request carries, within limits: the credential from its headers and JSON from its body. */
import type { Context } from 'hono';
import { z } from 'zod';
import { JsonRefused, parseStrictJson } from '../../protocols/oauth/strict-json.ts';
import type { Credential } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { AuthenticationFailure } from '../identity/authenticate.ts';
import { certificateOf } from '../identity/certificate-binding.ts';

/** Bytes of a request body, and nesting of its JSON. */
export const MAX_BODY_BYTES = 262_144;
export const MAX_JSON_DEPTH = 32;

/** Length of the header fields of a credential that is looked at. */
const MAX_FIELD = 8192;

/**
 * The credential of a request: `Authorization: DPoP token` with exactly one `DPoP: proof` (RFC 9449 §7.1), `HTTPSig
 * token` with the fields of a signature (RFC 9421), or `Bearer token` (RFC 6750). Two proofs are none.
 */
export async function readCredential(context: Context, serverUrl: string): Promise<Credential> {
  const authorization = context.req.header('authorization') ?? '';
  if (authorization.length > MAX_FIELD + 16) throw new AuthenticationFailure('a token that is too long');
  const [scheme, token, more] = authorization.split(' ');
  if (token === undefined || token === '' || more !== undefined) throw new AuthenticationFailure('no token');
  const proof = context.req.header('dpop');
  const input = context.req.header('signature-input');
  const { pathname, search } = new URL(context.req.url);
  const method = context.req.method;
  const source = readSource(context);
  const shown = readCertificate(context);
  const certificate = shown === undefined ? {} : { certificate: shown };
  switch (scheme) {
    case 'DPoP':
      // Two DPoP headers arrive joined by a comma, which no proof contains (§4.3: not more than one).
      if (proof === undefined || proof === '' || input !== undefined) throw new AuthenticationFailure('no proof');
      return { scheme, token, proof, method, url: `${serverUrl}${pathname}`, source, ...certificate };
    case 'HTTPSig': {
      const fields = {
        'Content-Digest': context.req.header('content-digest') ?? '',
        'Signature-Input': input ?? '',
        Signature: context.req.header('signature') ?? '',
      };
      if (proof !== undefined || input === undefined) throw new AuthenticationFailure('no signature');
      const content = await context.req.text();
      return {
        scheme,
        token,
        fields,
        method,
        url: `${serverUrl}${pathname}${search}`,
        content,
        source,
        ...certificate,
      };
    }
    case 'Bearer':
      if (proof !== undefined || input !== undefined) throw new AuthenticationFailure('a bearer token with a proof');
      return { scheme, token, source };
    default:
      throw new AuthenticationFailure('scheme');
  }
}

const bindings = z.object({ incoming: z.object({ socket: z.object({ remoteAddress: z.string().optional() }) }) });

/** The address of the other end; requests that came over no socket have none. */
export function readSource(context: Context): string {
  return bindings.safeParse(context.env).data?.incoming.socket.remoteAddress ?? 'local';
}

const withSocket = z.object({ incoming: z.object({ socket: z.unknown() }) });

/** The certificate of the other end, when the connection is one that demanded it. */
const readCertificate = (context: Context): string | undefined =>
  certificateOf(withSocket.safeParse(context.env).data?.incoming.socket);

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

/** Why somebody decides as they do. */
export const ballot = z.strictObject({ reason: z.string().trim().min(1).max(500) });

/** The id in the path; one that cannot be ours is as unknown as one that is not there. */
export function readId(context: Context, prefix: string): string {
  const id = context.req.param('id') ?? '';
  if (!id.startsWith(`${prefix}_`) || !/^[A-Za-z0-9_]{5,80}$/.test(id)) throw new WayleaveError('NOT_FOUND');
  return id;
}

export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return parseWith(schema, body, 'The body');
}

/** @throws WayleaveError `USAGE` with the first field that is wrong. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new WayleaveError(
    'USAGE',
    `${what} is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}
