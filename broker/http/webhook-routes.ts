/** `/api/webhooks`: the webhooks of a tenant, for its people. `/hooks/{id}`: where messages come in, each signed. */
import { Hono } from 'hono';
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import type { Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import { type HookDesk, rotation, wantedHook } from '../webhooks/desk.ts';
import type { Reception } from '../webhooks/reception.ts';
import { parseBody, readCredential, readId, readJson } from './request.ts';

export interface WebhookRoutesDeps {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly hookDesk: HookDesk;
}

const nothing = z.strictObject({});

export function webhookRoutes({ url, authenticate, hookDesk: desk }: WebhookRoutesDeps) {
  const api = new Hono<{ Variables: { subject: Subject } }>();
  api.use(async (c, next) => {
    c.set('subject', await authenticate(await readCredential(c, url), CONTROL_AUDIENCE));
    await next();
  });
  api.get('/', async (c) => c.json({ webhooks: await desk.list(c.get('subject')) }));
  api.post('/', async (c) => c.json(await desk.add(c.get('subject'), parseBody(wantedHook, await readJson(c))), 201));
  api.post('/:id/rotate', async (c) => {
    const { overlapHours } = parseBody(rotation, await readJson(c));
    return c.json(await desk.rotate(c.get('subject'), readId(c, 'whk'), overlapHours));
  });
  api.post('/:id/revoke', async (c) => {
    parseBody(nothing, await readJson(c));
    return c.json(await desk.revoke(c.get('subject'), readId(c, 'whk')));
  });
  return api;
}

/** No token opens this: the signature does. The body is read as the text that was signed. */
export function hookRoutes({ reception }: { readonly reception: Reception }): Hono {
  const api = new Hono();
  api.post('/:id', async (c) => {
    const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') throw new WayleaveError('USAGE', 'The body must be application/json.');
    const header = (name: string): string => c.req.header(`webhook-${name}`) ?? '';
    const message = { id: header('id'), timestamp: header('timestamp'), signature: header('signature') };
    const { repeated, opened, updated, resolved } = await reception.receive(c.req.param('id'), {
      ...message,
      body: await c.req.text(),
    });
    // Counts only: who sends alerts need not learn what the incidents are called.
    return c.json({ repeated, opened: opened.length, updated: updated.length, resolved: resolved.length });
  });
  return api;
}
