/** Risk, baselines and blast radius as folds over the log: the same entries give the same, live, replayed, and after a restart. */
import { describe, expect, it } from 'vitest';
import { followLog } from '../../../broker/risk/follow-log.ts';
import {
  applyCall,
  isMature,
  LEAST_UNUSUAL,
  noveltyOf,
  type ProfiledCall,
  startProfile,
  unusualOf,
} from '../../../broker/risk/profile.ts';
import { createRiskLedger } from '../../../broker/risk/risk-ledger.ts';
import { createStanding, type Transition } from '../../../broker/risk/standing.ts';
import { createMemoryStanding } from '../../../broker/stores/memory-standing.ts';
import { AGENT, type Bench, createBench, OPERATOR, outcomeOf, propose } from '../pipeline/bench.ts';

const read = (bench: Bench, caller: typeof OPERATOR, device: string) =>
  outcomeOf(
    bench.call(caller, 'diagnostics', 'bgp.read', { target: { devices: [device] }, input: {}, purpose: 'chat:1' }),
  );

/** Reads, denials, names that do not exist, a change, a suspension, a clearance. */
async function live(bench: Bench): Promise<void> {
  bench.inject();
  await read(bench, AGENT, 'br2_edge');
  for (let n = 0; n < 6; n += 1) await read(bench, AGENT, `br${n + 20}_edge`);
  bench.turn.permit = () => false;
  await read(bench, OPERATOR, 'br1_edge');
  bench.turn.permit = () => true;
  const approval = await propose(bench);
  await bench.vote('admin@acme', approval);
  await bench.change();
  bench.advance(5 * 60_000);
  for (let n = 0; n < 16; n += 1) await read(bench, { human: 'second@acme' }, `x${n}`);
  await bench.desk.clearRisk(bench.subjectOf({ human: 'admin@acme' }), 'second@acme');
  await read(bench, { human: 'second@acme' }, 'br1_edge');
}

describe('the standing', () => {
  it('is the same when the log is played back, and so are the bands that the log tells of', async () => {
    const bench = await createBench();
    await live(bench);
    const replayed = createStanding();
    const entries = await bench.entries();
    const moved: Transition[] = entries.flatMap((entry) => replayed.apply(entry));
    const said = entries.filter(({ kind }) => kind === 'risk.band');
    expect(said.map(({ human, content }) => [human, content['from'], content['to'], content['score']])).toEqual(
      moved.map(({ key, from, to, risk }) => [key.human, from, to, risk.score]),
    );
    expect(moved.map(({ to }) => to)).toEqual(['step-up', 'step-up', 'read-only', 'suspended', 'normal']);
    expect(bench.transitions).toEqual(moved);
    const now = bench.clock;
    expect(createRiskLedger(replayed, now).people('acme')).toEqual(
      createRiskLedger(bench.standing, now).people('acme'),
    );
    expect(replayed.profiles('acme')).toEqual(bench.standing.profiles('acme'));
    expect(replayed.blast('acme')).toEqual(bench.standing.blast('acme'));
    expect(replayed.blast('acme').touches).toMatchObject([{ devices: ['br2_edge'], charged: true }]);
  });

  it('survives a restart, also when the stored copy is older than the log, and takes in what others appended', async () => {
    const bench = await createBench();
    const store = createMemoryStanding();
    const open = () => followLog({ audit: bench.audit, store, onTransition: () => undefined });
    for (let n = 0; n < 16; n += 1) await read(bench, OPERATOR, `x${n}`);
    const first = await open();
    const key = { tenant: 'acme', human: 'operator@acme' };
    expect(first.standing.risk(key).band).toBe('suspended');
    await bench.desk.clearRisk(bench.subjectOf({ human: 'admin@acme' }), 'operator@acme');
    expect(first.standing.risk(key).band).toBe('suspended');
    // Our own entry comes after theirs: they are taken in before it counts.
    await first.audit.append({
      at: new Date(bench.clock.now()).toISOString(),
      tenant: 'acme',
      kind: 'note',
      content: {},
    });
    expect(first.standing.risk(key).band).toBe('normal');
    const second = await open();
    expect(second.standing.risk(key)).toEqual(first.standing.risk(key));
    expect((await store.load())?.upTo).toBe(bench.audit.size());
  });

  it('of other rules is computed anew', async () => {
    const bench = await createBench();
    for (let n = 0; n < 5; n += 1) await read(bench, OPERATOR, `x${n}`);
    const store = createMemoryStanding();
    await store.save({ rules: 'others', upTo: bench.audit.size(), records: [] });
    const { standing } = await followLog({ audit: bench.audit, store, onTransition: () => undefined });
    expect(standing.risk({ tenant: 'acme', human: 'operator@acme' }).marks).toHaveLength(5);
  });
});

const HOUR = 3_600_000;
const one = (session: string, at: number, more: Partial<ProfiledCall> = {}): ProfiledCall => ({
  ...{ session, at, tool: 'bgp.read', devices: ['br1_edge'], clean: true },
  ...more,
});

/** Six clean sessions of 25 calls each, and an hour for the last to be learned. */
function grown() {
  let profile = startProfile();
  for (let s = 0; s < 6; s += 1)
    for (let n = 0; n < 25; n += 1) profile = applyCall(profile, one(`ses_${s}`, s * HOUR + n * 1000));
  return applyCall(profile, one('ses_now', 8 * HOUR));
}

describe('a baseline', () => {
  it('is learned from whole sessions that were clean, and from no other', () => {
    const profile = grown();
    expect(isMature(profile)).toBe(true);
    expect(profile.learned).toMatchObject({ sessions: 6, calls: 150, tools: { 'bgp.read': 150 }, rate: 25, spread: 1 });
    let spoilt = startProfile();
    for (let s = 0; s < 6; s += 1) {
      for (let n = 0; n < 25; n += 1) spoilt = applyCall(spoilt, one(`ses_${s}`, s * HOUR + n * 1000));
      spoilt = applyCall(spoilt, one(`ses_${s}`, s * HOUR + 30_000, { clean: false }));
    }
    expect(applyCall(spoilt, one('ses_now', 8 * HOUR)).learned).toMatchObject({ sessions: 0, tools: {} });
  });

  it('knows what is new, once it has seen enough', () => {
    const call = one('ses_now', 8 * HOUR + 1, { tool: 'routes.read', devices: ['br1_edge', 'br2_edge'] });
    expect(noveltyOf(grown(), call)).toEqual(['tool routes.read', 'device br2_edge']);
    expect(noveltyOf(startProfile(), call)).toEqual([]);
  });

  it('calls a tool outside the work of the agent, a rush and a sweep unusual, and honest work not', () => {
    const ask = (profile: ReturnType<typeof grown>, more: object = {}) =>
      unusualOf(profile, 'troubleshooter', {
        ...{ session: 'ses_now', tool: 'bgp.read', domain: 'diagnostics', devices: ['br1_edge'] },
        ...{ purpose: 'incident', at: 8 * HOUR + 1 },
        ...more,
      });
    expect(ask(grown())).toEqual([]);
    expect(ask(grown(), { domain: 'wan', tool: 'acl.remove-entry' })).toEqual([]);
    expect(ask(grown(), { domain: 'security', tool: 'host.quarantine' })).toEqual(['tool']);
    const many = Array.from({ length: LEAST_UNUSUAL.spread + 1 }, (_, n) => `br${n}_edge`);
    expect(ask(grown(), { devices: many })).toEqual(['device']);
    expect(ask(startProfile(), { devices: many })).toEqual([]);
    let rush = grown();
    for (let n = 0; n < LEAST_UNUSUAL.rate; n += 1) rush = applyCall(rush, one('ses_now', 8 * HOUR + n));
    expect(ask(rush, { at: 8 * HOUR + 500 })).toEqual(['rate']);
  });
});
