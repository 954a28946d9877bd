/** `fetch` whose answers end after so many bytes: a server that talks without end breaks off its own call, not this process. */

/** Largest answer of a model's server, the frame of its protocol included. */
export const MAX_ANSWER_BYTES = 256 * 1024;

/** The same `fetch` with a limit on the body of every answer, and without following anybody elsewhere. */
export const boundFetch =
  (inner: typeof fetch, maxBytes: number = MAX_ANSWER_BYTES): typeof fetch =>
  async (input, init) => {
    const response = await inner(input, { ...init, redirect: 'error' });
    if (response.body === null) return response;
    let bytes = 0;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength;
          if (bytes > maxBytes) controller.error(new Error(`the answer is larger than ${maxBytes} bytes`));
          else controller.enqueue(chunk);
        },
      }),
    );
    return new Response(counted, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    });
  };
