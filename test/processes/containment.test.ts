/**
 * A containment ends also when the broker is killed: between its beginning and its end, at its end, and in the middle of its
 * reversal. Real processes, a real database and NETCONF over SSH.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Containment } from '../../broker/containment/containment.ts';
import type { CallArguments } from '../../broker/contract.ts';
import { openStage, type Person, type Stage, until, verifyAudit } from './fixture.ts';

const TENANT = 'acme';
const DEVICE = 'br1_edge';
const CAMERA = '10.1.30.11';

let stage: Stage;
let admin: Person;
let deputy: Person;
let incident: string;

/** People log in anew after each restart: their tokens lived in the broker's memory. */
async function signIn(): Promise<void> {
  [admin, deputy] = await Promise.all([stage.signIn('admin@acme'), stage.signIn('deputy@acme')]);
}

beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:s' });
  await signIn();
  const opened = await admin.call('inventory', 'incident.open', {
    input: { title: 'the camera calls home', severity: 'major', resources: ['host/br1_iot_cam1'], evidence: [] },
    purpose: 'chat:camera',
  });
  if (opened.status !== 'done') throw new Error('an incident is opened at once');
  incident = opened.evidence[0]?.resource.slice('incident/'.length) ?? '';
});
afterAll(() => stage.close());

const configuration = () => stage.network.config(TENANT, DEVICE);

/** Puts a quarantine of so many seconds in place. */
async function quarantine(seconds: number): Promise<Containment> {
  const asked: CallArguments = {
    ...{ target: { devices: [DEVICE] }, input: { address: CAMERA, seconds }, purpose: incident },
    intent: `int_${randomUUID().replaceAll('-', '')}`,
  };
  const submit = () => admin.call('security', 'host.quarantine', asked);
  const pending = await submit();
  if (pending.status !== 'pending') throw new Error('a containment waits for approval');
  await deputy.desk.approve(pending.approval, 'it calls nobody of ours');
  expect(await submit()).toMatchObject({ status: 'done', receipt: { outcome: 'succeeded' } });
  const kept = (await admin.desk.containments()).find(({ intent }) => intent === pending.intent);
  if (kept === undefined) throw new Error('it is not kept');
  return kept;
}

const stateOf = async ({ id }: Containment): Promise<Containment> => admin.desk.containment(id);

/** It has ended, the device is as before, and the log says so and is whole. */
async function demandEnded(kept: Containment, before: unknown): Promise<void> {
  const ended = await until(async () => {
    const now = await stateOf(kept);
    expect(now.state).toBe('ended');
    return now;
  }, 120_000);
  expect(ended.endedBy).toBeUndefined();
  expect(Date.parse(ended.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(kept.until));
  expect(await configuration()).toEqual(before);
  const entries = await admin.desk.auditEntries(0, 1000);
  const ends = entries.filter(({ kind, intent }) => kind === 'containment.ended' && intent === kept.intent);
  expect(ends.map(({ content }) => content['proven'])).toEqual([true]);
  await verifyAudit(stage, admin);
}

it('killed before the end: the new broker knows of it, and takes it back at its time', async () => {
  const before = await configuration();
  const kept = await quarantine(45);
  await stage.killBroker();
  expect(await configuration()).not.toEqual(before);
  await stage.restartBroker();
  await signIn();
  expect((await stateOf(kept)).until).toBe(kept.until);
  await demandEnded(kept, before);
});

it('down at the end: it is taken back at the next start', async () => {
  const before = await configuration();
  const kept = await quarantine(5);
  await stage.killBroker();
  await until(() => expect(Date.now()).toBeGreaterThan(Date.parse(kept.until) + 1000));
  expect(await configuration()).not.toEqual(before);
  await stage.restartBroker();
  await signIn();
  await demandEnded(kept, before);
});

it.each(['commit', 'edit-config'])(
  'killed in the middle of the reversal, at %s: it is brought to its end',
  async (point) => {
    const before = await configuration();
    const kept = await quarantine(10);
    const hold = await stage.network.hold(TENANT, DEVICE, point, 'after');
    await hold.reached();
    await stage.killBroker();
    await stage.restartBroker();
    await hold.release();
    await signIn();
    await demandEnded(kept, before);
    // Nothing is left behind that would stand in the way of the next.
    expect((await admin.desk.device(DEVICE)).quarantine).toEqual([]);
  },
);

it('a person ends it before its time, and nobody else can', async () => {
  const before = await configuration();
  const kept = await quarantine(3600);
  const operator = await stage.signIn('operator@acme');
  await expect(operator.desk.endContainment(kept.id, 'let it go')).rejects.toMatchObject({ code: 'DENIED' });
  await deputy.desk.endContainment(kept.id, 'the camera was replaced');
  await until(async () => expect((await stateOf(kept)).state).toBe('ended'), 60_000);
  expect(await configuration()).toEqual(before);
});
