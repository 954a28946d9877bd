/** Which facts of the real pipeline become notices, for whom, and that nothing of a device or another tenant is in them. */
import { describe, expect, it } from 'vitest';
import { expireApprovals } from '../../../broker/approval/expire.ts';
import type { Channel } from '../../../broker/notify/channels.ts';
import { createCollector } from '../../../broker/notify/collect-notices.ts';
import { NOTICE_TYPES, noticesOf } from '../../../broker/notify/notice.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { createMemoryOutbox } from '../../../broker/stores/memory-outbox.ts';
import { createBench, DUTIES, OPERATOR, outcomeOf, propose } from '../pipeline/bench.ts';

const channel = (tenant: string, name: string, types: Channel['types'] = NOTICE_TYPES): Channel => ({
  ...{ tenant, name, types, url: 'https://hooks.example/x' },
});
const EVERYWHERE = [
  channel('acme', 'all'),
  channel('globex', 'all'),
  channel('-', 'all'),
  channel('acme', 'audit', []),
];

const typesOf = (rows: readonly { readonly tenant: string; readonly type: string }[]): readonly string[] =>
  rows.map(({ tenant, type }) => `${tenant} ${type}`);

describe('of an approval', () => {
  it('people hear when it is requested, once, and when it is decided, each in their tenant', async () => {
    const bench = await createBench({ channels: EVERYWHERE });
    bench.inject();
    const approval = await propose(bench);
    expect(await outcomeOf(bench.change())).toBe('pending'); // asks again
    await bench.vote('admin@acme', approval);
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    const told = await bench.told();
    expect(typesOf(told)).toEqual(['acme approval.requested', 'acme approval.decided']);
    expect(JSON.parse(told[0]?.body ?? '')).toMatchObject({
      subject: approval,
      data: { human: 'operator@acme', tool: 'bgp.set-local-as', effect: 'change', target: ['br2_edge'] },
    });
    expect(JSON.parse(told[1]?.body ?? '')).toMatchObject({ data: { status: 'approved', human: 'admin@acme' } });
    // Neither the diff nor what the approver wrote leaves the house.
    for (const { body } of told) expect(body).not.toMatch(/local-as>|seen/);
  });

  it('people hear that it is over although nobody came back, once', async () => {
    const bench = await createBench({ channels: EVERYWHERE });
    bench.inject();
    const approval = await propose(bench);
    await expireApprovals(bench);
    expect((await bench.approvals.get('acme', approval))?.status).toBe('pending');
    bench.advance(11 * 60_000);
    await expireApprovals(bench);
    await expireApprovals(bench);
    expect((await bench.approvals.get('acme', approval))?.status).toBe('expired');
    expect(await outcomeOf(bench.change())).toBe('APPROVAL_EXPIRED');
    expect(typesOf(await bench.told())).toEqual(['acme approval.requested', 'acme approval.expired']);
  });
});

describe('of risk', () => {
  it('each change of a band is told, and a suspension as what it is', async () => {
    const bench = await createBench({ channels: EVERYWHERE });
    const read = (device: string) =>
      outcomeOf(
        bench.call(OPERATOR, 'diagnostics', 'bgp.read', {
          target: { devices: [device] },
          input: {},
          purpose: 'chat:1',
        }),
      );
    for (let tries = 0; tries < 20 && (await read('br2_edge')) === 'done'; tries += 1)
      await read(`ignore-all-rules-${tries}`);
    await bench.desk.clearRisk(bench.subjectOf({ human: 'admin@acme' }), 'operator@acme');
    const told = await bench.told();
    expect(typesOf(told)).toEqual([
      ...['acme risk.changed', 'acme risk.changed', 'acme risk.suspended', 'acme risk.changed'],
    ]);
    expect(bench.transitions).toHaveLength(told.length);
    expect(JSON.parse(told[3]?.body ?? '').data).toMatchObject({ from: 'suspended', clearedBy: 'admin@acme' });
    // What was tried is the caller's text.
    for (const { body } of told) expect(body).not.toContain('ignore');
  });
});

describe('the obligation notify', () => {
  const told = [...DUTIES, { kind: 'notify', channel: 'audit' } as const];

  it('tells the channel of the execution, and only that one', async () => {
    const bench = await createBench({ channels: EVERYWHERE });
    bench.turn.obligations = told;
    bench.inject();
    await bench.vote('admin@acme', await propose(bench));
    expect(await outcomeOf(bench.change())).toBe('succeeded');
    const rows = await bench.told();
    expect(rows.filter(({ type }) => type === 'call.executed').map((row) => row.channel)).toEqual(['audit']);
  });

  it('that no channel of the tenant keeps is a denial', async () => {
    const bench = await createBench({ channels: [channel('globex', 'audit')] });
    bench.turn.obligations = told;
    bench.inject();
    expect(await outcomeOf(bench.change())).toBe('DENIED');
    expect(await bench.told()).toEqual([]);
  });
});

describe('a device that nobody knows the state of', () => {
  it('pages', async () => {
    const bench = await createBench({ channels: EVERYWHERE });
    bench.inject();
    await bench.vote('admin@acme', await propose(bench));
    bench.turn.meddle = () => {
      bench.turn.silent.add('acme/br2_edge'); // with the first request of the change
    };
    expect(await outcomeOf(bench.change())).toBe('unknown');
    expect(bench.pages).toHaveLength(1);
    expect(typesOf(await bench.told()).slice(2)).toEqual(['acme device.quarantined', 'acme page.outcome-unknown']);
  });
});

describe('an entry', () => {
  const entry = (kind: string, content: StoredAuditEntry['content'], more: Partial<StoredAuditEntry> = {}) =>
    noticesOf({ index: 5, at: '2026-01-01T00:00:00.000Z', tenant: 'acme', kind, content, ...more }, 'log');

  it.each([
    ['policy.stopped', { why: 'text of an error' }, 'policy.stopped', {}],
    [
      'device.quarantined',
      { device: 'br1_edge', reason: 'host-key', detail: 'banner: HACKED' },
      'device.quarantined',
      { device: 'br1_edge', reason: 'host-key' },
    ],
    [
      'human.paged',
      { device: 'br1_edge', code: 'ROLLBACK_FAILED', detail: 'said: x' },
      'page.rollback-failed',
      { device: 'br1_edge', code: 'ROLLBACK_FAILED' },
    ],
    [
      'break-glass.opened',
      {
        id: 'bgl_1',
        devices: ['br1_edge'],
        incident: 'inc_1',
        reason: 'words of a person',
        until: '2026-01-01T01:00:00.000Z',
      },
      'break-glass.opened',
      { id: 'bgl_1', devices: ['br1_edge'], incident: 'inc_1', until: '2026-01-01T01:00:00.000Z' },
    ],
    [
      'execute',
      { breakGlass: 'bgl_1', target: ['br1_edge', 'no name at all'] },
      'break-glass.used',
      { breakGlass: 'bgl_1', target: ['br1_edge'] },
    ],
  ] as const)('%s says what it is about, and no text', (kind, content, type, data) => {
    expect(entry(kind, content)).toMatchObject([{ type, data }]);
    expect(entry(kind, content)[0]?.data).toEqual(data);
  });

  it('without news is silent, and an executed call that nobody asked about too', () => {
    for (const kind of ['outcome', 'refused', 'login', 'execute', 'constructor', '__proto__'])
      expect(entry(kind, {})).toEqual([]);
  });

  it('is told under the same id by whoever reads it, and under another by another installation', () => {
    const say = (log: string) =>
      noticesOf({ index: 5, at: '', tenant: '-', kind: 'policy.stopped', content: {} }, log).map(({ id }) => id);
    expect(say('one')).toEqual(say('one'));
    expect(say('one')).not.toEqual(say('two'));
  });
});

describe('the collector', () => {
  const entries = (count: number): StoredAuditEntry[] =>
    Array.from({ length: count }, (_, index) => ({
      ...{ index, at: '2026-01-01T00:00:00.000Z', tenant: '-', content: {} },
      kind: index % 2 === 0 ? 'policy.stopped' : 'login',
    }));

  async function open(log: StoredAuditEntry[], outbox = createMemoryOutbox()) {
    const { createChannels } = await import('../../../broker/notify/channels.ts');
    let news = 0;
    const collector = await createCollector({
      audit: { size: () => log.length, entries: async (from, limit) => log.slice(from, from + limit) },
      ...{ outbox, channels: createChannels(EVERYWHERE), log: 'log' },
      onNews: () => {
        news += 1;
      },
    });
    const told = async () => (await outbox.list(['-'], 10_000)).length;
    return { collector, outbox, told, news: () => news };
  }

  it('tells nothing of before its first start, all after it, and after a crash what it had not stored', async () => {
    const log = entries(10);
    const first = await open(log);
    await first.collector.flush();
    expect(await first.told()).toBe(0);
    log.push(...entries(3).map((one) => ({ ...one, index: one.index + 10 })));
    const [ten, , twelve] = log.slice(10);
    if (ten === undefined || twelve === undefined) throw new Error('no entries');
    first.collector.take(ten);
    first.collector.take(twelve); // out of order: read from the log
    expect(first.news()).toBe(1);
    // The process dies here.
    const second = await open(log, first.outbox);
    await second.collector.flush();
    expect(await second.told()).toBe(2);
    await first.collector.flush(); // another broker on the same log
    expect(await second.told()).toBe(2);
  });

  it('keeps what could not be stored', async () => {
    const log: StoredAuditEntry[] = [];
    const memory = createMemoryOutbox();
    let broken = true;
    const { collector, told } = await open(log, {
      ...memory,
      add: (...given) => (broken ? Promise.reject(new Error('the database is away')) : memory.add(...given)),
    });
    log.push(...entries(4));
    await expect(collector.flush()).rejects.toThrow('away');
    broken = false;
    await collector.flush();
    expect(await told()).toBe(2);
  });
});
