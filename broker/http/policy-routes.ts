/** `/api/policy` and `/api/windows`: what decides, why changes are stopped, and the life cycle of bundles: sign, propose, activate, go back. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { Subject } from '../contract.ts';
import { filesForm, rulesForm } from '../policy-bundles/bundle.ts';
import { matrixQuestion, whatIfQuestion } from '../policy-bundles/what-if.ts';
import type { ControlDesk } from './control-desk.ts';
import { ballot, parseBody, parseWith, readId, readJson } from './request.ts';

export const folder = z.strictObject({ files: filesForm, rules: rulesForm });
export const proposal = ballot.extend({ signed: z.string().min(1) });
export const mode = ballot.extend({ policy: z.string().min(1).max(100), mode: z.enum(['enforce', 'observe']) });
export const wantedWindow = ballot.extend({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  devices: z
    .array(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/))
    .min(1)
    .max(100),
  from: z.iso.datetime({ offset: true }),
  seconds: z.int().min(60),
});
export const keyName = z.strictObject({ key: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

export function policyRoutes(api: Hono<{ Variables: { subject: Subject } }>, desk: ControlDesk): void {
  api.get('/policy', async (c) => c.json(await desk.policy(c.get('subject'))));
  api.get('/policy/matrix', async (c) => {
    const { agent } = parseWith(matrixQuestion, c.req.query(), 'The query');
    return c.json(await desk.policyMatrix(c.get('subject'), agent));
  });
  api.post('/policy/explain', async (c) =>
    c.json(await desk.explainPolicy(c.get('subject'), parseBody(whatIfQuestion, await readJson(c)))),
  );
  api.post('/policy/resume', async (c) => {
    const { reason } = parseBody(ballot, await readJson(c));
    return c.json({ resumed: await desk.resumeChanges(c.get('subject'), reason) });
  });
  api.get('/windows', async (c) => c.json({ windows: await desk.windows(c.get('subject')) }));
  api.post('/windows', async (c) =>
    c.json(await desk.openWindow(c.get('subject'), parseBody(wantedWindow, await readJson(c))), 201),
  );
  api.post('/windows/:id/close', async (c) => {
    const id = readId(c, 'win');
    parseBody(z.strictObject({}), await readJson(c));
    return c.json(await desk.closeWindow(c.get('subject'), id));
  });
  api.get('/policy/bundles', async (c) => c.json({ bundles: await desk.bundles(c.get('subject')) }));
  api.get('/policy/bundles/:id', async (c) => c.json(await desk.bundle(c.get('subject'), readId(c, 'pol'))));
  api.post('/policy/sign', async (c) => {
    const { files, rules } = parseBody(folder, await readJson(c));
    return c.json(await desk.signBundle(c.get('subject'), files, rules));
  });
  api.post('/policy/bundles', async (c) => {
    const { signed, reason } = parseBody(proposal, await readJson(c));
    return c.json(await desk.proposeBundle(c.get('subject'), signed, reason), 201);
  });
  api.post('/policy/bundles/:id/activate', async (c) => {
    const id = readId(c, 'pol');
    const { reason } = parseBody(ballot, await readJson(c));
    return c.json(await desk.activateBundle(c.get('subject'), id, reason));
  });
  api.post('/policy/rollback', async (c) => {
    const { reason } = parseBody(ballot, await readJson(c));
    return c.json(await desk.rollbackPolicy(c.get('subject'), reason));
  });
  api.post('/policy/mode', async (c) => {
    const { policy, mode: wanted, reason } = parseBody(mode, await readJson(c));
    return c.json(await desk.setPolicyMode(c.get('subject'), policy, wanted, reason));
  });
  api.post('/policy/keys/retire', async (c) => {
    const { key } = parseBody(keyName, await readJson(c));
    await desk.retirePolicyKey(c.get('subject'), key);
    return c.json({ retired: key });
  });
}
