/** Policies in a running installation: other ones come into force by two people, over a restart, and never by the database alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_POLICIES } from '../../broker/policy/load-policies.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { bundleIn, runWayleave, type Said } from './command-line.ts';
import { openStage, type Stage } from './fixture.ts';

let stage: Stage;
const folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-policies-'));
const policies = path.join(folder, 'policies');
beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:s' });
  await cp(DEFAULT_POLICIES, policies, { recursive: true });
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

const wayleave = (...args: readonly string[]): Promise<Said> => runWayleave(stage, ...args);
/** One text replaced in the policies and in their cases. */
async function edit(from: string, to: string): Promise<void> {
  for (const name of ['people.cedar', 'people.test.yaml', 'boundaries.test.yaml', 'agents.test.yaml']) {
    const file = path.join(policies, name);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(from, to));
  }
}

/** The policies of the folder, signed and proposed by the administrator. */
async function propose(): Promise<Said> {
  const file = path.join(folder, 'new.bundle');
  const signed = await wayleave('policy', 'sign', policies, '--out', file, '--as', 'provider@acme');
  expect(signed).toMatchObject({ exit: 0, out: expect.stringMatching(/sha256:/) });
  return wayleave('policy', 'propose', file, '--reason', 'fewer at once', '--as', 'provider@acme');
}
const activate = (id: string, who: string): Promise<Said> =>
  wayleave('policy', 'activate', id, '--reason', 'read the diff', '--as', `${who}@acme`);

it('come into force by two people, by the command line, and void what was approved under the old ones', {
  timeout: 180_000,
}, async () => {
  const change = {
    target: { devices: ['br1_edge'] },
    input: { interface: 'ge0/2', description: 'new' },
    purpose: 'chat:1',
  };
  const intent = { ...change, intent: 'int_oldpolicy' };
  const operator = await stage.signIn('operator@acme');
  const asked = await operator.call('wan', 'interface.set-description', intent);
  if (asked.status !== 'pending') throw new Error('a change waits for approval');
  await (await stage.signIn('deputy@acme')).desk.approve(asked.approval, 'fine');

  await edit('limit 20 devices', 'limit 15 devices');
  const proposed = await propose();
  expect(proposed).toMatchObject({ exit: 0, out: expect.stringMatching(/waits for somebody else \(1 of 2\)/) });
  const id = bundleIn(proposed);
  expect(await activate(id, 'provider')).toMatchObject({ exit: 3 });
  for (const nobody of ['operator', 'admin', 'deputy']) expect((await activate(id, nobody)).exit).toBe(3);
  const shown = await wayleave('policy', 'show', id, '--as', 'deputy@acme');
  expect(shown.out).toMatch(/^-.*limit 20 devices.*\n\+.*limit 15 devices/m);
  expect(await activate(id, 'steward')).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/in force \(activation 2\)/),
  });

  await expect(operator.call('wan', 'interface.set-description', intent)).rejects.toMatchObject({ code: 'DRIFT' });
  const again = await operator.call('wan', 'interface.set-description', { ...change, intent: 'int_newpolicy' });
  expect(again).toMatchObject({
    summary: { decision: { obligations: expect.arrayContaining([{ kind: 'limit', devices: 15 }]) } },
  });
});

it('are the same after a restart, and when their key was rotated', { timeout: 120_000 }, async () => {
  const before = await wayleave('policy', 'status', '--json', '--as', 'auditor@acme');
  expect((await wayleave('keys', 'rotate', 'policy', '--as', 'provider@acme')).exit).toBe(0);
  await stage.killBroker();
  await stage.restartBroker();
  const after = await wayleave('policy', 'status', '--json', '--as', 'auditor@acme');
  expect(JSON.parse(after.out)).toEqual(JSON.parse(before.out));
  expect(JSON.parse(after.out)).toMatchObject({ problem: null, stopped: null, bundle: { activation: 2 } });
});

it('are not what somebody wrote into the database: nothing is permitted, everybody says so, and two people end it', {
  timeout: 240_000,
}, async () => {
  await stage.killBroker();
  const database = await openDatabase({ folder: path.join(stage.home.broker, 'database') });
  const { rowCount } = await database.pool.query(
    `UPDATE identity_records SET record = regexp_replace(record, '"signed":"([^.]*)[.].{4}', '"signed":"\\1.AAAA') WHERE kind = 'policy-bundle'`,
  );
  expect(rowCount).toBe(2);
  await database.close();
  await stage.restartBroker();

  const operator = await stage.signIn('operator@acme');
  const read = { target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' };
  await expect(operator.call('diagnostics', 'system.read', read)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const status = await wayleave('policy', 'status', '--as', 'auditor@acme');
  expect(status).toMatchObject({ exit: 20, out: expect.stringMatching(/PROBLEM .*does not hold/) });
  expect(status.err).toMatch(/policy sign/);
  const doctor = await wayleave('doctor');
  expect(doctor).toMatchObject({
    exit: 1,
    out: expect.stringMatching(/WRONG +broker ready .*does not hold.*policy status/),
  });
  expect(await readFile(path.join(stage.home.logs, 'broker.log'), 'utf8')).toMatch(/THE STORED POLICIES DO NOT HOLD/);
  expect((await wayleave('policy', 'bundles', '--as', 'auditor@acme')).out).toMatch(/BROKEN/);

  const id = bundleIn(await propose());
  expect((await activate(id, 'steward')).exit).toBe(0);
  expect((await operator.call('diagnostics', 'system.read', read)).status).toBe('done');
  expect(await wayleave('policy', 'status', '--as', 'auditor@acme')).toMatchObject({
    ...{ exit: 20, out: expect.stringMatching(/STOPPED: the stored policies do not hold/) },
  });
  const resumed = await wayleave('policy', 'resume', '--reason', 'the backup job wrote there', '--as', 'provider@acme');
  expect(resumed.exit).toBe(0);
  expect((await wayleave('doctor')).exit).toBe(0);
});
