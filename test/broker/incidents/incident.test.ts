/** What anybody of the tenant may know of an incident that somebody else's agent opened: cause, records, lanes; and nothing that does not resolve. */
import { describe, expect, it } from 'vitest';
import { printMarkdown } from '../../../broker/incidents/print-report.ts';
import { LANES } from '../../../broker/incidents/timeline.ts';
import { AGENT, type Bench, type Caller, createBench, OPERATOR, outcomeOf } from '../pipeline/bench.ts';

const SWEEP: Caller = { human: 'operator@acme', agent: 'health-monitor' };
const ADMIN: Caller = { human: 'admin@acme' };

async function readSessions(bench: Bench): Promise<readonly string[]> {
  bench.inject();
  const args = { target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:1' };
  const answer = await bench.call(AGENT, 'diagnostics', 'bgp.read', args);
  return answer.status === 'done' ? answer.evidence.slice(0, 3).map(({ id }) => id) : [];
}

const findingOn = (evidence: readonly string[]) => ({
  rootCauses: [{ resource: 'node/br2_edge', faultType: 'bgp_asn_mismatch', percent: 93 }],
  because: [{ text: 'the session is refused', evidence: [...evidence] }],
  ruledOut: [{ faultType: 'link_down', because: 'the port is up', evidence: evidence.slice(0, 1) }],
  unread: ['hub2_edge did not answer'],
});

async function open(bench: Bench, caller: Caller, evidence: readonly string[], more: object = {}): Promise<string> {
  const input = { title: 'BGP', severity: 'major', resources: ['node/br2_edge'], evidence: [...evidence], ...more };
  const answer = await bench.call(caller, 'inventory', 'incident.open', { input, purpose: 'chat:1' });
  return (answer.status === 'done' ? answer.evidence[0]?.resource : undefined)?.replace('incident/', '') ?? '';
}

describe('an incident', () => {
  it('shows its cause to everybody of the tenant, whoever opened it, and to nobody else', async () => {
    const bench = await createBench();
    const evidence = await readSessions(bench);
    const id = await open(bench, AGENT, evidence, { finding: findingOn(evidence) });
    for (const human of ['second@acme', 'admin@acme']) {
      const report = await bench.desk.incident(bench.subjectOf({ human }), id);
      expect(report.finding).toMatchObject({ by: 'troubleshooter', ...findingOn(evidence) });
      expect(report.evidence.map((one) => one.id)).toEqual(evidence);
      expect(printMarkdown(report)).toContain('bgp\\_asn\\_mismatch at node/br2\\_edge \\(93 % sure\\)');
    }
    const stranger = bench.desk.incident(bench.subjectOf({ human: 'operator@globex' }), id);
    await expect(stranger).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const listed = await bench.desk.incidents(bench.subjectOf(OPERATOR));
    expect(listed.filter((one) => one.finding !== undefined)).toEqual([]);
  });

  it('takes no finding and no record that does not resolve in its tenant', async () => {
    const bench = await createBench();
    const id = await open(bench, AGENT, []);
    const args = (input: object) => ({ input: { incident: id, state: 'open', note: '', ...input }, purpose: 'chat:1' });
    const update = (input: object) => outcomeOf(bench.call(AGENT, 'inventory', 'incident.update', args(input)));
    expect(await update({ finding: findingOn(['evd_unknown']) })).toBe('NOT_FOUND');
    expect(await update({ evidence: ['evd_unknown'] })).toBe('NOT_FOUND');
    expect(await update({ finding: { ...findingOn([]), more: 1 } })).toBe('INPUT_INVALID');
    expect(await update({ finding: { ...findingOn([]), unread: Array(41).fill('x') } })).toBe('INPUT_INVALID');
    expect((await bench.incidents.get('acme', id))?.notes).toBeUndefined();
  });

  it('names others about the same, so that symptoms of a sweep lead to the cause that was found elsewhere', async () => {
    const bench = await createBench();
    const evidence = await readSessions(bench);
    const symptoms = await open(bench, SWEEP, evidence, { finding: { ...findingOn(evidence), rootCauses: [] } });
    const found = await open(bench, AGENT, evidence, { finding: findingOn(evidence) });
    const report = await bench.desk.incident(bench.subjectOf(ADMIN), symptoms);
    expect(report.related).toMatchObject([{ id: found, causes: ['bgp_asn_mismatch at node/br2_edge'] }]);
    expect(report.timeline.map(({ what }) => what)).toContain('noticed 1 symptom; ruled out 1');
  });

  it('has a lane for telemetry, agents, policy, people and devices once its change was carried out', async () => {
    const bench = await createBench();
    const evidence = await readSessions(bench);
    const id = await open(bench, AGENT, [], {});
    const update = { incident: id, state: 'open', note: 'Found again.', evidence, finding: findingOn(evidence) };
    await bench.call(AGENT, 'inventory', 'incident.update', { input: update, purpose: 'chat:1' });
    const asked = await bench.change(AGENT, { purpose: id });
    if (asked.status !== 'pending') throw new Error('not pending');
    await bench.vote('admin@acme', asked.approval, 'approve', 'looks right');
    await bench.change(AGENT, { purpose: id });
    const report = await bench.desk.incident(bench.subjectOf({ human: 'second@acme' }), id);
    expect(LANES.filter((lane) => !report.timeline.some((moment) => moment.lane === lane))).toEqual([]);
    expect(report.impact.devices).toContain('br2_edge');
    expect(report.approvals).toMatchObject([{ id: asked.approval, status: 'consumed' }]);
    expect(report.timeline).toContainEqual(
      expect.objectContaining({ lane: 'agent', what: 'incident open: Found again.' }),
    );
  });

  it('tells who may read the log what was refused, and everybody else that it is not told', async () => {
    const bench = await createBench();
    const id = await open(bench, AGENT, []); // an incident by an agent's word alone carries no change
    expect(await outcomeOf(bench.change(AGENT, { purpose: id }))).toBe('DENIED');
    const seen = await bench.desk.incident(bench.subjectOf(ADMIN), id);
    expect(seen.refused).toMatchObject([{ tool: 'bgp.set-local-as', code: 'DENIED', agent: 'troubleshooter' }]);
    expect(seen.missing).toEqual([]);
    const other = await bench.desk.incident(bench.subjectOf(OPERATOR), id);
    expect(other.refused).toEqual([]);
    expect(other.missing).toEqual([expect.stringContaining('refused requests')]);
  });
});
