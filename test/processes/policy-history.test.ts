/** What other policies would have decided, by the command line over a running installation: observed, replayed, and in a window. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_POLICIES } from '../../broker/policy/load-policies.ts';
import { bundleIn, runWayleave, type Said } from './command-line.ts';
import { openStage, type Stage } from './fixture.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:s' });
});
afterAll(() => stage.close());
const wayleave = (...args: readonly string[]): Promise<Said> => runWayleave(stage, ...args);
const READ = { target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' };
const replay = () => wayleave('policy', 'replay', '--candidate', DEFAULT_POLICIES, '--json', '--as', 'auditor@acme');

it('an observed policy decides nothing and is reported, and a replay shows what it would change', {
  timeout: 240_000,
}, async () => {
  const operator = await stage.signIn('operator@acme');
  expect((await operator.call('diagnostics', 'system.read', READ)).status).toBe('done');
  const same = await replay();
  expect(same.exit).toBe(0);
  expect(JSON.parse(same.out)).toMatchObject({ differences: [] });

  const mode = await wayleave(
    'policy',
    'mode',
    'operators-read',
    'observe',
    '--reason',
    'is it used?',
    '--as',
    'provider@acme',
  );
  const activated = await wayleave(
    'policy',
    'activate',
    bundleIn(mode),
    '--reason',
    'let us see',
    '--as',
    'steward@acme',
  );
  expect(activated).toMatchObject({ exit: 0 });
  await expect(operator.call('diagnostics', 'system.read', READ)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const report = await wayleave('policy', 'observe', 'report', '--since', '1h', '--json', '--as', 'auditor@acme');
  expect(JSON.parse(report.out)).toMatchObject({
    differences: [
      { policy: 'operators-read', tool: 'system.read', agent: '-', was: 'deny', would: 'permit', count: 1 },
    ],
  });
  const other = await replay();
  expect(other.exit).toBe(20);
  expect(JSON.parse(other.out)).toMatchObject({
    differences: [
      { tool: 'system.read', human: 'operator@acme', was: { effect: 'deny' }, would: { effect: 'permit' } },
    ],
  });
});

it('a window is opened, seen and closed by who may', { timeout: 120_000 }, async () => {
  const open = (who: string) =>
    wayleave('windows', 'open', '--devices', 'br1_edge', '--for', '2h', '--reason', 'planned', '--json', '--as', who);
  expect((await open('operator@acme')).exit).toBe(3);
  const { id } = JSON.parse((await open('admin@acme')).out) as { readonly id: string };
  expect((await wayleave('windows', 'list', '--as', 'operator@acme')).out).toMatch(/maintenance +open +br1_edge/);
  expect((await wayleave('windows', 'close', id, '--as', 'admin@acme')).exit).toBe(0);
  expect(JSON.parse((await wayleave('windows', 'list', '--json', '--as', 'operator@acme')).out)).toEqual([]);
});
