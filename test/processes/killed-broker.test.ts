/**
 * The broker is killed in the middle of a change: afterwards the intent has a known outcome that every device agrees with,
 * nothing is pending there, the change is not made twice, and the log is whole; on every rung of the ladder.
 *
 * One death interrupts a change of each of five tenants, each at a point of its own. `npm run crashes` kills at every point
 * with ten seeds; by itself this file takes the day's seed and some of the points.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { CallArguments, Ladder, Outcome } from '../../broker/contract.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { type Case, DEVICES, deathsOf, LOWER, PERSONA, TENANTS, type TenantName } from './crash-points.ts';
import { collect, descriptionOf, openStage, type Person, type Stage, until, verifyAudit } from './fixture.ts';
import { stopAt } from './stop-at.ts';

const DAY_MS = 86_400_000;
const asked = process.env['WAYLEAVE_CRASH_SEEDS'];
const SEEDS = (asked ?? String(1 + (Math.floor(Date.now() / DAY_MS) % 1000))).split(',').map(Number);

// Each test starts a broker anew, beside whatever else the machine does.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** A tenant and its people. */
interface Crew {
  readonly tenant: TenantName;
  readonly operator: Person;
  readonly admin: Person;
  deputy(): Promise<Person>;
}

let stage: Stage;
/** Checkpoints of a tenant that were seen outside: its log may only grow beyond them. */
const anchors: Record<TenantName, string[]> = { acme: [], initech: [], hooli: [], globex: [], umbrella: [] };
/** People log in anew after each restart: their tokens lived in the broker's memory. */
const crews = new Map<TenantName, Promise<Crew>>();

function crewOf(tenant: TenantName): Promise<Crew> {
  const crew = crews.get(tenant) ?? signIn(tenant);
  crews.set(tenant, crew);
  return crew;
}
async function signIn(tenant: TenantName): Promise<Crew> {
  const [operator, admin] = await Promise.all([stage.signIn(`operator@${tenant}`), stage.signIn(`admin@${tenant}`)]);
  return { tenant, operator, admin, deputy: () => stage.signIn(`deputy@${tenant}`) };
}
beforeAll(async () => {
  const names = Object.keys(anchors);
  stage = await openStage({ tenants: names.map((name) => `${name}:s`).join(',') });
});
afterAll(() => stage.close());

/** A change that leaves traffic alone, under a key of its own. */
const newIntent = (): string => `int_${randomUUID().replaceAll('-', '')}`;
const describePort = (devices: readonly string[], port: string, description: string): CallArguments => ({
  target: { devices },
  input: { interface: port, description },
  purpose: 'chat:describe',
  intent: newIntent(),
});
const submit = ({ operator }: Crew, change: CallArguments) => operator.call('wan', 'interface.set-description', change);

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

const shown = ({ tenant }: Crew, devices: readonly string[], port: string): Promise<string[]> =>
  Promise.all(devices.map((device) => descriptionOf(stage, tenant, device, port)));

async function propose(
  crew: Crew,
  description: string,
  devices: readonly string[] = DEVICES.slice(0, 1),
  port = 'ge0/0',
): Promise<Proposed> {
  const before = await shown(crew, devices, port);
  const change = describePort(devices, port, description);
  const answer = await submit(crew, change);
  if (answer.status !== 'pending') throw new Error('a change waits for approval');
  return { change, devices, port, intent: answer.intent, approval: answer.approval, before };
}

const remember = async ({ tenant, admin }: Crew): Promise<void> => {
  anchors[tenant].push(await admin.desk.auditCheckpoint());
};
/** Kills and restarts; `release` lets devices go on when they have long seen that nobody waits for them. Everybody logs in again. */
async function kill(release: () => Promise<void> = async () => undefined): Promise<void> {
  await stage.killBroker();
  await stage.restartBroker();
  await release();
  crews.clear();
}
async function crash(crew: Crew): Promise<Crew> {
  await remember(crew);
  await kill();
  return crewOf(crew.tenant);
}

/** On the device's rung: locks, commits what changes nothing, and unlocks; refused while a lock is held or a commit is pending (RFC 6241 §8.4). */
async function demandNothingPending(tenant: string, device: string, ladder: Ladder): Promise<void> {
  const found = stage.inventory.tenants
    .find((one) => one.tenant === tenant)
    ?.devices.find(({ name }) => name === device);
  if (found === undefined) throw new Error(`no device ${device}`);
  const driver = createNetconfDriver();
  try {
    const session = await driver.openWriteSession({ tenant, device, ...found.endpoint }, undefined, ladder);
    expect(session.ladder).toBe(ladder);
    if (ladder === 'running') {
      await session.lockRunning();
      await session.unlockRunning();
    } else {
      await session.lockCandidate();
      if (ladder === 'candidate') await session.commit();
      else {
        await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'probe' });
        await session.cancelCommit('probe');
      }
      await session.unlockCandidate();
    }
    await session.close();
  } finally {
    await driver.close();
  }
}

/** Everything that must be so after a crash, whatever the outcome was. */
async function demandSettled(
  crew: Crew,
  { change, devices, port, intent, before }: Proposed,
  ladder: Ladder = 'confirmed',
): Promise<Outcome> {
  const { tenant, operator, admin } = crew;
  const receipt = await operator.desk.receipt(intent);
  expect(['succeeded', 'failed', 'reverted']).toContain(receipt.outcome);
  const wanted = String(change.input['description']);
  // All of them hold it, or none.
  const holds = receipt.outcome === 'succeeded' ? devices.map(() => wanted) : [...before];
  expect(await shown(crew, devices, port)).toEqual(holds);
  for (const device of devices) await demandNothingPending(tenant, device, ladder);

  // Asked again, the broker says how it ended; a second execution would overwrite what somebody else did since.
  const end = { status: 'done', intent, receipt: { outcome: receipt.outcome } };
  expect(await submit(crew, change)).toMatchObject(end);
  for (const device of devices) await stage.network.describe(tenant, device, port, 'by hand');
  expect(await submit(crew, change)).toMatchObject(end);
  expect(await shown(crew, devices, port)).toEqual(devices.map(() => 'by hand'));

  const entries = (await admin.desk.auditEntries(Math.max(0, receipt.auditIndex - 500), 1000)).filter(
    (entry) => entry.intent === intent,
  );
  const outcomes = entries.filter(({ kind, index }) => kind === 'outcome' && index <= receipt.auditIndex);
  expect(outcomes.map(({ index }) => index)).toEqual([receipt.auditIndex]);
  expect(outcomes[0]?.content['outcome']).toBe(receipt.outcome);
  await verifyAudit(stage, admin, anchors[tenant]);
  return receipt.outcome;
}

const DEATHS = SEEDS.flatMap((seed) => deathsOf(seed, asked !== undefined));

const told = ({ ladder, tenant, point: [point, when], at, devices, adrift }: Case): string =>
  `${tenant} (${ladder}): ${when} ${point} at ${at} of ${devices.length}${adrift ? ', adrift' : ''}`;

async function approved(one: Case): Promise<Proposed> {
  const crew = await crewOf(one.tenant);
  const proposed = await propose(crew, `${one.seed} ${one.ladder} ${one.point.join(' ')}`, one.devices, one.port);
  await crew.admin.desk.approve(proposed.approval, 'looks right');
  if (one.ladder !== 'confirmed') await (await crew.deputy()).desk.approve(proposed.approval, 'looks right');
  return proposed;
}

/** The change at its point, and what its caller will hear. */
async function stopped(one: Case, proposed: Proposed) {
  const crew = await crewOf(one.tenant);
  let cut: Promise<unknown> = Promise.resolve();
  const hold = await stopAt(stage.network, one, () => {
    cut = submit(crew, proposed.change).catch((error: unknown) => error);
  });
  return { one, proposed, hold, cut: () => cut };
}

async function certify(rung: 'candidate' | 'running'): Promise<void> {
  const [tenant] = TENANTS[rung];
  const { operator, admin } = await crewOf(tenant);
  await stage.network.trouble(tenant, LOWER, PERSONA[rung]);
  const asked = {
    target: { devices: [LOWER] },
    input: { interface: 'ge0/2' },
    purpose: 'chat:certify',
    intent: newIntent(),
  };
  const waits = await operator.call('inventory', 'device.certify', asked);
  if (waits.status !== 'pending') throw new Error('a certification waits for approval');
  await admin.desk.approve(waits.approval, 'looks right');
  const done = await operator.call('inventory', 'device.certify', asked);
  expect(done).toMatchObject({ receipt: { outcome: 'succeeded', detail: `certified: ladder ${rung}` } });
}

describe('killed in the middle of transactions', () => {
  /** Policy goes by what a device was certified for. */
  beforeAll(async () => {
    await Promise.all((['candidate', 'running'] as const).map(certify));
  });

  it.each(DEATHS.map((death) => [`seed ${death[0]?.seed}: ${death.map(told).join(' · ')}`, death] as const))(
    '%s',
    async (_says, death) => {
      const changes = await Promise.all(death.map(async (one) => ({ one, proposed: await approved(one) })));
      for (const { one } of changes) await remember(await crewOf(one.tenant));
      // All at once: the first waits at its point no longer than the broker waits for an answer.
      const all = await Promise.all(changes.map(({ one, proposed }) => stopped(one, proposed)));
      await Promise.all(all.filter(({ one }) => one.adrift).map(({ hold }) => hold.release()));
      await kill(async () => {
        for (const { one, hold } of all) if (!one.adrift) await hold.release();
      });
      for (const { one, proposed, cut } of all) {
        const heard = await cut();
        if (!one.adrift) expect(heard, told(one)).toMatchObject({ code: 'UNAVAILABLE' });
        const outcome = await demandSettled(await crewOf(one.tenant), proposed, one.ladder);
        if (one.devices.length === 1 && !one.adrift) expect(outcome, told(one)).toBe(one.point[2]);
      }
    },
  );
});

describe('killed between the parts of a change', () => {
  it('keeps an approval that was given, and executes the change once when it is asked for again', async () => {
    const before = await crewOf('acme');
    const proposed = await propose(before, 'approved before');
    await before.admin.desk.approve(proposed.approval, 'looks right');
    const acme = await crash(before);
    expect(await shown(acme, proposed.devices, proposed.port)).toEqual(proposed.before);
    expect(await submit(acme, proposed.change)).toMatchObject({ status: 'done', receipt: { outcome: 'succeeded' } });
    expect(await demandSettled(acme, proposed)).toBe('succeeded');
  });

  it('keeps a proposal that waits, and a conversation goes on with a new login', async () => {
    const before = await crewOf('acme');
    await stage.network.inject('acme', 'bgp_asn_mismatch', 'node/br2_edge');
    // The sessions fall some time after the mistake; whoever asks before sees a network that is well.
    const look = { target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:look' };
    await until(async () => {
      const answer = await before.operator.call('diagnostics', 'bgp.read', look);
      const states = answer.status === 'done' ? answer.evidence.filter(({ signal }) => signal === 'bgp.state') : [];
      expect(states.length).toBeGreaterThan(0);
      expect(states.map(({ value }) => value)).not.toContain('established');
    }, 60_000);
    const asked = await collect(before.operator.chat.ask('why can branch 2 not reach the data centre?'));
    const thread = asked.flatMap((item) => ('thread' in item ? [item.thread] : []))[0] ?? '';
    const pending = asked.flatMap((item) => ('type' in item && item.type === 'pending' ? [item] : []))[0];
    if (pending === undefined) throw new Error(`no change waits: ${JSON.stringify(asked.slice(-3))}`);
    const acme = await crash(before);
    await acme.admin.desk.approve(pending.approval, 'looks right');
    const resumed = await collect(acme.operator.chat.resume(thread));
    expect(resumed).toContainEqual(expect.objectContaining({ type: 'outcome', outcome: 'succeeded' }));
    expect((await acme.operator.desk.receipt(pending.intent)).outcome).toBe('succeeded');
    expect((await stage.network.config('acme', 'br2_edge')).bgp?.localAs).toBe(65002);
    await verifyAudit(stage, acme.admin, anchors.acme);
  });
});

it('a session that was ended before stays ended after', async () => {
  const acme = await crewOf('acme');
  const ended = await stage.signIn('operator@acme');
  const { sid } = readClaims(await ended.session.token('urn:wayleave:control'));
  expect(await ended.desk.inventory()).toMatchObject({ devices: expect.anything() });
  await acme.admin.desk.endSession(sid);
  await crash(acme);
  await expect(ended.desk.inventory()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

const readClaims = (token: string): { readonly sid: string } =>
  z.object({ sid: z.string() }).parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
