/** bull-board over a real queue: for who may look, for reading, in one browser, and on no other name. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { withBoard } from '../../../apps/compose/serve-board.ts';
import { type Board, startBoard } from '../../../apps/jobs/board.ts';
import { type BoardPages, openStorePages, relayPages } from '../../../apps/jobs/board-pages.ts';
import { type JobQueue, openQueue } from '../../../apps/jobs/queue.ts';
import type { QueueLocation } from '../../../apps/jobs/queue-location.ts';
import { startHttpServer } from '../../../broker/http/server.ts';

const { DATABASE_URL: databaseUrl = '', REDIS_URL: redisUrl = '' } = process.env;
const root = mkdtempSync(path.join(tmpdir(), 'wayleave-board-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const STORES = [
  ['PGlite', (name: string) => ({ folder: path.join(root, name) }), ''],
  ['PostgreSQL', databaseUrl === '' ? undefined : (name: string) => ({ databaseUrl, name }), 'DATABASE_URL is not set'],
  ['Redis', redisUrl === '' ? undefined : (name: string) => ({ redisUrl, name }), 'REDIS_URL is not set'],
] as const;

let board: Board | undefined;
afterEach(async () => {
  await board?.close();
  board = undefined;
});
const fail = (error: Error): never => {
  throw error;
};

const TOKEN = 'the token of the folder';
/** The embedded queue is open in one process, which shows its board to the command. */
async function openPages(location: QueueLocation, queue: JobQueue): Promise<BoardPages> {
  if (!('folder' in location)) return openStorePages(location, fail);
  const agents = { fetch: () => new Response('the agents') };
  const served = withBoard(agents, TOKEN, () => queue.pages());
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, createApp: () => served });
  const pages = await relayPages({ agentsUrl: server.url, token: TOKEN });
  return { fetch: pages.fetch, close: () => server.close() };
}

/** A request as it is, the Host header included: `fetch` chooses that itself. */
const ask = (url: string, headers: { readonly [name: string]: string } = {}, method = 'GET') =>
  new Promise<{ status: number; body: string; headers: http.IncomingHttpHeaders }>((resolve, reject) => {
    const request = http.request(url, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    request.on('error', reject).end();
  });

describe.each(STORES)('a board on %s', (_, locate, why) => {
  it.skipIf(locate === undefined)(
    locate === undefined
      ? `shows the jobs (${why})`
      : 'shows the jobs to the one browser that was let in, and takes no order from it',
    async () => {
      if (locate === undefined) return;
      const location = locate(`board_${randomBytes(6).toString('hex')}`);
      const name = 'folder' in location ? 'wayleave' : location.name;
      const queue = await openQueue(location, { alarm: fail });
      try {
        await queue.runNow('sch_one', 'run_one');
        let may = true;
        let seconds = 0;
        const mayLook = async (): Promise<boolean> => may;
        const pages = await openPages(location, queue);
        board = await startBoard({ pages, port: 0, mayLook, now: () => 1000 * seconds });
        const { origin, host } = new URL(board.url);
        expect((await ask(origin)).status).toBe(401);
        expect((await ask(`${origin}/?key=${'A'.repeat(43)}`)).status).toBe(401);
        const entered = await ask(board.url);
        const [cookie = ''] = entered.headers['set-cookie'] ?? [];
        expect(cookie).toMatch(/HttpOnly.*SameSite=Strict/i);
        // The address in a history or a log opens nothing.
        expect((await ask(board.url)).status).toBe(401);
        const own = { cookie: cookie.split(';')[0] ?? '' };
        expect(await ask(origin, own)).toMatchObject({ status: 200, body: expect.stringContaining('Wayleave jobs') });
        const script = /src="([^"]+\.js)"/.exec((await ask(origin, own)).body)?.[1] ?? '';
        expect((await ask(new URL(script, `${origin}/`).href, own)).status).toBe(200);
        const shown = JSON.parse((await ask(`${origin}/api/queues?activeQueue=${name}`, own)).body);
        expect(shown.queues).toMatchObject([{ name, readOnlyMode: true, jobs: [{ id: 'run_one' }] }]);
        expect(JSON.stringify(shown.queues[0].jobs[0].data)).toContain('sch_one');
        for (const method of ['PUT', 'POST', 'DELETE', 'PATCH'])
          expect((await ask(`${origin}/api/queues/${name}/pause`, own, method)).status).toBe(405);
        expect((await ask(origin, { ...own, host: host.replace('127.0.0.1', 'evil.example') })).status).toBe(421);
        may = false;
        seconds += 6;
        expect((await ask(origin, own)).status).toBe(403);
        expect(await queue.counts()).toMatchObject({ prioritized: 1 });
      } finally {
        await queue.close();
      }
    },
    60_000,
  );
});

it('shows the embedded queue to nobody without the token of the folder, and says when there is none yet', async () => {
  let pages: BoardPages['fetch'] | undefined;
  const agents = { fetch: () => new Response('the agents') };
  const served = withBoard(agents, TOKEN, async () => pages);
  const server = await startHttpServer({ host: '127.0.0.1', port: 0, createApp: () => served });
  try {
    const at = `${server.url}/jobs-board/api/queues`;
    expect((await fetch(at)).status).toBe(401);
    expect((await fetch(at, { headers: { authorization: 'Bearer another' } })).status).toBe(401);
    expect(await (await fetch(`${server.url}/jobs-boards`)).text()).toBe('the agents');
    const from = { agentsUrl: server.url, token: TOKEN };
    await expect(relayPages(from)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('no queue yet'),
    });
    pages = async ({ url }) => new Response(new URL(url).pathname);
    expect(await (await (await relayPages(from)).fetch(new Request('http://127.0.0.1/api/queues'))).text()).toBe(
      '/api/queues',
    );
    const none = await startHttpServer({
      ...{ host: '127.0.0.1', port: 0 },
      createApp: () => withBoard(agents, '', async () => pages),
    });
    const asked = await fetch(`${none.url}/jobs-board/`, { headers: { authorization: 'Bearer ' } });
    expect(await asked.text()).toBe('the agents');
    await none.close();
  } finally {
    await server.close();
  }
});
