/** `/api/worker`: what workers hear of schedules and say of their runs; every route demands an assertion with a worker's key. */
import { Hono } from 'hono';
import { z } from 'zod';
import { runId, runReport } from '../schedules/runs.ts';
import type { WorkerDesk } from '../schedules/worker-desk.ts';
import { workerReport } from '../schedules/workers.ts';
import { parseBody, readId, readJson } from './request.ts';

/** Whom a worker's assertion is for. */
export const workerAudience = (brokerUrl: string): string => `${brokerUrl}/api/worker`;

export interface WorkerRoutesDeps {
  readonly url: string;
  /** Throws `UNAUTHENTICATED`. */
  readonly verifyWorker: (header: string | undefined, audience: string) => Promise<void>;
  readonly workerDesk: WorkerDesk;
}

export const begin = z.strictObject({ run: runId });
export const report = z.strictObject({ run: runId, ...runReport.shape });

export function workerRoutes({ url, verifyWorker, workerDesk: desk }: WorkerRoutesDeps): Hono {
  const api = new Hono();
  api.use(async (c, next) => {
    await verifyWorker(c.req.header('authorization'), workerAudience(url));
    await next();
  });

  api.get('/schedules', async (c) => c.json({ schedules: await desk.schedules() }));
  api.post('/schedules/:id/begin', async (c) => {
    const { run } = parseBody(begin, await readJson(c));
    return c.json(await desk.begin(readId(c, 'sch'), run));
  });
  api.post('/schedules/:id/report', async (c) => {
    const { run, ...said } = parseBody(report, await readJson(c));
    return c.json({ goOn: await desk.report(readId(c, 'sch'), run, said) });
  });
  api.post('/heard', async (c) => {
    await desk.hear(parseBody(workerReport, await readJson(c)));
    return c.json({ heard: true });
  });
  return api;
}
