/** What an agent may make of incidents and evidence: nothing that would carry a change by its own word. */
import { describe, expect, it } from 'vitest';
import type { Answer, Incident } from '../../../broker/contract.ts';
import { AGENT, type Bench, type Caller, createBench, OPERATOR, outcomeOf } from '../pipeline/bench.ts';

const TRIAGE: Caller = { human: 'operator@acme', agent: 'health-monitor' };
const evidenceOf = (answer: Answer): readonly string[] =>
  answer.status === 'done' ? answer.evidence.map((one) => one.id) : [];
const read = async (bench: Bench, device: string): Promise<readonly string[]> =>
  evidenceOf(
    await bench.call(AGENT, 'diagnostics', 'bgp.read', { target: { devices: [device] }, input: {}, purpose: 'chat:1' }),
  );
const listDevices = async (bench: Bench): Promise<readonly string[]> =>
  evidenceOf(await bench.call(AGENT, 'inventory', 'inventory.devices', { input: {}, purpose: 'chat:1' }));
async function open(bench: Bench, evidence: readonly string[], caller = AGENT): Promise<Incident> {
  const input = { title: 'BGP is down', severity: 'major', resources: ['node/br2_edge'], evidence };
  await bench.call(caller, 'inventory', 'incident.open', { input, purpose: 'chat:1' });
  const incident = (await bench.incidents.list('acme')).at(-1);
  if (incident === undefined) throw new Error('no incident');
  return incident;
}
const move = (bench: Bench, incident: string, state: string, caller = AGENT) =>
  outcomeOf(
    bench.call(caller, 'inventory', 'incident.update', { input: { incident, state, note: 'n' }, purpose: 'chat:1' }),
  );
const changeFor = (bench: Bench, purpose: string, caller = AGENT) => outcomeOf(bench.change(caller, { purpose }));

describe('an incident that an agent opened', () => {
  it('carries a change only with what a device said of the target', async () => {
    const bench = await createBench();
    bench.inject();
    expect(await changeFor(bench, (await open(bench, [])).id)).toBe('DENIED');
    // What the broker itself has on record shows no symptom.
    expect(await changeFor(bench, (await open(bench, await listDevices(bench))).id)).toBe('DENIED');
    expect(await changeFor(bench, (await open(bench, await read(bench, 'br1_edge'))).id)).toBe('DENIED');
    expect(await changeFor(bench, (await open(bench, await read(bench, 'br2_edge'))).id)).toBe('pending');
  });

  it('carries no change once it is closed, and none without being there', async () => {
    const bench = await createBench();
    bench.inject();
    const { id } = await open(bench, await read(bench, 'br2_edge'));
    expect(await move(bench, id, 'closed')).toBe('done');
    expect(await changeFor(bench, id)).toBe('DENIED');
    expect(await move(bench, id, 'open')).toBe('DENIED');
    expect(await changeFor(bench, 'inc_nothing')).toBe('DENIED');
    expect(await changeFor(bench, 'sch_nightly')).toBe('DENIED');
    expect((await bench.incidents.get('acme', id))?.state).toBe('closed');
  });

  it('needs evidence of the tenant, and their number ends', async () => {
    const bench = await createBench();
    const input = { title: 't', severity: 'minor', resources: [], evidence: ['evd_unknown'] };
    const args = { input, purpose: 'chat:1' };
    expect(await outcomeOf(bench.call(AGENT, 'inventory', 'incident.open', args))).toBe('NOT_FOUND');
    const kept = await open(bench, []);
    for (let n = 0; n < 600; n += 1) await bench.incidents.put({ ...kept, id: `inc_${n}` });
    const more = { ...args, input: { ...input, evidence: [] } };
    expect(await outcomeOf(bench.call(AGENT, 'inventory', 'incident.open', more))).toBe('LIMITED');
    const listed = await bench.call(AGENT, 'inventory', 'incident.list', { input: {}, purpose: 'chat:1' });
    expect(evidenceOf(listed).length).toBeLessThanOrEqual(500);
  });
});

describe('an incident that a person acknowledged', () => {
  it('carries the change of an agent, and is not the agent’s to close', async () => {
    const bench = await createBench();
    bench.inject();
    const { id } = await open(bench, [], OPERATOR);
    expect(await move(bench, id, 'closed')).toBe('DENIED');
    expect(await changeFor(bench, id)).toBe('pending');
  });

  it('loses the acknowledgement when an agent opens it again, and keeps it while it is acknowledged', async () => {
    const bench = await createBench();
    bench.inject();
    const { id } = await open(bench, [], OPERATOR);
    const kept = await bench.incidents.get('acme', id);
    if (kept === undefined) throw new Error('gone');
    await bench.incidents.put({ ...kept, state: 'acknowledged' });
    expect(await move(bench, id, 'open')).toBe('done');
    expect(await bench.incidents.get('acme', id)).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'operator@acme',
    });
    expect(await move(bench, id, 'resolved')).toBe('done');
    expect(await changeFor(bench, id)).toBe('DENIED');
    expect(await move(bench, id, 'open')).toBe('done');
    expect(await changeFor(bench, id)).toBe('DENIED');
    expect(await move(bench, id, 'resolved', OPERATOR)).toBe('done');
    expect(await move(bench, id, 'open', OPERATOR)).toBe('done');
    expect(await changeFor(bench, id)).toBe('pending');
  });

  it('is closed by the agent that opened it, not by another', async () => {
    const bench = await createBench();
    const { id } = await open(bench, []);
    expect(await move(bench, id, 'closed', TRIAGE)).toBe('DENIED');
    expect(await move(bench, id, 'closed')).toBe('done');
  });
});

describe('what an agent writes', () => {
  it('is in the log with its note', async () => {
    const bench = await createBench();
    const { id } = await open(bench, []);
    await move(bench, id, 'resolved');
    const texts = (await bench.entries()).filter((entry) => entry.kind === 'execute').map((entry) => entry.content);
    expect(JSON.stringify(texts.at(-1))).toContain(id);
    expect(JSON.stringify(texts.at(-1))).toContain('note');
  });
});
