/** bull-board over a real queue: for who may look, for reading, in one browser, and on no other name. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Board, startBoard } from '../../../apps/jobs/board.ts';
import { openQueue } from '../../../apps/jobs/queue.ts';

const { DATABASE_URL: databaseUrl = '', REDIS_URL: redisUrl = '' } = process.env;
const STORES = [
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
      const queue = await openQueue(location, { alarm: fail });
      try {
        await queue.runNow('sch_one', 'run_one');
        let may = true;
        let seconds = 0;
        const mayLook = async (): Promise<boolean> => may;
        board = await startBoard({ location, port: 0, mayLook, now: () => 1000 * seconds, alarm: fail });
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
        const shown = JSON.parse((await ask(`${origin}/api/queues?activeQueue=${location.name}`, own)).body);
        expect(shown.queues).toMatchObject([{ name: location.name, readOnlyMode: true, jobs: [{ id: 'run_one' }] }]);
        expect(JSON.stringify(shown.queues[0].jobs[0].data)).toContain('sch_one');
        for (const method of ['PUT', 'POST', 'DELETE', 'PATCH'])
          expect((await ask(`${origin}/api/queues/${location.name}/pause`, own, method)).status).toBe(405);
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
