/** Over real sockets a replay sees what it sees in memory: SSH, SNMPv3 and HTTPS carry the same readings, and changes. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createModelDevices } from '../../../apps/compose/model-devices.ts';
import { openWiredDevices } from '../../../apps/compose/wired-devices.ts';
import { openPlayer, type Player } from '../../../apps/replay/play-scored.ts';
import { type SetCase, setCase, TENANT } from '../../../apps/replay/set-case.ts';
import type { Observation } from '../../../broker/contract.ts';
import type { Devices } from '../../../broker/execution/devices.ts';
import { describeTenant } from '../../../scenarios/observe.ts';
import type { ReplayCase } from '../../../scenarios/replay/case.ts';
import { chooseCases } from '../../../scenarios/replay/choose-cases.ts';
import { findTool } from '../../../tools/registry.ts';

const LONG = 120_000;

function wiredCase(id: string): ReplayCase {
  const setting = { size: 's', network: 'refnet:s', seed: 3, baselines: false, wire: true, leaveOut: false };
  const [found] = chooseCases({ names: [id], settings: [setting] });
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

describe('readings', { timeout: LONG }, () => {
  let stage: SetCase;
  let wired: Awaited<ReturnType<typeof openWiredDevices>>;
  const defects: unknown[] = [];
  beforeAll(async () => {
    const set = setCase(wiredCase('R01'));
    if (typeof set === 'string') throw new Error(set);
    stage = set;
    wired = await openWiredDevices(
      { network: stage.network, clock: stage.clock, tenants: [TENANT] },
      {
        clock: stage.clock,
        quarantine: { of: () => [], put: async () => undefined, reload: async () => undefined } as never,
        audit: { append: async () => ({ index: 0 }) as never },
        log: { error: (fields) => defects.push(fields) },
      },
    );
  }, LONG);
  afterAll(() => wired.close());

  async function seen(devices: Devices, tool: string, input: object, at: readonly string[]) {
    const found = findTool(tool);
    if (found === undefined) throw new Error(`no ${tool}`);
    const context = describeTenant(stage.network, TENANT);
    const operations = found.plan(input, { devices: at }, context);
    const replies = await Promise.all(
      operations.map(async (operation) =>
        // The broker's own records are not read from a device: there are none here.
        operation.protocol === 'records'
          ? { operation, collectedAt: '', ok: true as const, protocol: 'records' as const, json: [] }
          : devices.read(TENANT, operation),
      ),
    );
    return found.read(replies, context);
  }
  const sorted = (list: readonly Observation[]) => list.map((one) => JSON.stringify(one)).sort();

  it.each([
    ['system.read', {}],
    ['interfaces.read', {}],
    ['tunnels.read', {}],
    ['bgp.read', {}],
    ['statistics.read', {}],
    ['lan.read', {}],
    ['config.diff', {}],
    ['config.read', { section: 'bgp' }],
    ['control.read', {}],
    ['approute.read', {}],
    ['acl.read', {}],
    ['routes.read', { vrf: 10 }],
  ])('%s', async (tool, input) => {
    const at = ['hub1_edge', 'br1_edge', 'director', 'ctrl1'];
    const memory = await seen(createModelDevices(stage.network, stage.clock), tool, input, at);
    const wire = await seen(wired, tool, input, at);
    expect(memory.length).toBeGreaterThan(0);
    expect(sorted(wire)).toEqual(sorted(memory));
    expect(defects).toEqual([]);
  });

  it('traps and syslog, from devices that the broker knows, with what happened', async () => {
    const { network, clock } = stage;
    network.inject({ tenant: TENANT, type: 'link_down', resource: 'interface/br1_edge/ge0/0' });
    clock.advanceTo(clock.now() + 60_000);
    const heard = await vi.waitFor(async () => {
      await wired.settle();
      const events = await wired.feed.read({ tenant: TENANT, stream: 'events', since: 0, limit: 500, waitSeconds: 0 });
      expect(new Set(events.map(({ channel }) => channel))).toEqual(new Set(['trap', 'syslog']));
      return events;
    });
    expect(heard.filter(({ device }) => device === 'br1_edge').map(({ name }) => name)).toContain('trap.linkDown');
    expect(wired.counts()).toMatchObject({ drops: { 'unknown-source': 0 } });
  });

  it('SNMP', async () => {
    const ifOperStatus = '1.3.6.1.2.1.2.2.1.8';
    const walk = { protocol: 'snmp', kind: 'walk', device: 'br1_edge', columns: [ifOperStatus] } as const;
    const memory = await createModelDevices(stage.network, stage.clock).read(TENANT, walk);
    const wire = await wired.read(TENANT, walk);
    expect(memory).toMatchObject({ ok: true });
    expect(wire).toEqual(memory);
  });
});

describe('a story', { timeout: LONG }, () => {
  let player: Player;
  beforeAll(async () => {
    player = await openPlayer();
  }, LONG);
  afterAll(() => player.close());

  it('is found, repaired and verified over the wire', async () => {
    const { played, score } = await player.play(wiredCase('R01'));
    expect(played).toMatchObject({
      writes: 1,
      remediation: { outcome: 'fixed', regressions: 0 },
      violations: [],
    });
    expect(played.wall_received?.events).toBeGreaterThan(0);
    expect(score?.right).toBe(true);
  });
});
