/** One change of several devices through the whole pipeline: all of them hold it in the end, or none, whatever breaks and wherever the broker dies. */
import { describe, expect, it } from 'vitest';
import { DriverError } from '../../../broker/drivers/driver.ts';
import { type Bench, createBench, OPERATOR, outcomeOf } from './bench.ts';

const DEVICES = ['br2_edge', 'br1_edge'];
const MORE = { target: { devices: DEVICES }, input: { interface: 'ge0/2', description: 'guests' } };
const TOOL = 'interface.set-description';

const change = (bench: Bench) => outcomeOf(bench.change(OPERATOR, MORE, TOOL));
const shows = (bench: Bench): readonly (string | undefined)[] =>
  DEVICES.map(
    (device) =>
      bench.network.config({ tenant: 'acme', device }).interfaces.find(({ name }) => name === 'ge0/2')?.description,
  );
const open = async (bench: Bench) => (await bench.journal.unfinished()).map(({ device }) => device).sort();

async function approved(): Promise<Bench> {
  const bench = await createBench();
  bench.turn.obligations = bench.turn.obligations.filter((one) => one.kind !== 'limit');
  const answer = await bench.change(OPERATOR, MORE, TOOL);
  if (answer.status !== 'pending') throw new Error('not pending');
  await bench.vote('admin@acme', answer.approval);
  return bench;
}
const receiptOf = async (bench: Bench) => {
  const [approval] = await bench.approvals.list('acme');
  return (await bench.journal.find('acme', approval?.intent.id ?? ''))?.receipt;
};

describe('a change of several devices', () => {
  it('is shown, approved and executed as one, the first device as the canary', async () => {
    const bench = await approved();
    const before = shows(bench);
    const [approval] = await bench.approvals.list('acme');
    for (const device of DEVICES) expect(approval?.diff).toContain(`+++ ${device} (after)`);
    expect(approval?.rehearsal?.blastRadius.devices).toEqual(expect.arrayContaining(DEVICES));
    const first: string[] = [];
    bench.turn.meddle = (request, { device }) => void (request === 'commit' && first.push(device));
    expect(await change(bench)).toBe('succeeded');
    expect(first.slice(0, 1)).toEqual(['br2_edge']);
    expect(shows(bench)).toEqual(['guests', 'guests']);
    const receipt = await receiptOf(bench);
    expect(receipt?.devices).toMatchObject(DEVICES.map((device) => ({ device, outcome: 'succeeded' })));
    expect(receipt?.devices.every((one) => one.after !== undefined && one.after !== one.before)).toBe(true);
    expect(receipt?.steps.filter(({ step, ok }) => step === 'confirm' && ok)).toHaveLength(2);
    for (const device of DEVICES) bench.device('acme', device).lapse();
    expect(shows(bench)).toEqual(['guests', 'guests']);
    expect(before).not.toContain('guests');
    expect(await open(bench)).toEqual([]);
  });

  it.each([
    ['the canary cannot be locked', 'lock', 'br2_edge', 'failed'],
    ['the second device refuses the edit', 'edit', 'br1_edge', 'reverted'],
    ['the second device refuses to commit', 'commit', 'br1_edge', 'reverted'],
    ['the second device refuses the confirmation', 'confirm', 'br1_edge', 'reverted'],
  ])('ends on no device when %s', async (_says, step, culprit, outcome) => {
    const bench = await approved();
    const before = shows(bench);
    let refused = false;
    bench.turn.meddle = (request, { device }) => {
      if (request !== step || device !== culprit || refused) return;
      refused = true;
      throw new DriverError('RPC_ERROR', 'not today', 'access-denied');
    };
    expect(await change(bench)).toBe(outcome);
    for (const device of DEVICES) bench.device('acme', device).lapse();
    expect(shows(bench)).toEqual(before);
    expect(await open(bench)).toEqual([]);
  });

  it('is void for all when one of them changed since the approval', async () => {
    const bench = await approved();
    const ref = { tenant: 'acme', device: 'br1_edge' };
    const config = bench.network.config(ref);
    bench.network.commit(ref, { ...config, hostname: `${config.hostname}x` }, 'somebody');
    expect(await change(bench)).toBe('DRIFT');
    expect(DEVICES.flatMap((device) => bench.device('acme', device).commits)).toEqual([]);
  });

  it('of which one device falls silent in doubt is told as unknown, blocks that one, and ends on none', async () => {
    const bench = await approved();
    const before = shows(bench);
    bench.turn.meddle = (request, { device }) => {
      if (request !== 'confirm' || device !== 'br1_edge') return;
      bench.turn.silent.add('acme/br1_edge');
      throw new DriverError('LOST', 'connection lost');
    };
    expect(await change(bench)).toBe('unknown');
    expect(await open(bench)).toEqual(['br1_edge']);
    expect(bench.pages).toMatchObject([{ device: 'br1_edge' }]);
    bench.turn.silent.clear();
    bench.turn.meddle = () => undefined;
    expect(await bench.recover()).toMatchObject([{ outcome: 'reverted' }]);
    expect(shows(bench)).toEqual(before);
    expect((await receiptOf(bench))?.devices).toMatchObject([
      { device: 'br2_edge', outcome: 'reverted' },
      { device: 'br1_edge', outcome: 'reverted' },
    ]);
  });

  it('does not wait for another one that names the same devices in another order', async () => {
    const bench = await approved();
    const other = { ...MORE, target: { devices: [...DEVICES].reverse() }, intent: 'int_bbbbbbbb' };
    const [mine, theirs] = await Promise.all([change(bench), outcomeOf(bench.change(OPERATOR, other, TOOL))]);
    expect(mine).toBe('succeeded');
    // Either it saw the change under way, or it came second and found nothing left to change.
    expect(['CHANGES_STOPPED', 'INPUT_INVALID']).toContain(theirs);
  });
});

/** Dies at the `last`th thing that it does to a device or to its journal: from then on nothing it does has an effect. */
async function dieAt(
  last: number,
): Promise<{ readonly bench: Bench; readonly died: boolean; readonly before: readonly unknown[] }> {
  const bench = await approved();
  const before = shows(bench);
  const { journal, devices, audit, approvals } = bench.shared;
  const living = { journal: { ...journal }, write: devices.write, append: audit.append, update: approvals.update };
  const sessions: { close(): Promise<void> }[] = [];
  let count = 0;
  const act = (): void => {
    count += 1;
    if (count >= last) throw new Error('killed');
  };
  const dying =
    <Args extends readonly unknown[], T>(work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      act();
      return work(...args);
    };
  bench.turn.meddle = act;
  for (const name of ['setState', 'finish', 'openTransaction', 'recordStep', 'closeTransaction'] as const)
    Object.assign(journal, {
      [name]: dying(living.journal[name] as (...args: readonly unknown[]) => Promise<unknown>),
    });
  Object.assign(audit, { append: dying(living.append) });
  Object.assign(approvals, { update: dying(living.update) });
  Object.assign(devices, {
    write: async (...args: Parameters<typeof living.write>) => {
      const session = await living.write(...args);
      sessions.push(session);
      return session;
    },
  });
  await change(bench);
  const died = count >= last;
  // The process is gone: its connections close, and a new one begins with what was stored.
  await Promise.all(sessions.map((session) => session.close()));
  bench.turn.meddle = () => undefined;
  Object.assign(journal, living.journal);
  Object.assign(audit, { append: living.append });
  Object.assign(approvals, { update: living.update });
  Object.assign(devices, { write: living.write });
  return { bench, died, before };
}

describe('a broker that dies', () => {
  it('at any point leaves all devices with the change or none, and says which', { timeout: 240_000 }, async () => {
    const ends = new Map<string, number>();
    for (let last = 1; ; last += 1) {
      const { bench, died, before } = await dieAt(last);
      await bench.closeInterrupted();
      await bench.recover();
      const told = (await receiptOf(bench))?.outcome;
      for (const device of DEVICES) bench.device('acme', device).lapse();
      const now = shows(bench);
      const where = `killed at ${last}, told ${told}`;
      expect(await open(bench), where).toEqual([]);
      if (told === 'succeeded') expect(now, where).toEqual(['guests', 'guests']);
      else expect(now, where).toEqual(before);
      // Asked again, it answers what it came to and sends nothing; before the execution began it is executed now.
      const commits = DEVICES.map((device) => bench.device('acme', device).commits.length);
      const again = await change(bench);
      if (told !== undefined) {
        expect(again, where).toBe(told);
        expect(DEVICES.map((device) => bench.device('acme', device).commits.length)).toEqual(commits);
      } else expect(again, where).toBe('succeeded');
      ends.set(told ?? 'not begun', (ends.get(told ?? 'not begun') ?? 0) + 1);
      if (!died) break;
    }
    expect([...ends.keys()].sort()).toEqual(['failed', 'not begun', 'reverted', 'succeeded']);
  });
});
