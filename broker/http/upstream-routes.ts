/** `/api/upstreams`: MCP servers of others, for the people who look after them; every route demands the control audience. */
import { Hono } from 'hono';
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import type { Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import type { UpstreamDesk } from '../upstream/desk.ts';
import { readCredential, readJson } from './request.ts';

export interface UpstreamRoutesDeps {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly upstreamDesk: UpstreamDesk;
}

const reason = z.string().trim().min(1).max(500);
const tool = z.string().min(1).max(200);
export const approval = z.strictObject({
  tools: z
    .array(z.strictObject({ tool, digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }))
    .min(1)
    .max(200),
  reason,
  /** The approver states that tools which do not declare it only read. */
  readsOnly: z.boolean().default(false),
});
export const removal = z.strictObject({ reason });
export const stop = z.strictObject({ tool: tool.optional(), reason });

export function upstreamRoutes(deps: UpstreamRoutesDeps): Hono<{ Variables: { subject: Subject } }> {
  const { upstreamDesk: desk } = deps;
  const api = new Hono<{ Variables: { subject: Subject } }>();

  api.use(async (c, next) => {
    c.set('subject', await deps.authenticate(await readCredential(c, deps.url), CONTROL_AUDIENCE));
    await next();
  });

  api.get('/', async (c) => c.json({ upstreams: await desk.list(c.get('subject')) }));
  api.get('/:server', async (c) => c.json(await desk.show(c.get('subject'), c.req.param('server'))));
  api.post('/:server/approve', async (c) => {
    const { tools, ...given } = parse(approval, await readJson(c));
    return c.json(await desk.approve(c.get('subject'), c.req.param('server'), tools, given));
  });
  api.post('/:server/quarantine', async (c) => {
    const body = parse(stop, await readJson(c));
    return c.json(await desk.quarantine(c.get('subject'), c.req.param('server'), body.tool, body.reason));
  });
  api.post('/:server/remove', async (c) => {
    const body = parse(removal, await readJson(c));
    return c.json(await desk.remove(c.get('subject'), c.req.param('server'), body.reason));
  });
  return api;
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new WayleaveError(
    'USAGE',
    `The body is not valid: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}
