/** What only the person's browser can do: it is sent to a page, and its answer awaited on loopback (RFC 8252 §7.3). */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WayleaveError } from '../../broker/errors.ts';

/** How long somebody may take over it, and how large an answer is read. */
const PATIENCE_MS = 300_000;
const MAX_ANSWER_BYTES = 65_536;

export interface BrowserQuestion {
  /** Where on this machine the answer is expected. */
  readonly path: string;
  /** Aborts the wait. */
  readonly interrupted: AbortSignal;
  /** What the browser shows when it has answered. */
  readonly thanks: string;
}

export interface BrowserAnswer {
  readonly url: URL;
  readonly form: URLSearchParams;
}

/**
 * Calls `begin` with the port at which the answer is awaited. Its `finish` sees every answer to the path; one for which it
 * gives undefined is none, and the wait goes on. Errors: `LOGIN_FAILED` when nobody came in time.
 */
export async function askBrowser<T>(
  question: BrowserQuestion,
  begin: (port: number) => Promise<(answer: BrowserAnswer) => T | undefined>,
): Promise<T> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new WayleaveError('INTERNAL');
  const { port } = address;
  try {
    const stop = AbortSignal.any([question.interrupted, AbortSignal.timeout(PATIENCE_MS)]);
    const finish = await begin(port);
    return await new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(new WayleaveError('LOGIN_FAILED', 'Nobody answered in the browser.'));
      if (stop.aborted) return giveUp();
      stop.addEventListener('abort', giveUp);
      const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
        const url = new URL(request.url ?? '/', `http://127.0.0.1:${port}`);
        response.setHeader('Content-Type', 'text/plain').setHeader('Connection', 'close');
        if (url.pathname !== question.path) return void response.writeHead(404).end();
        const form = await readForm(request).catch(() => undefined);
        const result = form === undefined ? undefined : finish({ url, form });
        if (result === undefined)
          return void response.writeHead(400).end('This is no answer to the command that waits.\n');
        response.end(`${question.thanks}\n`);
        resolve(result);
      };
      server.on('request', (request, response) => void answer(request, response).catch(reject));
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES) throw new WayleaveError('TOO_LARGE');
    chunks.push(bytes);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
