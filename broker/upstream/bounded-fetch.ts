/**
 * The only way to an upstream server: its configured origin and no other, no redirects, so many bytes, so deep, until a deadline.
 *
 * The credential is put on here, from the configuration. Who called the broker, and by what token, is not known here.
 */
import { WayleaveError } from '../errors.ts';
import type { UpstreamServer } from './server-list.ts';

/** Nesting of what a server says: JSON far below what a parser bears, and above what a tool says. */
const MAX_DEPTH = 64;

/** Stops reading with `UPSTREAM_PROTOCOL`, of which `onBreach` hears first, when the bytes or the depth are used up. One for all answers of a call. */
export function boundedFetch(
  server: Pick<UpstreamServer, 'url' | 'credential' | 'budget'>,
  request: typeof fetch,
  deadline: AbortSignal,
  onBreach: (breach: WayleaveError) => void,
): typeof fetch {
  const breach = (what: string): WayleaveError => {
    const error = new WayleaveError('UPSTREAM_PROTOCOL', what);
    onBreach(error);
    return error;
  };
  const { origin } = new URL(server.url);
  let left = server.budget.kilobytes * 1024;
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) throw breach('The server pointed to another origin.');
    // Nothing is awaited from the server but answers: a stream of its own would be one for requests to us.
    if (init?.method === 'GET') return new Response(null, { status: 405 });
    const headers = new Headers(init?.headers);
    headers.delete('Authorization');
    if (server.credential !== undefined) headers.set('Authorization', `Bearer ${server.credential}`);
    const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    const answer = await request(url, { ...init, headers, signal, redirect: 'manual' });
    if (answer.type === 'opaqueredirect' || (answer.status >= 300 && answer.status < 400)) {
      await answer.body?.cancel();
      throw breach('The server redirects, which is not followed.');
    }
    if (answer.body === null) return answer;
    const scan = createScan();
    const bounded = answer.body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          left -= chunk.byteLength;
          if (left < 0) controller.error(breach('The server said more than its budget of bytes.'));
          else if (scan(chunk) > MAX_DEPTH) controller.error(breach('The server nests too deeply.'));
          else controller.enqueue(chunk);
        },
      }),
    );
    return new Response(bounded, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
  };
}

const [QUOTE, BACKSLASH, NEWLINE] = ['"', '\\', '\n'].map((one) => one.charCodeAt(0));
const OPENING = new Set(['{', '['].map((one) => one.charCodeAt(0)));
const CLOSING = new Set(['}', ']'].map((one) => one.charCodeAt(0)));

/** The deepest nesting of JSON so far, from its bytes as they come; a line of an event stream begins outside of a text. */
function createScan(): (chunk: Uint8Array) => number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  let escaped = false;
  return (chunk) => {
    for (const byte of chunk) {
      if (escaped) escaped = false;
      else if (byte === NEWLINE) inText = false;
      else if (inText) {
        if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (OPENING.has(byte)) deepest = Math.max(deepest, ++depth);
      else if (CLOSING.has(byte)) depth -= 1;
    }
    return deepest;
  };
}
