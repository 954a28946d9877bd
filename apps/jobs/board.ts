/**
 * bull-board over the queue of an installation: on loopback, for reading alone, and only as long as the person who opened it
 * may look. It shows the jobs of all tenants, so that person is of the provider.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { startHttpServer } from '../../broker/http/server.ts';
import type { BoardPages } from './board-pages.ts';

export interface BoardOptions {
  /** Closed with the board. */
  readonly pages: BoardPages;
  /** 0 takes a free one. */
  readonly port: number;
  /** Asked of the broker again and again: false or a rejection closes the board to its reader. */
  readonly mayLook: () => Promise<boolean>;
  /** Epoch milliseconds. */
  readonly now: () => number;
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
  const { pages, port } = options;
  try {
    const key = randomBytes(32).toString('base64url');
    const server = await startHttpServer({
      ...{ host: '127.0.0.1', port },
      createApp: (url) => createBoardApp(key, new URL(url).host, options),
    });
    return {
      url: `${server.url}/?key=${key}`,
      close: async () => {
        await server.close();
        await pages.close();
      },
    };
  } catch (error) {
    await pages.close();
    throw error;
  }
}

function createBoardApp(key: string, host: string, { pages, mayLook, now }: BoardOptions): Hono {
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
  app.get('*', (c) => pages.fetch(c.req.raw));
  return app;
}

function isSame(shown: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(shown), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
