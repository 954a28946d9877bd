/**
 * A containment from the proposal to its end: approved with its reversal, verified at the device, taken back by itself, and only that.
 * Over 300 lines because each way to the end is told from its beginning.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Containment } from '../../../broker/containment/containment.ts';
import type { AccessListEntry, DeviceConfig } from '../../../protocols/device/config.ts';
import { type Bench, type Caller, createBench, OPERATOR, outcomeOf, START } from './bench.ts';

const CAMERA = '10.1.30.11';
const PC = '10.1.10.11';
const DEVICE = 'br1_edge';
const HOUR = 3600;
const REF = { tenant: 'acme', device: DEVICE };

let bench: Bench;
beforeEach(async () => {
  bench = await createBench();
});

const config = (): DeviceConfig => bench.network.config(REF);
const quarantine = (
  key: string,
  { address = CAMERA, seconds = HOUR, caller = OPERATOR }: { address?: string; seconds?: number; caller?: Caller } = {},
) =>
  bench.call(caller, 'security', 'host.quarantine', {
    target: { devices: [DEVICE] },
    input: { address, seconds },
    purpose: 'inc_1',
    intent: key,
  });

/** Proposes, approves and executes; answers with the containment. */
async function contain(key = 'int_quarantine', more: Parameters<typeof quarantine>[1] = {}): Promise<Containment> {
  const answer = await quarantine(key, more);
  if (answer.status !== 'pending') throw new Error('not pending');
  await bench.vote('admin@acme', answer.approval);
  expect(await outcomeOf(quarantine(key, more))).toBe('succeeded');
  const found = (await bench.containments.list('acme', 10)).find(({ intent }) => intent === answer.intent);
  if (found === undefined) throw new Error('not kept');
  return found;
}
const read = async ({ id }: Containment): Promise<Containment> => {
  const found = await bench.containments.get('acme', id);
  if (found === undefined) throw new Error('gone');
  return found;
};
const entriesOf = (list: string): readonly AccessListEntry[] =>
  config().accessLists.find(({ name }) => name === list)?.entries ?? [];
const portOf = (vrf: number) => config().interfaces.find((port) => port.vrf === vrf);
/** Somebody else edits the device. */
const edit = (change: (running: DeviceConfig) => DeviceConfig): void =>
  bench.network.commit(REF, change(config()), 'somebody');
const pass = (seconds: number): void => bench.advance(seconds * 1000);

describe('a containment', () => {
  it('shows its reversal to who approves, stands until its end, and is then taken back by itself and proven gone', async () => {
    const before = config();
    const answer = await quarantine('int_quarantine');
    if (answer.status !== 'pending') throw new Error('not pending');
    const [pending] = await bench.approvals.list('acme', 'pending');
    expect(pending?.reversal).toMatchObject({ afterSeconds: HOUR, does: [expect.stringContaining(DEVICE)] });
    expect(answer.summary.reversal).toEqual(pending?.reversal);
    expect(config()).toEqual(before);

    const placed = await contain();
    expect(placed).toMatchObject({ state: 'active', requestedBy: 'operator@acme', approvedBy: ['admin@acme'] });
    expect(Date.parse(placed.until) - Date.parse(placed.from)).toBe(HOUR * 1000);
    const list = portOf(30)?.accessListIn ?? '';
    expect(entriesOf(list)).toMatchObject([{ action: 'deny', protocol: 'any', source: CAMERA }]);

    await bench.reverse();
    expect((await read(placed)).state).toBe('active');
    pass(HOUR - 60);
    await bench.reverse();
    expect((await read(placed)).state).toBe('active');
    pass(61);
    await bench.reverse();
    await bench.reverse();
    expect(await read(placed)).toMatchObject({ state: 'ended', reversed: [{ device: DEVICE, found: 'reversed' }] });
    expect(config()).toEqual(before);

    const kinds = (await bench.entries()).filter(({ intent }) => intent === placed.intent).map(({ kind }) => kind);
    expect(kinds).toEqual([
      ...['pending', 'pending', 'approval.vote', 'execute', 'outcome'],
      ...['containment.reversing', 'containment.reversal', 'containment.ended'],
    ]);
    const end = (await bench.entries()).find(({ kind }) => kind === 'containment.ended');
    expect(end?.content).toMatchObject({ proven: true, containment: placed.id });
    // The reversal is a change of the broker's like any other: nobody takes its commit for somebody else's.
    const [latest] = await bench.shared.journal.changes('acme', 1);
    expect(latest?.receipt).toMatchObject({ outcome: 'succeeded', intent: { input: { reverses: placed.intent } } });
    expect(bench.pages).toEqual([]);
  });

  it('is told apart from drift, until somebody makes something else of it', async () => {
    const drift = async (): Promise<readonly string[]> => {
      const args = { target: { devices: [DEVICE] }, input: {}, purpose: 'chat:1' };
      const answer = await bench.call(OPERATOR, 'diagnostics', 'config.diff', args);
      if (answer.status !== 'done') throw new Error('not read');
      return answer.evidence.map(({ signal, value }) => `${signal} ${value}`);
    };
    expect(await drift()).toEqual(['cfg.sync in-sync']);
    const [own, shared] = [await contain(), await contain('int_ofanother', { address: PC })];
    const told = [own, shared].map(({ id, until }) => `cfg.contained ${id} until ${until}`);
    expect((await drift()).toSorted()).toEqual([...told, 'cfg.sync in-sync'].toSorted());
    // Another entry in the list of ours is nobody's containment; neither is ours, once it says something else.
    edit((running) => ({
      ...running,
      accessLists: running.accessLists.map((list) => ({
        ...list,
        entries: list.entries.map((entry) => (entry.source === CAMERA ? { ...entry, source: '10.1.30.99' } : entry)),
      })),
    }));
    const after = await drift();
    expect(after).toContain('cfg.sync out-of-sync');
    expect(after).toContain(told[1]);
    expect(after).not.toContain(told[0]);
  });

  it('stops what the host sends, and nothing else', async () => {
    const reach = (host: string) =>
      bench.network.probe(REF, { kind: 'tcp', vrf: 0, host, destination: '10.100.20.10', port: 443 }).result;
    expect([reach('br1_corp_pc1'), reach('br1_corp_pc2')]).toEqual(['ok', 'ok']);
    const placed = await contain('int_quarantine', { address: PC });
    expect([reach('br1_corp_pc1'), reach('br1_corp_pc2')]).toEqual(['timeout', 'ok']);
    pass(HOUR + 1);
    await bench.reverse();
    expect((await read(placed)).state).toBe('ended');
    expect([reach('br1_corp_pc1'), reach('br1_corp_pc2')]).toEqual(['ok', 'ok']);
  });

  it('leaves the list of the port as it was, when that has one', async () => {
    const before = config();
    const placed = await contain('int_quarantine', { address: PC });
    expect(placed.traces[0]?.lists).toEqual(['acl-lan-in']);
    expect(entriesOf('acl-lan-in')[0]).toMatchObject({ action: 'deny', source: PC });
    pass(HOUR + 1);
    await bench.reverse();
    expect(config()).toEqual(before);
  });

  it.each([
    ['the first ends first', HOUR, 2 * HOUR],
    ['the second ends first', 2 * HOUR, HOUR],
  ])('beside another one at the same port: %s', async (_says, first, second) => {
    const before = config();
    const one = await contain('int_firstone', { seconds: first });
    const other = await contain('int_otherone', { address: '10.1.30.12', seconds: second });
    pass(HOUR + 1);
    await bench.reverse();
    expect([(await read(one)).state, (await read(other)).state].toSorted()).toEqual(['active', 'ended']);
    expect(entriesOf(portOf(30)?.accessListIn ?? '')).toHaveLength(1);
    pass(HOUR + 1);
    await bench.reverse();
    expect([(await read(one)).state, (await read(other)).state]).toEqual(['ended', 'ended']);
    expect(config()).toEqual(before);
  });

  it('disables an account, which keeps its role, and enables it again', async () => {
    bench.network.commit(
      REF,
      { ...config(), accounts: [...config().accounts, { name: 'svc-backup', role: 'admin' }] },
      'somebody',
    );
    const before = config();
    const args = {
      ...{ target: { devices: [DEVICE] }, input: { account: 'svc-backup', seconds: HOUR } },
      ...{ purpose: 'inc_1', intent: 'int_accountoff' },
    };
    const answer = await bench.call(OPERATOR, 'security', 'account.disable', args);
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    expect(await outcomeOf(bench.call(OPERATOR, 'security', 'account.disable', args))).toBe('succeeded');
    expect(config().accounts).toContainEqual({ name: 'svc-backup', role: 'admin', disabled: true });
    pass(HOUR + 1);
    await bench.reverse();
    expect(config()).toEqual(before);
  });

  it('blocks a destination for all LANs of the device, and is refused where that cuts a service off', async () => {
    const block = (key: string, destination: string) =>
      bench.call(OPERATOR, 'security', 'destination.block', {
        ...{ target: { devices: [DEVICE] }, input: { destination, seconds: HOUR } },
        ...{ purpose: 'inc_1', intent: key },
      });
    expect(await outcomeOf(block('int_blockoutside', '198.51.100.66'))).toBe('pending');
    expect(await outcomeOf(block('int_blockservice', '10.100.20.0/24'))).toBe('DENIED');
    expect(await outcomeOf(block('int_blockeverything', '10.0.0.0/8'))).toBe('INPUT_INVALID');
  });
});

describe('what cannot be contained', () => {
  it.each([
    ['an address of the device itself', '10.1.30.1'],
    ['an address in no LAN of the device', '10.2.30.11'],
    ['no address', '10.1.30.999'],
  ])('%s', async (_says, address) => {
    expect(await outcomeOf(quarantine('int_quarantine', { address }))).toBe('INPUT_INVALID');
  });

  it.each([
    ['the last administrator', 'netops'],
    ['who the broker itself is', 'wayleave'],
    ['who watches the device', 'poller'],
  ])('%s', async (_says, account) => {
    const disable = bench.call(OPERATOR, 'security', 'account.disable', {
      ...{
        target: { devices: [DEVICE] },
        input: { account, seconds: HOUR },
        purpose: 'inc_1',
        intent: 'int_accountoff',
      },
    });
    expect(await outcomeOf(disable)).toBe('DENIED');
  });

  it('with another end than the one that was approved', async () => {
    const answer = await quarantine('int_quarantine');
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    expect(await outcomeOf(quarantine('int_quarantine', { seconds: 2 * HOUR }))).toBe('CONFLICT');
  });

  it('while another change would take it away again', async () => {
    await contain('int_quarantine', { address: PC });
    const [entry] = entriesOf('acl-lan-in');
    const remove = bench.call(OPERATOR, 'wan', 'acl.remove-entry', {
      ...{ target: { devices: [DEVICE] }, input: { list: 'acl-lan-in', entry: entry?.name ?? '' } },
      ...{ purpose: 'chat:1', intent: 'int_remove00' },
    });
    await expect(remove).rejects.toMatchObject({
      code: 'DENIED',
      message: expect.stringContaining('containments-kept'),
    });
  });
});

describe('the end comes', () => {
  it('also when no broker was there at the time', async () => {
    const before = config();
    const placed = await contain();
    pass(24 * HOUR);
    await bench.reverse();
    expect((await read(placed)).state).toBe('ended');
    expect(config()).toEqual(before);
  });

  it.each(['lock', 'edit', 'commit', 'get-running', 'confirm'])(
    'also when the broker dies in the middle of the reversal, at %s',
    async (point) => {
      const before = config();
      const placed = await contain();
      pass(HOUR + 1);
      let died = false;
      bench.turn.meddle = (request) => {
        if (died || request !== point) return;
        died = true;
        throw new Error('the broker died');
      };
      await bench.reverse();
      expect(died).toBe(true);
      expect((await read(placed)).state).toBe('active');
      await bench.recover();
      pass(60);
      await bench.reverse();
      expect((await read(placed)).state).toBe('ended');
      expect(config()).toEqual(before);
      expect(await bench.shared.journal.unfinished()).toEqual([]);
    },
  );

  it('also when the broker dies while it is put in place, and then nothing of it stays', async () => {
    const before = config();
    const answer = await quarantine('int_quarantine');
    if (answer.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', answer.approval);
    bench.turn.meddle = (request) => {
      if (request === 'confirm') throw new Error('the broker died');
    };
    await quarantine('int_quarantine').catch(() => undefined);
    bench.turn.meddle = () => undefined;
    await bench.recover();
    await bench.reverse();
    const [kept] = await bench.containments.list('acme', 10);
    expect(kept?.state).toBe('void');
    expect(config()).toEqual(before);
  });

  it('once, however many look at the same time', async () => {
    const placed = await contain();
    pass(HOUR + 1);
    await Promise.all([bench.reverse(), bench.reverse(), bench.reverse()]);
    expect((await read(placed)).state).toBe('ended');
    const kinds = await bench.kinds();
    for (const kind of ['containment.reversing', 'containment.reversal', 'containment.ended'])
      expect(kinds.filter((one) => one === kind)).toHaveLength(1);
  });

  it('when a person ends it before, with a role for that', async () => {
    const before = config();
    const placed = await contain();
    const end = (human: string) =>
      bench.desk.endContainment(bench.subjectOf({ human }), placed.id, 'the camera was replaced');
    await expect(end('operator@acme')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(end('admin@globex')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(bench.desk.containment(bench.subjectOf({ human: 'admin@globex' }), placed.id)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await bench.desk.containments(bench.subjectOf({ human: 'admin@globex' }))).toEqual([]);
    await end('admin2@acme');
    await bench.reverse();
    expect(await read(placed)).toMatchObject({ state: 'ended', endedBy: { human: 'admin2@acme' } });
    expect(config()).toEqual(before);
    expect(await bench.kinds()).toContain('containment.end-requested');
  });

  it('on a device that does not answer: tried again, a human told once, and done when it is back', async () => {
    const before = config();
    const placed = await contain();
    pass(HOUR + 1);
    bench.turn.silent.add(`acme/${DEVICE}`);
    for (let turn = 0; turn < 6; turn += 1) {
      await bench.reverse();
      pass(60);
    }
    expect(await read(placed)).toMatchObject({ state: 'active', failures: 6 });
    expect(bench.pages).toMatchObject([{ code: 'ROLLBACK_FAILED', device: DEVICE, intent: placed.intent }]);
    expect(bench.shared.quarantine.of('acme', DEVICE)).toMatchObject([{ reason: 'rollback-failed' }]);
    bench.turn.silent.clear();
    await bench.reverse();
    expect((await read(placed)).state).toBe('ended');
    expect(config()).toEqual(before);
  });
});

describe('only what was put there is taken back', () => {
  it('nothing, when somebody took it away', async () => {
    const before = config();
    const placed = await contain();
    edit(() => before);
    pass(HOUR + 1);
    await bench.reverse();
    expect(await read(placed)).toMatchObject({ state: 'ended', reversed: [{ found: 'gone' }] });
    expect(config()).toEqual(before);
  });

  it('not what somebody made of it, of which a human is told', async () => {
    const placed = await contain();
    const { entry = '' } = placed.traces[0] ?? {};
    edit((running) => ({
      ...running,
      accessLists: running.accessLists.map((list) => ({
        ...list,
        entries: list.entries.map((one) => (one.name === entry ? { ...one, action: 'permit' } : one)),
      })),
    }));
    const altered = config();
    pass(HOUR + 1);
    await bench.reverse();
    expect(await read(placed)).toMatchObject({ state: 'ended', reversed: [{ found: 'altered' }] });
    expect(config()).toEqual(altered);
    expect(bench.pages).toHaveLength(1);
    const end = (await bench.entries()).find(({ kind }) => kind === 'containment.ended');
    expect(end?.content).toMatchObject({ proven: false });
  });

  it('not what somebody else put beside it', async () => {
    const placed = await contain();
    const list = portOf(30)?.accessListIn ?? '';
    const theirs: AccessListEntry = { name: 'theirs', action: 'deny', protocol: 'any', source: '10.1.30.99' };
    edit((running) => ({
      ...running,
      accessLists: running.accessLists.map((one) =>
        one.name === list ? { ...one, entries: [...one.entries, theirs] } : one,
      ),
    }));
    pass(HOUR + 1);
    await bench.reverse();
    expect((await read(placed)).state).toBe('ended');
    expect(entriesOf(list)).toEqual([theirs]);
    expect(portOf(30)?.accessListIn).toBe(list);
  });
});

it('began when it was put in place, not when it was asked for', async () => {
  const answer = await quarantine('int_quarantine');
  if (answer.status !== 'pending') throw new Error('not pending');
  pass(300);
  await bench.vote('admin@acme', answer.approval);
  await quarantine('int_quarantine');
  const [kept] = await bench.containments.list('acme', 10);
  expect(Date.parse(kept?.until ?? '')).toBeGreaterThanOrEqual(START + (300 + HOUR) * 1000);
});
