/**
 * bull-board over the queue of an installation: on loopback, for reading alone, and only as long as the person who opened it
 * may look. It shows the jobs of all tenants, so that person is of the provider.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import { type IQueueBackend, Queue } from 'bullmq';
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { startHttpServer } from '../../broker/http/server.ts';
import { type Store, withStore } from './connect-store.ts';
import type { QueueLocation } from './queue-location.ts';

export interface BoardOptions {
  readonly location: Exclude<QueueLocation, { readonly folder: string }>;
  /** 0 takes a free one. */
  readonly port: number;
  /** Asked of the broker again and again: false or a rejection closes the board to its reader. */
  readonly mayLook: () => Promise<boolean>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly alarm: (error: Error) => void;
}

export interface Board {
  /** Opens it in one browser: the key in it is good once. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** For how long an answer of the broker holds. */
const HOLDS_MS = 5_000;
const COOKIE = 'wayleave_board';
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

export async function startBoard(options: BoardOptions): Promise<Board> {
  const { made: queue, release } = await withStore(options.location, options.alarm, openOn);
  try {
    const key = randomBytes(32).toString('base64url');
    const server = await startHttpServer({
      ...{ host: '127.0.0.1', port: options.port },
      createApp: (url) => createBoardApp(queue, key, new URL(url).host, options),
    });
    return {
      url: `${server.url}/?key=${key}`,
      close: async () => {
        await server.close();
        await queue.close();
        await release();
      },
    };
  } catch (error) {
    await queue.close();
    await release();
    throw error;
  }
}

function createBoardApp(queue: Queue, key: string, host: string, { mayLook, now }: BoardOptions): Hono {
  const board = new HonoAdapter(serveStatic);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true, description: 'read only' })],
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Wayleave jobs' } },
  });
  const cookie = randomBytes(32).toString('base64url');
  let isUsed = false;
  let looked = { at: Number.NEGATIVE_INFINITY, may: false };
  const mayStillLook = async (): Promise<boolean> => {
    if (now() - looked.at >= HOLDS_MS) looked = { at: now(), may: await mayLook().catch(() => false) };
    return looked.may;
  };
  const app = new Hono();
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    // A page elsewhere whose name was made to point here sends its own name (DNS rebinding).
    if (c.req.header('host') !== host) return c.text('This board has another address.', 421);
    // bull-board hides what it must not do; here nothing but reading arrives at all.
    if (c.req.method !== 'GET') return c.text('This board is for reading.', 405);
    const shown = c.req.query('key');
    if (c.req.path === '/' && shown !== undefined && !isUsed && isSame(shown, key)) {
      isUsed = true;
      setCookie(c, COOKIE, cookie, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return c.redirect('/');
    }
    if (!isSame(getCookie(c, COOKIE) ?? '', cookie)) return c.text('Open the address that the command printed.', 401);
    if (!(await mayStillLook())) return c.text('Your login has ended, or it may not look here any more.', 403);
    return next();
  });
  app.route('/', board.registerPlugin());
  return app;
}

function isSame(shown: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(shown), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function openOn<B extends IQueueBackend, C>({ name, classes, connection }: Store<B, C>): Queue {
  const queue: unknown = new classes.Queue(name, { connection });
  if (!isQueue(queue)) throw new TypeError('no queue of BullMQ');
  return queue;
}

/** bull-board knows BullMQ's class without the kind of its store. */
const isQueue = (value: unknown): value is Queue => value instanceof Queue;
