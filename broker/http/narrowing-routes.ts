/** `/api/policy/narrowing`: a tenant's own policies, which only forbid; every route demands the control audience. */
import { Hono } from 'hono';
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import type { Subject } from '../contract.ts';
import { narrowingFiles } from '../policy-bundles/narrowing.ts';
import type { NarrowingDesk } from '../policy-bundles/narrowing-desk.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import { ballot, parseBody, readCredential, readJson } from './request.ts';

export const narrowing = ballot.extend({ files: narrowingFiles });
export const narrowingVote = ballot.extend({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) });

export function narrowingRoutes(deps: {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly narrowingDesk: NarrowingDesk;
}): Hono<{ Variables: { subject: Subject } }> {
  const { narrowingDesk: desk } = deps;
  const api = new Hono<{ Variables: { subject: Subject } }>();
  api.use(async (c, next) => {
    c.set('subject', await deps.authenticate(await readCredential(c, deps.url), CONTROL_AUDIENCE));
    await next();
  });
  api.get('/', async (c) => c.json(await desk.view(c.get('subject'))));
  api.post('/', async (c) => {
    const { files, reason } = parseBody(narrowing, await readJson(c));
    return c.json(await desk.propose(c.get('subject'), files, reason), 201);
  });
  api.post('/activate', async (c) => {
    const { digest, reason } = parseBody(narrowingVote, await readJson(c));
    return c.json(await desk.activate(c.get('subject'), digest, reason));
  });
  return api;
}
