/** `/api/schedules`: the scheduled work of a tenant; every route demands the control audience. */
import { Hono } from 'hono';
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import type { Subject } from '../contract.ts';
import { wantedSchedule } from '../identity/schedules.ts';
import type { ScheduleDesk } from '../schedules/desk.ts';
import { runId } from '../schedules/runs.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import { parseBody, readCredential, readId, readJson } from './request.ts';

export interface ScheduleRoutesDeps {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly scheduleDesk: ScheduleDesk;
}

const nothing = z.strictObject({});
export const wantedRetry = z.strictObject({ run: runId });

export function scheduleRoutes({ url, authenticate, scheduleDesk: desk }: ScheduleRoutesDeps) {
  const api = new Hono<{ Variables: { subject: Subject } }>();
  api.use(async (c, next) => {
    c.set('subject', await authenticate(await readCredential(c, url), CONTROL_AUDIENCE));
    await next();
  });

  api.get('/', async (c) => c.json({ schedules: await desk.list(c.get('subject')) }));
  api.post('/', async (c) =>
    c.json(await desk.add(c.get('subject'), parseBody(wantedSchedule, await readJson(c))), 201),
  );
  api.get('/queue', async (c) => c.json(await desk.queue(c.get('subject'))));
  api.get('/dead', async (c) => c.json({ runs: await desk.dead(c.get('subject')) }));
  api.post('/:id/retry', async (c) => {
    const { run } = parseBody(wantedRetry, await readJson(c));
    return c.json(await desk.retry(c.get('subject'), readId(c, 'sch'), run));
  });
  api.get('/:id/runs', async (c) => c.json({ runs: await desk.runs(c.get('subject'), readId(c, 'sch')) }));
  for (const [verb, act] of [
    ['pause', desk.pause],
    ['resume', desk.resume],
    ['run', desk.runNow],
  ] as const) {
    api.post(`/:id/${verb}`, async (c) => {
      parseBody(nothing, await readJson(c));
      return c.json(await act(c.get('subject'), readId(c, 'sch')));
    });
  }
  api.post('/:id/end', async (c) => {
    parseBody(nothing, await readJson(c));
    const id = readId(c, 'sch');
    await desk.end(c.get('subject'), id);
    return c.json({ ended: id });
  });
  return api;
}
