/** `/api`: approvals, records, sessions and audit for people; every route demands the control audience, which no agent gets. */
import { type Context, Hono } from 'hono';
import { stream, streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import type { Approval, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { RUNG } from '../execution/feed.ts';
import { printPage } from '../incidents/print-page.ts';
import { printMarkdown } from '../incidents/print-report.ts';
import type { Sessions } from '../ports.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import type { ControlDesk } from './control-desk.ts';
import { policyRoutes } from './policy-routes.ts';
import { ballot, parseBody, parseWith, readCredential, readId, readJson } from './request.ts';

export interface ControlRoutesDeps {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly controlDesk: ControlDesk;
  readonly sessions: Sessions;
}

const status = z.enum(['pending', 'approved', 'rejected', 'expired', 'consumed', 'void']).optional();
export const approvalsQuery = z.object({ status });
export const reportQuery = z.object({ format: z.enum(['markdown', 'html']).optional() });
const personName = z.string().regex(/^[a-z0-9._-]{1,64}@[a-z0-9-]{1,64}$/);
const entryNumber = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const word = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);
export const wantedGrant = z.strictObject({
  human: personName,
  agent: word.optional(),
  tools: z.array(word).min(1).max(20),
  devices: z.array(word).min(1).max(100),
  reason: z.string().trim().min(1).max(500),
  seconds: z.int().min(60).max(86_400),
});
export const wantedBreakGlass = z.strictObject({
  incident: z.string().regex(/^inc_[a-z0-9]{1,64}$/),
  devices: z.array(word).min(1).max(20),
  reason: z.string().trim().min(1).max(500),
  seconds: z.int().min(60).max(3600),
});
export const review = z.strictObject({
  verdict: z.enum(['justified', 'unjustified']),
  reason: z.string().trim().min(1).max(500),
});
/** Which channel is tested, which notices go again, which entry or size is proven. */
export const channelName = z.strictObject({ channel: word });
export const wantedNotices = z.union([z.strictObject({ notice: word }), z.strictObject({ failed: z.literal(true) })]);
export const proofQuery = z.object({ index: entryNumber });
export const consistencyQuery = z.object({ size: entryNumber });
export const page = z.object({
  from: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export function controlRoutes(deps: ControlRoutesDeps): Hono<{ Variables: { subject: Subject } }> {
  const { controlDesk: desk } = deps;
  const api = new Hono<{ Variables: { subject: Subject } }>();

  api.use(async (c, next) => {
    c.set('subject', await deps.authenticate(await readCredential(c, deps.url), CONTROL_AUDIENCE));
    await next();
  });

  api.get('/approvals', async (c) => {
    const wanted: Approval['status'] | undefined = readQuery(approvalsQuery, c.req.query()).status;
    return c.json({ approvals: await desk.approvals(c.get('subject'), wanted) });
  });
  api.get('/approvals/:id', async (c) => c.json(await desk.approval(c.get('subject'), readId(c, 'apr'))));
  for (const verdict of ['approve', 'reject'] as const) {
    api.post(`/approvals/:id/${verdict}`, async (c) => {
      const id = readId(c, 'apr');
      const { reason } = parseBody(ballot, await readJson(c));
      return c.json(await desk.vote(c.get('subject'), id, verdict, reason));
    });
  }
  api.get('/intents/:id', async (c) => c.json(await desk.receipt(c.get('subject'), readId(c, 'int'))));
  api.get('/evidence/:id', async (c) => c.json(await desk.evidence(c.get('subject'), readId(c, 'evd'))));
  api.get('/incidents', async (c) => c.json({ incidents: await desk.incidents(c.get('subject')) }));
  api.get('/incidents/:id', async (c) => c.json(await desk.incident(c.get('subject'), readId(c, 'inc'))));
  api.get('/incidents/:id/report', async (c) => {
    const { format = 'markdown' } = readQuery(reportQuery, c.req.query());
    const report = await desk.incident(c.get('subject'), readId(c, 'inc'));
    if (format === 'markdown')
      return c.text(printMarkdown(report), 200, { 'Content-Type': 'text/markdown; charset=utf-8' });
    // A file to keep, never a page of this origin; its own policy lets in its style and nothing else.
    c.header('Content-Disposition', `attachment; filename="${report.id}.html"`);
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    return c.html(printPage(report));
  });
  api.get('/inventory', async (c) => c.json(await desk.inventory(c.get('subject'))));
  api.get('/devices', async (c) => c.json({ devices: await desk.devices(c.get('subject')) }));
  api.get('/devices/:name', async (c) => c.json(await desk.device(c.get('subject'), readName(c))));
  api.post('/devices/:name/release', async (c) => {
    const name = readName(c);
    const { reason } = parseBody(ballot, await readJson(c));
    return c.json({ released: await desk.releaseDevice(c.get('subject'), name, reason) });
  });
  api.get('/containments', async (c) => c.json({ containments: await desk.containments(c.get('subject')) }));
  api.get('/containments/:id', async (c) => c.json(await desk.containment(c.get('subject'), readId(c, 'con'))));
  api.post('/containments/:id/end', async (c) => {
    const id = readId(c, 'con');
    const { reason } = parseBody(ballot, await readJson(c));
    return c.json(await desk.endContainment(c.get('subject'), id, reason));
  });
  policyRoutes(api, desk);
  api.get('/break-glass', async (c) => c.json({ breakGlasses: await desk.breakGlasses(c.get('subject')) }));
  api.post('/break-glass', async (c) =>
    c.json(await desk.breakGlass(c.get('subject'), parseBody(wantedBreakGlass, await readJson(c))), 201),
  );
  api.post('/break-glass/:id/review', async (c) => {
    const id = readId(c, 'bgl');
    return c.json(await desk.reviewBreakGlass(c.get('subject'), id, parseBody(review, await readJson(c))));
  });
  api.get('/notices', async (c) => c.json(await desk.notices(c.get('subject'))));
  api.post('/notices/test', async (c) => {
    const { channel } = parseBody(channelName, await readJson(c));
    return c.json(await desk.testChannel(c.get('subject'), channel));
  });
  api.post('/notices/replay', async (c) => {
    const which = parseBody(wantedNotices, await readJson(c));
    const replayed = await desk.replayNotices(c.get('subject'), 'notice' in which ? which : 'failed');
    return c.json({ replayed });
  });
  api.get('/grants', async (c) => c.json({ grants: await desk.grants(c.get('subject')) }));
  api.post('/grants', async (c) => {
    const { agent, ...wanted } = parseBody(wantedGrant, await readJson(c));
    return c.json(await desk.giveGrant(c.get('subject'), agent === undefined ? wanted : { ...wanted, agent }), 201);
  });
  api.post('/grants/:id/end', async (c) => {
    const id = readId(c, 'grn');
    parseBody(z.strictObject({}), await readJson(c));
    return c.json(await desk.endGrant(c.get('subject'), id));
  });
  api.get('/telemetry', async (c) => c.json(await desk.telemetry(c.get('subject'))));
  api.get('/sessions', async (c) => c.json({ sessions: await desk.sessions(c.get('subject')) }));
  api.get('/risk', async (c) => c.json(await desk.risk(c.get('subject'))));
  api.post('/people/:human/clear-risk', async (c) => {
    const human = personName.safeParse(c.req.param('human'));
    if (!human.success) throw new WayleaveError('NOT_FOUND');
    await desk.clearRisk(c.get('subject'), human.data);
    return c.json({ cleared: human.data });
  });
  api.post('/sessions/:id/end', async (c) => {
    const id = readId(c, 'ses');
    parseBody(z.strictObject({}), await readJson(c));
    await desk.endSession(c.get('subject'), id);
    return c.json({ ended: id });
  });
  api.get('/audit', async (c) => {
    const { from, limit } = readQuery(page, c.req.query());
    return c.json({ entries: await desk.auditEntries(c.get('subject'), from, limit) });
  });
  api.get('/audit/checkpoint', async (c) => c.text(await desk.auditCheckpoint()));
  api.get('/audit/keys', async (c) => c.json(await desk.auditKeys()));
  api.get('/audit/proof', async (c) => {
    const { index } = readQuery(proofQuery, c.req.query());
    return c.json(await desk.auditProof(c.get('subject'), index));
  });
  api.get('/audit/consistency', async (c) => {
    const { size } = readQuery(consistencyQuery, c.req.query());
    return c.json(await desk.auditConsistency(c.get('subject'), size));
  });
  api.get('/audit/export', async (c) => {
    const lines = desk.auditExport(c.get('subject'))[Symbol.asyncIterator]();
    const first = await lines.next(); // a refusal must become a status, which is too late once the stream began
    c.header('Content-Type', 'application/x-ndjson');
    return stream(c, async (out) => {
      for (let line = first; line.done !== true && !out.aborted; line = await lines.next())
        await out.writeln(line.value);
      await lines.return?.();
    });
  });
  api.get('/events', async (c) => {
    const subject = c.get('subject');
    const steps = desk.steps(subject)[Symbol.asyncIterator]();
    return streamSSE(c, async (out) => {
      out.onAbort(() => void steps.return?.());
      await out.writeSSE({ event: 'ready', data: '{}' });
      for (let step = await steps.next(); step.done !== true && !out.aborted; step = await steps.next()) {
        const session = await deps.sessions.get(subject.session); // a stream must not outlive its session
        if (session === undefined || session.endedAt !== undefined) break;
        if (step.value === RUNG) await out.writeSSE({ event: RUNG, data: '{}' });
        else await out.writeSSE({ event: 'step', data: JSON.stringify(step.value) });
      }
      await steps.return?.();
    });
  });
  return api;
}

/** The name of a device in the path; one that cannot be ours is as unknown as one that is not there. */
function readName(context: Context): string {
  const name = context.req.param('name') ?? '';
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name)) throw new WayleaveError('NOT_FOUND');
  return name;
}

function readQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  return parseWith(schema, query, 'The query');
}
