/**
 * The broker is killed in the middle of a change: afterwards the intent has a known outcome that every device agrees with,
 * nothing is pending there, the change is not made twice, and the log is whole.
 *
 * `npm run crashes` kills at every point with ten seeds; by itself this file takes the day's seed and some of the points.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CallArguments, Outcome } from '../../broker/contract.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { collect, type DeviceHold, descriptionOf, openStage, type Person, type Stage, verifyAudit } from './fixture.ts';

const TENANT = 'acme';
const DEVICES: readonly string[] = ['br1_edge', 'br2_edge'];
const DAY_MS = 86_400_000;
/** Points taken of a seed when nobody asked for all of them: each costs a restart of the broker. */
const SHORT = 4;
const asked = process.env['WAYLEAVE_CRASH_SEEDS'];
const SEEDS = (asked ?? String(1 + (Math.floor(Date.now() / DAY_MS) % 1000))).split(',').map(Number);

let stage: Stage;
let operator: Person;
let admin: Person;
/** Checkpoints that were seen outside: the log may only grow beyond them. */
const anchors: string[] = [];

/** People log in anew after each restart: their tokens lived in the broker's memory. */
async function signIn(): Promise<void> {
  [operator, admin] = await Promise.all([stage.signIn('operator@acme'), stage.signIn('admin@acme')]);
}
beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:s' });
  await signIn();
});
afterAll(() => stage.close());

/** A change that leaves traffic alone, under a key of its own. */
const describePort = (devices: readonly string[], port: string, description: string): CallArguments => ({
  target: { devices },
  input: { interface: port, description },
  purpose: 'chat:describe',
  intent: `int_${randomUUID().replaceAll('-', '')}`,
});
const submit = (change: CallArguments) => operator.call('wan', 'interface.set-description', change);

/** What was asked for, under which key, and what the broker calls it. */
interface Proposed {
  readonly change: CallArguments;
  readonly devices: readonly string[];
  readonly port: string;
  readonly intent: string;
  readonly approval: string;
  /** Descriptions before, in the order of the devices. */
  readonly before: string[];
}

const shown = (devices: readonly string[], port: string): Promise<string[]> =>
  Promise.all(devices.map((device) => descriptionOf(stage, TENANT, device, port)));

async function propose(
  description: string,
  devices: readonly string[] = DEVICES.slice(0, 1),
  port = 'ge0/0',
): Promise<Proposed> {
  const before = await shown(devices, port);
  const change = describePort(devices, port, description);
  const answer = await submit(change);
  if (answer.status !== 'pending') throw new Error('a change waits for approval');
  return { change, devices, port, intent: answer.intent, approval: answer.approval, before };
}

/** Kills, restarts and logs in again; `release` lets the device go on when it has long seen that nobody waits for it. */
async function crash(release: () => Promise<void> = async () => undefined): Promise<void> {
  anchors.push(await admin.desk.auditCheckpoint());
  await stage.killBroker();
  await stage.restartBroker();
  await release();
  await signIn();
}

/** Locks, commits for a moment and takes it back: refused while a lock is held or a commit is pending (RFC 6241 §8.4). */
async function demandNothingPending(device: string): Promise<void> {
  const found = stage.inventory.tenants[0]?.devices.find(({ name }) => name === device);
  if (found === undefined) throw new Error(`no device ${device}`);
  const driver = createNetconfDriver();
  try {
    const session = await driver.openWriteSession({ tenant: TENANT, device, ...found.endpoint });
    await session.lockCandidate();
    await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'probe' });
    await session.cancelCommit('probe');
    await session.unlockCandidate();
    await session.close();
  } finally {
    await driver.close();
  }
}

/** Everything that must be so after a crash, whatever the outcome was. */
async function demandSettled({ change, devices, port, intent, before }: Proposed): Promise<Outcome> {
  const receipt = await operator.desk.receipt(intent);
  expect(['succeeded', 'failed', 'reverted']).toContain(receipt.outcome);
  const wanted = String(change.input['description']);
  // All of them hold it, or none.
  expect(await shown(devices, port)).toEqual(receipt.outcome === 'succeeded' ? devices.map(() => wanted) : [...before]);
  for (const device of devices) await demandNothingPending(device);

  // Asked again, the broker says how it ended; a second execution would overwrite what somebody else did since.
  const end = { status: 'done', intent, receipt: { outcome: receipt.outcome } };
  expect(await submit(change)).toMatchObject(end);
  for (const device of devices) await stage.network.describe(TENANT, device, port, 'by hand');
  expect(await submit(change)).toMatchObject(end);
  expect(await shown(devices, port)).toEqual(devices.map(() => 'by hand'));

  const entries = (await admin.desk.auditEntries(Math.max(0, receipt.auditIndex - 500), 1000)).filter(
    (entry) => entry.intent === intent,
  );
  const outcomes = entries.filter(({ kind, index }) => kind === 'outcome' && index <= receipt.auditIndex);
  expect(outcomes.map(({ index }) => index)).toEqual([receipt.auditIndex]);
  expect(outcomes[0]?.content['outcome']).toBe(receipt.outcome);
  await verifyAudit(stage, admin, anchors);
  return receipt.outcome;
}

/** The rpcs of a transaction in their order, and what must have become of a change of one device when the broker dies there. */
const POINTS: readonly (readonly [string, 'before' | 'after', Outcome])[] = [
  ['lock', 'before', 'failed'],
  ['lock', 'after', 'failed'],
  ['edit-config', 'before', 'failed'],
  ['edit-config', 'after', 'failed'],
  ['validate', 'before', 'failed'],
  ['validate', 'after', 'failed'],
  // From here on the broker cannot know whether its commit arrived; it cancels, and says that it did.
  ['commit', 'before', 'reverted'],
  ['commit', 'after', 'reverted'],
  ['read-back', 'before', 'reverted'],
  ['read-back', 'after', 'reverted'],
  // Verified; without its confirmation the device takes it back, with it the change stands.
  ['confirm', 'before', 'reverted'],
  ['confirm', 'after', 'succeeded'],
  ['unlock', 'before', 'succeeded'],
  ['unlock', 'after', 'succeeded'],
];

/** Lets the transaction of a device come to `point` and stop there. Two rpcs are not the first of their name: a hold before leads to them. */
async function stopAt(device: string, point: string, when: 'before' | 'after', start: () => void): Promise<DeviceHold> {
  const hold = (operation: string, at: 'before' | 'after') => stage.network.hold(TENANT, device, operation, at);
  const follow = async (first: DeviceHold, operation: string, at: 'before' | 'after'): Promise<DeviceHold> => {
    await first.reached();
    const next = await hold(operation, at);
    await first.release();
    return next;
  };
  let last: DeviceHold;
  if (point === 'read-back' || point === 'confirm') {
    const committed = await hold('commit', 'after');
    start();
    const readBack = await follow(committed, 'get-config', point === 'read-back' ? when : 'after');
    last = point === 'read-back' ? readBack : await follow(readBack, 'commit', when);
  } else {
    last = await hold(point, when);
    start();
  }
  await last.reached();
  return last;
}

/** One change and one death: of one device or of both, at another port and another point for every seed. */
interface Case {
  readonly seed: number;
  readonly point: (typeof POINTS)[number];
  readonly devices: readonly string[];
  readonly port: string;
  /** The device at which the broker is stopped. */
  readonly at: string;
}

const CASES: readonly Case[] = SEEDS.flatMap((seed) =>
  POINTS.map((point, index): Case => {
    const turn = seed + index;
    const both = turn % 2 === 0 ? DEVICES : [...DEVICES].reverse();
    const devices = turn % 3 === 0 ? both : both.slice(0, 1);
    return { seed, point, devices, port: `ge0/${turn % 2}`, at: devices[Math.floor(turn / 3) % devices.length] ?? '' };
  }).filter((_, index) => asked !== undefined || (index + seed) % Math.ceil(POINTS.length / SHORT) === 0),
);

describe('killed in the middle of a transaction', () => {
  it.each(
    CASES.map((one) => {
      const [point, when] = one.point;
      return [
        `seed ${one.seed}: at ${point} of ${one.at}, ${when} it was done, of ${one.devices.join(' and ')}`,
        one,
      ] as const;
    }),
  )('%s', async (_says, { seed, point: [point, when, outcome], devices, port, at }) => {
    const proposed = await propose(`${seed} ${point} ${when}`, devices, port);
    await admin.desk.approve(proposed.approval, 'looks right');
    let cut: Promise<unknown> = Promise.resolve();
    const hold = await stopAt(at, point, when, () => {
      cut = submit(proposed.change).catch((error: unknown) => error);
    });
    await crash(() => hold.release());
    expect(await cut).toMatchObject({ code: 'UNAVAILABLE' });
    const told = await demandSettled(proposed);
    if (devices.length === 1) expect(told).toBe(outcome);
  });
});

describe('killed between the parts of a change', () => {
  it('keeps an approval that was given, and executes the change once when it is asked for again', async () => {
    const proposed = await propose('approved before');
    await admin.desk.approve(proposed.approval, 'looks right');
    await crash();
    expect(await shown(proposed.devices, proposed.port)).toEqual(proposed.before);
    expect(await submit(proposed.change)).toMatchObject({ status: 'done', receipt: { outcome: 'succeeded' } });
    expect(await demandSettled(proposed)).toBe('succeeded');
  });

  it('keeps a proposal that waits, and a conversation goes on with a new login', async () => {
    await stage.network.inject(TENANT, 'bgp_asn_mismatch', 'node/br2_edge');
    const asked = await collect(operator.chat.ask('why can branch 2 not reach the data centre?'));
    const thread = asked.flatMap((item) => ('thread' in item ? [item.thread] : []))[0] ?? '';
    const pending = asked.flatMap((item) => ('type' in item && item.type === 'pending' ? [item] : []))[0];
    if (pending === undefined) throw new Error('no change waits');
    await crash();
    await admin.desk.approve(pending.approval, 'looks right');
    const resumed = await collect(operator.chat.resume(thread));
    expect(resumed).toContainEqual(expect.objectContaining({ type: 'outcome', outcome: 'succeeded' }));
    expect((await operator.desk.receipt(pending.intent)).outcome).toBe('succeeded');
    expect((await stage.network.config(TENANT, 'br2_edge')).bgp?.localAs).toBe(65002);
    await verifyAudit(stage, admin, anchors);
  });
});

it('a session that was ended before stays ended after', async () => {
  const ended = await stage.signIn('operator@acme');
  const { sid } = readClaims(await ended.session.token('urn:wayleave:control'));
  expect(await ended.desk.inventory()).toMatchObject({ devices: expect.anything() });
  await admin.desk.endSession(sid);
  await crash();
  await expect(ended.desk.inventory()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

const readClaims = (token: string): { readonly sid: string } =>
  z.object({ sid: z.string() }).parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
