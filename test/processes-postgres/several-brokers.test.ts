/** Two broker processes on one PostgreSQL: a change goes on at the other one when either is killed in the middle of it, and an end counts at both. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallArguments } from '../../broker/contract.ts';
import { descriptionOf, openStage, type Person, type Stage, until, verifyAudit } from '../processes/fixture.ts';
import { makeSchemaName, postgresUrl } from '../storage/sql-databases.ts';

const TENANT = 'acme';
const DEVICE = 'br1_edge';
const PORT = 'ge0/0';
const BROKERS = ['broker', 'broker-2'] as const;

describe.skipIf(postgresUrl === undefined)('two brokers on one PostgreSQL (skipped without DATABASE_URL)', () => {
  const url = postgresUrl ?? '';
  const schema = makeSchemaName();
  let stage: Stage;
  /** The same people at each broker, by its name. */
  const operators = new Map<string, Person>();
  const admins = new Map<string, Person>();
  const anchors: string[] = [];
  const at = (people: ReadonlyMap<string, Person>, broker: string): Person => {
    const found = people.get(broker);
    if (found === undefined) throw new Error(`nobody is at ${broker}`);
    return found;
  };
  const signIn = async (broker: string): Promise<void> => {
    const address = stage.installation.otherBrokers[broker];
    operators.set(broker, await stage.signIn('operator@acme', address));
    admins.set(broker, await stage.signIn('admin@acme', address));
  };
  const describePort = (description: string): CallArguments => ({
    target: { devices: [DEVICE] },
    input: { interface: PORT, description },
    purpose: 'chat:describe',
    intent: `int_${randomUUID().replaceAll('-', '')}`,
  });
  const submit = (broker: string, change: CallArguments) =>
    at(operators, broker).call('wan', 'interface.set-description', change);
  const shown = (): Promise<string> => descriptionOf(stage, TENANT, DEVICE, PORT);

  beforeAll(async () => {
    const more = { databaseUrl: url, agentsDatabaseUrl: url, databaseSchema: schema };
    stage = await openStage({ tenants: 'acme:s', brokers: 2, ...more });
    for (const broker of BROKERS) await signIn(broker);
  }, 180_000);
  afterAll(async () => {
    await stage?.close();
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    for (const part of ['broker', 'agents']) await pool.query(`DROP SCHEMA IF EXISTS ${schema}_${part} CASCADE`);
    await pool.end();
  });

  it('proposes at one, approves at the other, executes once however often both are asked', async () => {
    const change = describePort('both');
    const proposed = await submit('broker', change);
    if (proposed.status !== 'pending') throw new Error('a change waits for approval');
    await at(admins, 'broker-2').desk.approve(proposed.approval, 'fine');
    const answers = await Promise.all([...BROKERS, ...BROKERS].map((broker) => submit(broker, change)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 'done', receipt: { outcome: 'succeeded' } });
    expect(await shown()).toBe('both');
    const receipts = await Promise.all(BROKERS.map((broker) => at(operators, broker).desk.receipt(proposed.intent)));
    expect(receipts[1]).toEqual(receipts[0]);
    for (const broker of BROKERS) await verifyAudit(stage, at(admins, broker), anchors);
    anchors.push(await at(admins, 'broker').desk.auditCheckpoint());
  }, 180_000);

  it.each([
    ['broker', 'broker-2', 'commit', 'reverted'],
    ['broker-2', 'broker', 'edit-config', 'failed'],
  ] as const)(
    'loses %s in the middle of a change, and %s brings it to its end (%s)',
    async (dying, other, point, end) => {
      const before = await shown();
      const change = describePort(`by ${dying}`);
      const proposed = await submit(dying, change);
      if (proposed.status !== 'pending') throw new Error('a change waits for approval');
      await at(admins, other).desk.approve(proposed.approval, 'fine');
      const hold = await stage.network.hold(TENANT, DEVICE, point, 'after');
      const lost = submit(dying, change).catch((error: unknown) => error);
      await hold.reached();
      // The other one neither repeats it nor begins another change of that device.
      const meanwhile = await submit(other, describePort('too early')).catch((error: unknown) => error);
      expect(meanwhile).not.toMatchObject({ status: 'done' });
      await stage.killBroker(dying);
      await hold.release();
      await lost;
      const receipt = await until(() => at(operators, other).desk.receipt(proposed.intent), 60_000);
      expect(receipt.outcome).toBe(end);
      expect(await shown()).toBe(before);
      expect(await submit(other, change)).toMatchObject({ status: 'done', receipt: { outcome: end } });
      await verifyAudit(stage, at(admins, other), anchors);
      anchors.push(await at(admins, other).desk.auditCheckpoint());
      await stage.restartBroker(dying);
      await signIn(dying);
      expect(await at(operators, dying).desk.receipt(proposed.intent)).toEqual(receipt);
      await verifyAudit(stage, at(admins, dying), anchors);
    },
    240_000,
  );

  it('ends at both what was ended at one', async () => {
    const victim = await stage.signIn('operator@acme');
    expect(await victim.desk.devices()).not.toEqual([]);
    const admin = at(admins, 'broker-2');
    const [session] = (await admin.desk.sessions())
      .filter(({ human, endedAt }) => human === 'operator@acme' && endedAt === undefined)
      .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    await admin.desk.endSession(session?.id ?? '');
    await until(() => expect(victim.desk.devices()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' }), 10_000);
  }, 60_000);

  it('had no other crash', () => {
    expect(stage.crashes.map(({ name, detail }) => `${name} ${detail}`)).toEqual([
      'broker SIGKILL',
      'broker-2 SIGKILL',
    ]);
  });
});
