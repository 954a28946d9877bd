/**
 * The only way to an upstream server: its configured origin and no other, no redirects, so many bytes, so deep, until a deadline.
 *
 * The credential is put on here, from the configuration. Who called the broker, and by what token, is not known here.
 */
import { WayleaveError } from '../errors.ts';
import { createDepthScan, MAX_DEPTH } from './json-depth.ts';
import type { UpstreamServer } from './server-list.ts';

/** Stops reading with `UPSTREAM_PROTOCOL`, of which `onBreach` hears first, when the bytes or the depth are used up. One for all answers of a call. */
export function boundedFetch(
  server: Pick<UpstreamServer, 'credential' | 'budget'> & { readonly url: string },
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
    const scan = createDepthScan();
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
