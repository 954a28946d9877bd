/** A request to the token endpoint as the authorization server may see it: of bounded size, with tokens in the one spelling we accept. */
import { IncomingMessage } from 'node:http';
import { parseCompactJws, TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { WayleaveError } from '../errors.ts';
import { AuthenticationFailure } from '../identity/authenticate.ts';

/** Bytes of a request to the authorization server: two tokens of 8 kB and some fields. */
const MAX_OAUTH_BYTES = 32_768;
/** Fields of the form that carry a token of ours or of a client. */
const TOKENS = ['client_assertion', 'subject_token'] as const;

/**
 * Reads the body, looks at every token in it and at the proof, and gives the request on as it came. Errors: `USAGE`,
 * `TOO_LARGE`, and `UNAUTHENTICATED` for a token that no library should see.
 */
export async function readTokenRequest(incoming: IncomingMessage): Promise<IncomingMessage> {
  if (incoming.headers['transfer-encoding'] !== undefined) throw new WayleaveError('USAGE', 'No chunked bodies here.');
  if (Number(incoming.headers['content-length'] ?? 0) > MAX_OAUTH_BYTES) throw new WayleaveError('TOO_LARGE');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new WayleaveError('USAGE', 'The body is not bytes.');
    size += chunk.length;
    if (size > MAX_OAUTH_BYTES) throw new WayleaveError('TOO_LARGE');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const form = new URLSearchParams(body.toString('latin1'));
  const proof = incoming.headers['dpop'];
  const tokens = [...TOKENS.flatMap((name) => form.getAll(name)), ...(proof === undefined ? [] : [proof].flat())];
  for (const token of tokens) demandStrict(token);
  return replay(incoming, body);
}

function demandStrict(token: string): void {
  try {
    parseCompactJws(token);
  } catch (error) {
    if (error instanceof TokenRefused) throw new AuthenticationFailure(`token request: ${error.message}`);
    throw error;
  }
}

/** The same request with a body that can be read once more. */
function replay(incoming: IncomingMessage, body: Buffer): IncomingMessage {
  const copy = new IncomingMessage(incoming.socket);
  const { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor } = incoming;
  Object.assign(copy, { method, url, headers, rawHeaders, httpVersion, httpVersionMajor, httpVersionMinor });
  copy.complete = true;
  copy.push(body);
  copy.push(null);
  return copy;
}
