/** `/api/identity`: who one is, second factors, agents, people and keys; every route demands the control audience. */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import type { Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import type { IdentityDesk } from './identity-desk.ts';
import { readCredential, readJson } from './request.ts';

export interface IdentityRoutesDeps {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly identityDesk: IdentityDesk;
}

const reason = z.string().trim().min(1).max(500);
export const code = z.strictObject({ code: z.string().regex(/^\d{6}$/, 'six digits') });
export const passkey = z.strictObject({ name: z.string().trim().min(1).max(80), response: z.unknown() });
export const shownPasskey = z.strictObject({ response: z.unknown() });
/** Where to, and the PKCE challenge (S256, RFC 7636 §4.2) of the authorization that follows. */
export const otherTenant = z.strictObject({
  tenant: z.string().regex(/^[a-z0-9-]{1,64}$/),
  challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
const nothing = z.strictObject({});
export const stop = z.strictObject({ reason });
export const approval = z.strictObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), reason });
export const personChange = z.strictObject({
  disabled: z.boolean().optional(),
  roles: z.array(z.string().max(40)).max(10).optional(),
});
const personName = /^[a-z0-9._-]{1,64}@[a-z0-9-]{1,64}$/;

export function identityRoutes(deps: IdentityRoutesDeps): Hono<{ Variables: { subject: Subject } }> {
  const { identityDesk: desk } = deps;
  const api = new Hono<{ Variables: { subject: Subject } }>();

  api.use(async (c, next) => {
    c.set('subject', await deps.authenticate(await readCredential(c, deps.url), CONTROL_AUDIENCE));
    await next();
  });

  api.get('/me', async (c) => c.json(await desk.whoami(c.get('subject'))));
  api.post('/switch', async (c) => {
    const { tenant, challenge } = parse(otherTenant, await readJson(c));
    return c.json(await desk.switchTenant(c.get('subject'), tenant, challenge));
  });
  api.post('/second-factor', async (c) => {
    parse(nothing, await readJson(c));
    return c.json(await desk.beginFactor(c.get('subject')));
  });
  api.post('/second-factor/confirm', async (c) => {
    await desk.confirmFactor(c.get('subject'), parse(code, await readJson(c)).code);
    return c.json({ enrolled: true });
  });
  api.post('/step-up', async (c) => c.json(await desk.stepUp(c.get('subject'), parse(code, await readJson(c)).code)));

  api.get('/passkeys', async (c) => c.json(await desk.passkeys(c.get('subject'))));
  api.post('/passkeys/options', async (c) => {
    parse(nothing, await readJson(c));
    return c.json(await desk.beginPasskey(c.get('subject')));
  });
  api.post('/passkeys', async (c) => {
    const { name, response } = parse(passkey, await readJson(c));
    return c.json(await desk.addPasskey(c.get('subject'), name, response));
  });
  api.post('/passkeys/:key/remove', async (c) => {
    parse(nothing, await readJson(c));
    await desk.removePasskey(c.get('subject'), c.req.param('key'));
    return c.json({ removed: true });
  });
  api.post('/step-up/passkey/options', async (c) => {
    parse(nothing, await readJson(c));
    return c.json(await desk.beginPasskeyStepUp(c.get('subject')));
  });
  api.post('/step-up/passkey', async (c) => {
    const { response } = parse(shownPasskey, await readJson(c));
    return c.json(await desk.stepUpByPasskey(c.get('subject'), response));
  });

  api.get('/agents', async (c) => c.json({ agents: await desk.agents(c.get('subject')) }));
  api.post('/agents/:name/approve', async (c) => {
    const body = parse(approval, await readJson(c));
    return c.json(await desk.approveAgent(c.get('subject'), c.req.param('name'), body.digest, body.reason));
  });
  api.post('/agents/:name/stop', async (c) => {
    const body = parse(stop, await readJson(c));
    return c.json(await desk.stopAgent(c.get('subject'), c.req.param('name'), body.reason));
  });

  api.get('/people', async (c) => c.json({ people: await desk.people(c.get('subject')) }));
  api.post('/people/:human', async (c) => {
    const human = named(c, 'human', personName);
    const { disabled, roles } = parse(personChange, await readJson(c));
    const change = { ...(disabled === undefined ? {} : { disabled }), ...(roles === undefined ? {} : { roles }) };
    return c.json(await desk.setPerson(c.get('subject'), human, change));
  });

  api.post('/people/:human/forget-factors', async (c) => {
    parse(nothing, await readJson(c));
    return c.json(await desk.forgetFactors(c.get('subject'), named(c, 'human', personName)));
  });

  api.get('/keys', async (c) => c.json({ keys: await desk.keys(c.get('subject')) }));
  api.post('/keys/:kind/rotate', async (c) => {
    parse(nothing, await readJson(c));
    return c.json({ keys: await desk.rotateKey(c.get('subject'), c.req.param('kind')) });
  });
  return api;
}

/** A name in the path; one that cannot be ours is as unknown as one that is not there. */
function named(context: Context, parameter: string, form: RegExp): string {
  const value = context.req.param(parameter) ?? '';
  if (!form.test(value)) throw new WayleaveError('NOT_FOUND');
  return value;
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') ?? '';
  throw new WayleaveError('USAGE', `The body is not valid: ${where} ${issue?.message ?? ''}`.trim());
}
