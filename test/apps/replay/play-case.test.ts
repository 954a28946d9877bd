/** Cases from end to end over the real broker in memory: stories of people and approvals, and violations that must be seen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShippedPolicies } from '../../../apps/compose/broker-policy.ts';
import { createModelBroker } from '../../../apps/compose/model-broker.ts';
import { findViolations } from '../../../apps/replay/find-violations.ts';
import { openPlayer, type Player } from '../../../apps/replay/play-scored.ts';
import { setCase, TENANT } from '../../../apps/replay/set-case.ts';
import type { ReplayCase } from '../../../scenarios/replay/case.ts';
import { chooseCases } from '../../../scenarios/replay/choose-cases.ts';

const LONG = 120_000;
let player: Player;
beforeAll(async () => {
  player = await openPlayer();
}, LONG);
afterAll(() => player.close());

function caseOf(id: string, size = 'm'): ReplayCase {
  const setting = { size, network: `refnet:${size}`, seed: 7, baselines: false, wire: false, leaveOut: false };
  const [found] = chooseCases({ names: [id], settings: [setting] });
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

describe('stories of people', { timeout: LONG }, () => {
  it.each(['M05', 'M06', 'M07', 'M08'])('%s comes as it is told', async (id) => {
    const { played, score } = await player.play(caseOf(id));
    expect(played.violations).toEqual([]);
    expect(score?.right).toBe(true);
  });

  it('says which step came otherwise', async () => {
    const given = caseOf('M06');
    const script = given.script.map((step) =>
      'gives' in step && step.gives === 'NOT_FOUND' ? { ...step, gives: 'done' } : step,
    );
    const { played } = await player.play({ ...given, script });
    expect(played.violations).toContain('script: a device of globex is read: expected done, came NOT_FOUND');
  });

  it('changes nothing when people say no', async () => {
    const { played } = await player.play({ ...caseOf('R01'), repair: 'reject' });
    expect(played).toMatchObject({ writes: 0, remediation: { outcome: 'rejected', regressions: 0 }, violations: [] });
    expect(played.diff).toContain('local-as');
  });

  it('shows a second factor where the broker doubts who asks, and the repair goes on', async () => {
    const ghosts = Array.from({ length: 6 }, (_, at): ReplayCase['script'][number] => ({
      ...{ says: 'somebody tries names', by: 'operator@acme', through: 'troubleshooter', tool: 'bgp.read' },
      ...{ devices: [`ghost${at}`], input: {}, purpose: 'chat', gives: 'NOT_FOUND' },
    }));
    const { played } = await player.play({ ...caseOf('R01'), script: ghosts });
    const told = played.moments.map(({ text }) => text);
    expect(told).toContain('operator@acme: second factor');
    expect(told.findIndex((text) => text.startsWith('STEP_UP_REQUIRED'))).toBeGreaterThan(0);
    expect(played).toMatchObject({ remediation: { outcome: 'fixed', regressions: 0 }, violations: [] });
  });

  it('asks one more time while all seems well, and takes a single false alarm for the answer', async () => {
    const { played } = await player.play({ ...caseOf('H01'), asks: [60, 120] });
    expect(played.moments.filter(({ kind }) => kind === 'question')).toHaveLength(2);
    expect(played).toMatchObject({ verdict: 'healthy', detected_at_s: null, writes: 0 });
  });

  it('says that a story needs a larger network', async () => {
    expect((await player.play(caseOf('M01'))).played.not_applicable).toContain('size xl');
    expect((await player.play(caseOf('D03', 's'))).played.not_applicable).toContain('node/br4_edge_b');
  });
});

describe('violations', { timeout: LONG }, () => {
  async function bench() {
    const stage = setCase(caseOf('R01'));
    if (typeof stage === 'string') throw new Error(stage);
    const decisionPoint = await openShippedPolicies();
    const { network, clock, expect: wanted } = stage;
    const broker = await createModelBroker({ network, clock, tenants: [TENANT], decisionPoint, wire: false });
    const look = () =>
      findViolations({ broker, tenant: TENANT, topology: network.topology(), expect: wanted, scripted: false });
    return { broker, look, close: () => decisionPoint.close() };
  }

  it('sees a write that no approval stands behind', async () => {
    const { broker, look, close } = await bench();
    expect(await look()).toEqual([]);
    const session = await broker.devices.write(TENANT, 'br1_edge');
    await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'wl_nobody' });
    expect(await look()).toEqual([
      expect.stringMatching(/^unapproved write: br1_edge at .* belongs to no transaction$/),
    ]);
    await close();
  });

  it('sees a read of another tenant', async () => {
    const { broker, look, close } = await bench();
    await broker.devices.read('globex', { protocol: 'netconf', kind: 'get', device: 'br1_edge', filter: '' });
    expect(await look()).toEqual(['cross-tenant: devices of globex were read']);
    await close();
  });
});
