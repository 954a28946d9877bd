/**
 * One suite for every adapter of the broker's records: memory, SQL on PGlite, SQL on PostgreSQL.
 * Over 300 lines because a store that is held to another suite would be another port.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approval, Incident, Intent, Receipt, StepRecord, Subject, Vote } from '../../../broker/contract.ts';
import { intentDigest } from '../../../broker/digest.ts';
import type { HeldToken, LeaseStore } from '../../../broker/execution/leases.ts';
import { deviceKey } from '../../../broker/execution/serial.ts';
import type { Approvals, Incidents, Journal, Sessions, TransactionRecord } from '../../../broker/ports.ts';
import { startRisk } from '../../../broker/risk/risk.ts';
import type { StandingRecord } from '../../../broker/risk/standing.ts';
import type { StandingStore } from '../../../broker/risk/standing-store.ts';
import type { QuarantineStore } from '../../../broker/standing.ts';
import { createMemoryApprovals } from '../../../broker/stores/memory-approvals.ts';
import { createMemoryEvents } from '../../../broker/stores/memory-events.ts';
import { createMemoryIncidents } from '../../../broker/stores/memory-incidents.ts';
import { createJournalRecords, createMemoryJournal } from '../../../broker/stores/memory-journal.ts';
import { createMemoryLeases } from '../../../broker/stores/memory-leases.ts';
import { createMemoryQuarantine } from '../../../broker/stores/memory-quarantine.ts';
import { createMemorySessions } from '../../../broker/stores/memory-sessions.ts';
import { createMemoryStanding } from '../../../broker/stores/memory-standing.ts';
import { STORE_MIGRATIONS } from '../../../broker/stores/migrations.ts';
import { createSqlApprovals } from '../../../broker/stores/sql-approvals.ts';
import { createSqlEvents } from '../../../broker/stores/sql-events.ts';
import { createSqlIncidents } from '../../../broker/stores/sql-incidents.ts';
import { createSqlJournal } from '../../../broker/stores/sql-journal.ts';
import { openSqlLeases, type SqlLeases } from '../../../broker/stores/sql-leases.ts';
import { createSqlQuarantine } from '../../../broker/stores/sql-quarantine.ts';
import { createSqlSessions } from '../../../broker/stores/sql-sessions.ts';
import { createSqlStanding } from '../../../broker/stores/sql-standing.ts';
import type { Events, ReceivedEvent } from '../../../broker/telemetry/received-event.ts';
import { migrate } from '../../../storage/migrate.ts';
import type { Database } from '../../../storage/open-database.ts';
import { reportSkippedPostgres, sqlDatabases } from '../../storage/sql-databases.ts';

interface Stores {
  readonly journal: Journal;
  /** The same records, under other leases. */
  journalOf(held: HeldToken): Journal;
  /** Takes the lease of a device for `journal`. */
  hold(key: string): Promise<void>;
  lease(name: string): LeaseStore;
  /** Whether holders keep each other out: an embedded database has one broker. */
  readonly separates: boolean;
  readonly approvals: Approvals;
  readonly incidents: Incidents;
  readonly events: Events;
  readonly sessions: Sessions;
  readonly quarantine: QuarantineStore;
  readonly standing: StandingStore;
  close(): Promise<void>;
}

const never = (what: string): never => {
  throw new Error(what);
};

/** A journal whose broker holds the devices of this suite. */
async function leased(
  journalOf: (held: HeldToken) => Journal,
  lease: (name: string) => LeaseStore,
): Promise<Pick<Stores, 'journal' | 'journalOf' | 'hold' | 'lease'>> {
  const held = new Map<string, number>();
  const store = lease('journal');
  const hold = async (key: string): Promise<void> =>
    void held.set(key, (await store.take(key)) ?? never(`${key} is not free`));
  for (const tenant of ['acme', 'globex'])
    for (const device of ['br2_edge', 'br3_edge']) await hold(deviceKey(tenant, device));
  return { journal: journalOf((key) => held.get(key)), journalOf, hold, lease };
}

/** Received events that are kept of a tenant. */
const KEEP = 10;

async function openSql(open: () => Promise<Database>): Promise<Stores> {
  const { pool, close, kind } = await open();
  await migrate(pool, STORE_MIGRATIONS);
  const separates = kind === 'postgres';
  const leases = new Map<string, SqlLeases>();
  for (const [at, name] of ['journal', 'one', 'two', 'loser'].entries())
    leases.set(name, await openSqlLeases(pool, { holder: at + 1, alone: !separates }));
  const lease = (name: string): LeaseStore => leases.get(name) ?? never(name);
  return {
    ...(await leased((held) => createSqlJournal(pool, held), lease)),
    separates,
    approvals: createSqlApprovals(pool),
    incidents: createSqlIncidents(pool),
    events: createSqlEvents(pool, KEEP),
    sessions: createSqlSessions(pool),
    quarantine: createSqlQuarantine(pool),
    standing: createSqlStanding(pool),
    close: async () => {
      for (const one of leases.values()) await one.close();
      await close();
    },
  };
}

const adapters: readonly (readonly [string, () => Promise<Stores>])[] = [
  [
    'memory',
    async () => {
      const records = createJournalRecords();
      const leases = createMemoryLeases({ now: () => 0 });
      return {
        ...(await leased((held) => createMemoryJournal(records, { leases, held }), leases.open)),
        separates: true,
        approvals: createMemoryApprovals(),
        incidents: createMemoryIncidents(),
        events: createMemoryEvents(KEEP),
        sessions: createMemorySessions(),
        quarantine: createMemoryQuarantine(),
        standing: createMemoryStanding(),
        close: async () => {},
      };
    },
  ],
  ...Object.entries(sqlDatabases).map(([name, open]) => [name, () => openSql(open)] as const),
];

reportSkippedPostgres();

const subject: Subject = { human: 'operator@acme', roles: [], tenant: 'acme', session: 'ses_1', chain: [] };
function makeIntent(id: string, tenant = 'acme', purpose = 'inc_1'): Intent {
  const fields: Omit<Intent, 'digest'> = {
    id,
    tool: 'bgp-set-remote-as',
    domain: 'wan',
    effect: 'change',
    tenant,
    target: { devices: ['br2_edge'] },
    input: { text: 'ä\u0000"\\' },
    purpose,
    evidence: [],
    expiresAt: '2026-01-01T00:10:00.000Z',
  };
  return { ...fields, digest: intentDigest(fields) };
}
const decision = {
  id: 'dec_1',
  effect: 'permit',
  policies: [],
  reasons: [],
  obligations: [],
  advice: [],
  revision: 'r',
} as const;
const VOTE: Vote = { human: 'admin@acme', verdict: 'approve', reason: '', at: '2026-01-01T00:00:00.000Z', entry: 7 };
const makeReceipt = (intent: Intent): Receipt => ({
  intent,
  decision,
  approvals: [],
  operations: [],
  steps: [],
  devices: [],
  outcome: 'succeeded',
  detail: '',
  auditIndex: 3,
});
const makeApproval = (id: string, intent: Intent): Approval => ({
  id,
  intent,
  requester: subject,
  decision,
  diff: '-a\n+b',
  stateHash: 'sha256:00',
  status: 'pending',
  needed: { count: 1, role: 'tenant-admin' },
  votes: [],
  createdAt: `2026-01-01T00:00:0${id.at(-1)}.000Z`,
  expiresAt: '2026-01-01T00:10:00.000Z',
});

describe.each(adapters)('stores: %s', (_, open) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await open();
  });
  afterAll(() => stores.close());

  it('registers an intent once, however many ask at once', async () => {
    const intent = makeIntent('int_race');
    const answers = await Promise.all(Array.from({ length: 8 }, () => stores.journal.begin(intent, subject)));
    expect(answers.filter(({ known }) => !known)).toHaveLength(1);
  });

  it('refuses a known id with other content or of another tenant', async () => {
    await stores.journal.begin(makeIntent('int_a'), subject);
    await expect(stores.journal.begin(makeIntent('int_a', 'acme', 'inc_2'), subject)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(stores.journal.begin(makeIntent('int_a', 'globex'), subject)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });

  it('keeps state and receipt, for the tenant only', async () => {
    const intent = makeIntent('int_b');
    await stores.journal.begin(intent, subject);
    await stores.journal.setState(intent, 'executing');
    expect(await stores.journal.executing()).toEqual([{ tenant: 'acme', intent: 'int_b' }]);
    await stores.journal.finish('int_b', makeReceipt(intent));
    expect(await stores.journal.executing()).toEqual([]);
    const receipt = makeReceipt(intent);
    expect(await stores.journal.find('acme', 'int_b')).toEqual({ intent, subject, state: 'done', receipt });
    expect(await stores.journal.begin(intent, subject)).toEqual({ known: true, state: 'done', receipt });
    expect(await stores.journal.find('globex', 'int_b')).toBeUndefined();
    await expect(stores.journal.setState(makeIntent('int_none'), 'done')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('lists what was finished, the latest first, whatever the input holds', async () => {
    for (const [id, auditIndex] of [
      ['int_m', 12],
      ['int_n', 9],
      ['int_o', 100],
    ] as const) {
      const intent = makeIntent(id);
      await stores.journal.begin(intent, subject);
      await stores.journal.finish(id, { ...makeReceipt(intent), auditIndex });
    }
    const changes = await stores.journal.changes('acme', 3);
    expect(changes.map(({ receipt }) => receipt.auditIndex)).toEqual([100, 12, 9]);
    expect(changes[0]).toMatchObject({ receipt: { intent: makeIntent('int_o') }, subject });
    expect(await stores.journal.changes('globex', 3)).toEqual([]);
  });

  it('finds unfinished transactions with their steps in order', async () => {
    const record: TransactionRecord = {
      intent: 'int_t',
      tenant: 'acme',
      device: 'br2_edge',
      persistId: 'p',
      edit: '<a/>',
      inverse: '<b/>',
      before: '<b/>',
      beforeHash: 'sha256:1',
      expected: '<a/>',
      steps: [],
      state: 'open',
    };
    const step = (name: StepRecord['step'], device: string): StepRecord => ({
      device,
      step: name,
      ok: true,
      detail: '',
      at: 't',
    });
    await stores.journal.openTransaction(record);
    await stores.journal.openTransaction({ ...record, device: 'br3_edge' });
    await expect(stores.journal.openTransaction(record)).rejects.toThrow();
    await stores.journal.recordStep(record, step('lock', 'br2_edge'));
    await stores.journal.recordStep(record, step('edit', 'br2_edge'));
    await stores.journal.recordStep(record, step('lock', 'br3_edge'));
    expect(await stores.journal.unfinished()).toEqual([
      { ...record, steps: [step('lock', 'br2_edge'), step('edit', 'br2_edge')] },
      { ...record, device: 'br3_edge', steps: [step('lock', 'br3_edge')] },
    ]);
    await stores.journal.closeTransaction(record);
    expect((await stores.journal.unfinished()).map(({ device }) => device)).toEqual(['br3_edge']);
    await stores.journal.closeTransaction({ ...record, device: 'br3_edge' });
    expect(await stores.journal.unfinished()).toEqual([]);
  });

  it('lets one of two updates of an approval win', async () => {
    const approval = makeApproval('apr_1', makeIntent('int_p'));
    await stores.approvals.create(approval);
    await stores.approvals.create(makeApproval('apr_2', makeIntent('int_q')));
    const won = await Promise.all([
      stores.approvals.update({ ...approval, status: 'approved' }, 'pending'),
      stores.approvals.update({ ...approval, status: 'rejected' }, 'pending'),
    ]);
    expect(won.toSorted()).toEqual([false, true]);
    const second = makeApproval('apr_2', makeIntent('int_q'));
    const voted = { ...second, votes: [VOTE] };
    // Two people vote at two brokers, each without having seen the other's vote.
    const votes = [
      stores.approvals.update(voted, 'pending', second),
      stores.approvals.update(voted, 'pending', second),
    ];
    expect((await Promise.all(votes)).toSorted()).toEqual([false, true]);
    expect(await stores.approvals.update({ ...voted, votes: [VOTE, VOTE] }, 'pending', voted)).toBe(true);
    expect((await stores.approvals.list('acme')).map(({ id }) => id)).toEqual(['apr_1', 'apr_2']);
    expect((await stores.approvals.list('acme', 'pending')).map(({ id }) => id)).toEqual(['apr_2']);
    expect((await stores.approvals.pending()).map(({ id }) => id)).toEqual(['apr_2']);
    expect((await stores.approvals.findByIntent('acme', 'int_p'))?.id).toBe('apr_1');
    for (const found of [stores.approvals.get('globex', 'apr_1'), stores.approvals.findByIntent('globex', 'int_p')]) {
      expect(await found).toBeUndefined();
    }
    expect(await stores.approvals.list('globex')).toEqual([]);
  });

  it('keeps incidents by tenant and state', async () => {
    const incident: Incident = {
      id: 'inc_1',
      tenant: 'acme',
      title: 't',
      severity: 'major',
      state: 'open',
      resources: [],
      openedBy: 'x',
      openedAt: 't',
      updatedAt: 't',
      evidence: [],
    };
    await stores.incidents.put(incident);
    await stores.incidents.put({ ...incident, state: 'acknowledged' });
    await stores.incidents.put({ ...incident, tenant: 'globex' });
    expect(await stores.incidents.get('acme', 'inc_1')).toEqual({ ...incident, state: 'acknowledged' });
    expect(await stores.incidents.list('acme', 'open')).toEqual([]);
    expect(await stores.incidents.list('globex')).toHaveLength(1);
  });

  it('numbers received events per tenant and stream without gaps, and keeps the newest', async () => {
    const event = (tenant: string, detail: string, channel: ReceivedEvent['channel'] = 'trap'): ReceivedEvent => ({
      ...{ tenant, device: 'br1_edge', channel, name: 'trap.linkDown', resource: 'node/br1_edge', severity: 'major' },
      ...{ detail, observedAt: 't', receivedAt: 't' },
    });
    await stores.events.append([]);
    await stores.events.append([event('acme', 'a\u0000'), event('globex', 'x'), event('acme', 'b')]);
    await Promise.all([
      stores.events.append([event('acme', 'c'), event('acme', 'f', 'flow')]),
      stores.events.append([event('globex', 'y'), event('acme', 'c')]),
    ]);
    const read = async (tenant: string, since: number, limit = 100) =>
      (await stores.events.after(tenant, 'events', since, limit)).map(({ seq, detail }) => [seq, detail]);
    expect(await read('acme', 0)).toEqual([
      [1, 'a\u0000'],
      [2, 'b'],
      [3, 'c'],
      [4, 'c'],
    ]);
    expect(await read('acme', 1, 1)).toEqual([[2, 'b']]);
    expect(await read('globex', 0)).toEqual([
      [1, 'x'],
      [2, 'y'],
    ]);
    expect(await stores.events.after('acme', 'flows', 0, 9)).toEqual([{ ...event('acme', 'f', 'flow'), seq: 1 }]);
    for (let n = 0; n < 30; n += 1) await stores.events.append([event('acme', String(n))]);
    const kept = await read('acme', 0);
    expect(kept.at(-1)).toEqual([34, '29']);
    expect(kept.length).toBeGreaterThanOrEqual(KEEP);
    expect(kept.length).toBeLessThanOrEqual(2 * KEEP);
  });

  it('keeps the first quarantine of a device and reason, until that reason is removed', async () => {
    const entry = {
      tenant: 'acme',
      device: 'br2_edge',
      reason: 'host-key',
      detail: 'a\u0000',
      since: 't',
      pin: 'p',
    } as const;
    const kept = { ...entry, reason: 'rollback-failed', intent: 'int_1' } as const;
    const other = { ...entry, tenant: 'globex' };
    for (const one of [other, kept, entry, { ...entry, detail: 'later' }]) await stores.quarantine.put(one);
    expect(await stores.quarantine.list()).toEqual([entry, kept, other]);
    await stores.quarantine.remove('acme', 'br2_edge', 'host-key');
    await stores.quarantine.remove('acme', 'br2_edge', 'host-key');
    expect(await stores.quarantine.list()).toEqual([kept, other]);
  });

  it('does not bring an ended session back', async () => {
    const session = { id: 'ses_1', human: 'h', tenant: 'acme', createdAt: 't' };
    await stores.sessions.put(session);
    await stores.sessions.put({ ...session, endedAt: 'u' });
    await stores.sessions.put(session);
    expect(await stores.sessions.get('ses_1')).toEqual({ ...session, endedAt: 'u' });
    expect(await stores.sessions.list('globex')).toEqual([]);
    expect(await stores.sessions.get('ses_2')).toBeUndefined();
  });

  it('keeps the standing up to one entry, never an older one, and none of other rules', async () => {
    const { standing } = stores;
    const risk = (name: string, floor: number): StandingRecord => ({
      ...{ kind: 'risk', name, record: { ...startRisk(name), floor } },
    });
    const blast: StandingRecord = { kind: 'blast', name: 'ä', record: { touches: [] } };
    expect(await standing.load()).toBeUndefined();
    await standing.save({ rules: 'r1', upTo: 0, records: [] });
    expect(await standing.load()).toEqual({ rules: 'r1', upTo: 0, records: [] });
    await standing.save({ rules: 'r1', upTo: 7, records: [risk('a', 1), blast, risk('b', 0)] });
    await standing.save({ rules: 'r1', upTo: 9, records: [risk('a', 2)] });
    await standing.save({ rules: 'r1', upTo: 8, records: [risk('a', 3)] });
    expect(await standing.load()).toEqual({ rules: 'r1', upTo: 9, records: [blast, risk('a', 2), risk('b', 0)] });
    await standing.save({ rules: 'r2', upTo: 3, records: [risk('c', 0)] });
    expect(await standing.load()).toEqual({ rules: 'r2', upTo: 3, records: [risk('c', 0)] });
  });

  it('gives the lease of a device to one at a time, with rising tokens', async () => {
    const [one, two] = [stores.lease('one'), stores.lease('two')];
    const first = await one.take('leased');
    expect(first).toBeGreaterThan(0);
    if (stores.separates) expect(await two.take('leased')).toBeUndefined();
    expect(await two.take('another')).toBeGreaterThan(0);
    await two.release('leased', first ?? 0 - 1);
    await one.release('leased', first ?? 0);
    const next = await two.take('leased');
    expect(next).toBeGreaterThan(first ?? 0);
    // It was given back, and is not his to keep or to give any more.
    await one.renew('leased', first ?? 0);
    await one.release('leased', first ?? 0);
    if (stores.separates) expect(await one.take('leased')).toBeUndefined();
    await two.release('leased', next ?? 0);
  });

  it('lets nobody write of a device whose lease another one has taken', async () => {
    const intent = { ...makeIntent('int_f'), target: { devices: ['fenced'] } };
    const record: TransactionRecord = {
      ...{ intent: 'int_f', tenant: 'acme', device: 'fenced', persistId: 'p', edit: '<a/>', inverse: '<b/>' },
      ...{ before: '<b/>', beforeHash: 'sha256:1', expected: '<a/>', steps: [], state: 'open' },
    };
    const step: StepRecord = { device: 'fenced', step: 'lock', ok: true, detail: '', at: 't' };
    const key = deviceKey('acme', 'fenced');
    const held = new Map<string, number>();
    const [loser, winner] = [stores.journalOf((one) => held.get(one)), stores.journal];
    const store = stores.lease('loser');
    const writes = {
      begin: () => loser.begin(intent, subject),
      setState: () => loser.setState(intent, 'executing'),
      openTransaction: () => loser.openTransaction(record),
      recordStep: () => loser.recordStep(record, step),
      demandLease: () => loser.demandLease('acme', ['fenced']),
      finish: () => loser.finish('int_f', makeReceipt(intent)),
      closeTransaction: () => loser.closeTransaction(record),
    };
    const refuse = async (): Promise<void> => {
      for (const [name, write] of Object.entries(writes))
        await expect(write(), name).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    };
    await refuse(); // it never had it
    held.set(key, (await store.take(key)) ?? 0);
    await writes.begin();
    await writes.setState();
    await writes.openTransaction();
    await store.release(key, held.get(key) ?? 0);
    await writes.demandLease(); // nobody has taken it since
    await stores.hold(key);
    await refuse();
    expect(await winner.find('acme', 'int_f')).toMatchObject({ state: 'executing' });
    expect(await winner.unfinished()).toEqual([record]);
    await winner.recordStep(record, step);
    await winner.closeTransaction(record);
    expect(await winner.unfinished()).toEqual([]);
    // Of several devices, one that was lost is enough.
    const both = { ...makeIntent('int_h'), target: { devices: ['fenced', 'kept'] } };
    held.set(deviceKey('acme', 'kept'), (await store.take(deviceKey('acme', 'kept'))) ?? 0);
    await expect(loser.begin(both, subject)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await winner.find('acme', 'int_h')).toBeUndefined();
  });
});
