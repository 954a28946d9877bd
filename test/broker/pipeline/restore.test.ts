/** `config.restore` through the whole pipeline: every slip of a configuration that the model knows is found by `config.diff` and taken back. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { RESTORABLE } from '../../../tools/config-sections.ts';
import { type Bench, createBench, OPERATOR, outcomeOf } from './bench.ts';

const TOOL = 'config.restore';

/** What `config.diff` says of each device: sections that are not as intended. */
async function driftOf(bench: Bench): Promise<ReadonlyMap<string, readonly string[]>> {
  const devices = (await bench.inventory.devices('acme')).filter(({ role }) => role !== 'controller');
  const answer = await bench.call(OPERATOR, 'diagnostics', 'config.diff', {
    target: { devices: devices.map(({ name }) => name) },
    input: {},
    purpose: 'chat:1',
  });
  if (answer.status !== 'done') throw new Error('not read');
  const found = new Map<string, string[]>();
  for (const { resource, signal, value } of answer.evidence) {
    if (signal !== 'cfg.diff') continue;
    const device = resource.replace('node/', '');
    const section = String(value).split(/[/:]/)[0] ?? '';
    found.set(device, [...new Set([...(found.get(device) ?? []), section])]);
  }
  return found;
}

const request = (device: string, sections: readonly string[]) => ({
  target: { devices: [device] },
  input: { sections: [...sections] },
  intent: `int_${device.replaceAll('_', '')}000`,
});

const configs = (bench: Bench) => bench.network.devices().map((ref) => bench.network.config(ref));

async function approve(bench: Bench, device: string, sections: readonly string[]): Promise<void> {
  const answer = await bench.change(OPERATOR, request(device, sections), TOOL);
  if (answer.status !== 'pending') throw new Error('not pending');
  await bench.vote('admin@acme', answer.approval);
}

const restore = (bench: Bench, device: string, sections: readonly string[]) =>
  outcomeOf(bench.change(OPERATOR, request(device, sections), TOOL));

describe('a restoration', () => {
  it('takes back every slip of an edge or hub', { timeout: 120_000 }, async () => {
    const calm = configs(await createBench({ branches: 4 }));
    const restored: string[] = [];
    for (const { type } of FAULT_TYPES) {
      const bench = await createBench({ branches: 4 });
      const place = bench.network.bearers('acme', type).find((one) => !one.includes('director'));
      if (place === undefined) continue;
      bench.inject(type, place);
      const { network } = bench;
      if (network.devices().every((ref) => isDeepStrictEqual(network.config(ref), network.intendedConfig(ref))))
        continue;
      for (const [device, sections] of await driftOf(bench)) {
        const others = sections.filter((one) => !(one in RESTORABLE));
        // An account that somebody made is for people to look into, not for a repair.
        expect([type, others]).toEqual([type, type === 'unauthorised_change' ? ['accounts'] : []]);
        if (others.length > 0) continue;
        await approve(bench, device, sections);
        expect([type, await restore(bench, device, sections)]).toEqual([type, 'succeeded']);
        expect([type, configs(bench).find((one) => one.hostname === device)]).toEqual([
          type,
          calm.find((one) => one.hostname === device),
        ]);
        restored.push(type);
      }
    }
    expect(new Set(restored).size).toBeGreaterThan(30);
  });

  it('is bound to what the controller intended when it was shown', async () => {
    const bench = await createBench();
    bench.inject();
    await approve(bench, 'br2_edge', ['bgp']);
    const [approval] = await bench.approvals.list('acme');
    expect(approval?.diff).toContain('+  local-as 65002');
    bench.turn.intend = (config) => config.replace('>65002<', '>65010<');
    expect(await restore(bench, 'br2_edge', ['bgp'])).toBe('DRIFT');
    expect(bench.localAs()).toBe(65099);
  });

  it('is none where nothing differs, nothing is said of the device, or what is said is no configuration', async () => {
    const bench = await createBench();
    expect(await restore(bench, 'br2_edge', ['bgp'])).toBe('INPUT_INVALID');
    expect(await restore(bench, 'br2_edge', ['accounts'])).toBe('INPUT_INVALID');
    bench.inject();
    bench.turn.intend = () => '<config><bgp xmlns="urn:wayleave:sdwan"><local-as>none</local-as></bgp></config>';
    expect(await restore(bench, 'br2_edge', ['bgp'])).toBe('DEVICE_PROTOCOL');
    bench.turn.intend = () => '<config>';
    expect(await restore(bench, 'br2_edge', ['bgp'])).toBe('DEVICE_PROTOCOL');
    bench.turn.silent.add('acme/br2_edge');
    expect(await restore(bench, 'br2_edge', ['bgp'])).toBe('DEVICE_UNREACHABLE');
    expect(bench.localAs()).toBe(65099);
  });
});
