/** The pages of bull-board over one queue, for reading: made where the queue is open, or fetched from the process that has it. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { type IQueueBackend, Queue } from 'bullmq';
import { WayleaveError } from '../../broker/errors.ts';
import { BOARD_PATH } from './board-path.ts';
import { type Store, withStore } from './connect-store.ts';
import type { QueueLocation } from './queue-location.ts';

/** Answers GET requests by their path and query alone; who may ask is for others to say. */
export interface BoardPages {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** `queue` stays open. */
export function createBoardPages(queue: unknown): BoardPages['fetch'] {
  if (!isQueue(queue)) throw new TypeError('no queue of BullMQ');
  const board = new HonoAdapter(serveStatic);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true, description: 'read only' })],
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Wayleave jobs' } },
  });
  const app = board.registerPlugin();
  // bull-board hides what it must not do; nothing but reading arrives here at all.
  return async (request) =>
    request.method === 'GET' ? app.fetch(request) : new Response('This board is for reading.', { status: 405 });
}

/** On a server that takes a further client. Throws as `withStore` does. */
export async function openStorePages(
  location: Exclude<QueueLocation, { readonly folder: string }>,
  alarm: (error: Error) => void,
): Promise<BoardPages> {
  const { made: queue, release } = await withStore(location, alarm, openOn);
  return {
    fetch: createBoardPages(queue),
    close: async () => {
      await queue.close();
      await release();
    },
  };
}

/**
 * From the agents' process, which alone can open the embedded queue; `token` is the one of the installation's folder.
 * Throws `UNAVAILABLE` when it does not answer or has no queue yet.
 */
export async function relayPages(
  { agentsUrl, token }: { readonly agentsUrl: string; readonly token: string },
  reach: typeof fetch = fetch,
): Promise<BoardPages> {
  const ask = async (at: URL): Promise<Response> => {
    const answer = await reach(new URL(`${BOARD_PATH}${at.pathname}${at.search}`, agentsUrl), {
      headers: { authorization: `Bearer ${token}` },
      redirect: 'error',
    }).catch(() => undefined);
    return answer ?? new Response('The agents do not answer.', { status: 502 });
  };
  const first = await ask(new URL('/', agentsUrl));
  const text = await first.text();
  if (!first.ok) throw new WayleaveError('UNAVAILABLE', `The board cannot be had: ${text.slice(0, 200)}`);
  return {
    fetch: async (request) => {
      const { status, headers, body } = await ask(new URL(request.url));
      return new Response(body, { status, headers: { 'Content-Type': headers.get('content-type') ?? 'text/plain' } });
    },
    close: async () => undefined,
  };
}

function openOn<B extends IQueueBackend, C>({ name, classes, connection }: Store<B, C>): Queue {
  const queue: unknown = new classes.Queue(name, { connection });
  if (!isQueue(queue)) throw new TypeError('no queue of BullMQ');
  return queue;
}

/** bull-board knows BullMQ's class without the kind of its store. */
const isQueue = (value: unknown): value is Queue => value instanceof Queue;
