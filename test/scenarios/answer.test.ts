/** Every tool against the model, through what the wire would answer: well, and with stories that break something. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json, Observation, OperationReply } from '../../broker/contract.ts';
import { answerOperation, directorOf } from '../../scenarios/answer.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork, type ModelNetwork } from '../../simulators/model/create-network.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import { findTool, TOOLS } from '../../tools/registry.ts';
import type { ToolContext } from '../../tools/tool.ts';

const START = Date.parse('2026-03-02T08:00:00.000Z');
const TENANT = 'acme';
const ERP = '10.100.20.10';

function build(): { readonly network: ModelNetwork; readonly context: ToolContext } {
  const topology = refnet({ tenant: TENANT, branches: 4, seed: 1, tenantIndex: 0 });
  const network = createNetwork({ topology, seed: 1, startAt: START, faults: FAULT_TYPES });
  directorOf(network, TENANT);
  const devices = topology.devices.map(({ device, config }) => ({
    name: device,
    role: config.role,
    site: config.site,
    systemIp: config.systemIp,
    ...(config.bgp && { asn: config.bgp.localAs }),
  }));
  return { network, context: { tenant: TENANT, devices, hosts: topology.hosts, addresses: [] } };
}

interface Bench {
  readonly network: ModelNetwork;
  readonly context: ToolContext;
}

function run({ network, context }: Bench, name: string, devices: readonly string[], input: Json = {}) {
  const tool = findTool(name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  const collectedAt = new Date(network.now()).toISOString();
  const replies = tool
    .plan(tool.input.parse(input), { devices }, context)
    .map((operation): OperationReply => answerOperation(network, TENANT, operation, collectedAt));
  return tool.read(replies, context);
}

const valuesOf = (seen: readonly Observation[], signal: string, resource = ''): readonly Observation['value'][] =>
  seen.filter((one) => one.signal === signal && one.resource.includes(resource)).map(({ value }) => value);

/** Everything that can be read about a device. */
const readAll = (bench: Bench, device: string): readonly Observation[] => [
  ...['system', 'interfaces', 'tunnels', 'control', 'bgp', 'acl', 'vrrp', 'lte', 'approute'].flatMap((name) =>
    run(bench, `${name}.read`, [device]),
  ),
  ...run(bench, 'routes.read', [device], { vrf: 10 }),
  ...run(bench, 'events.read', [], { last: 200 }),
  ...['bgp', 'access-lists', 'ipsec', 'interfaces'].flatMap((section) =>
    run(bench, 'config.read', [device], { section }),
  ),
  ...run(bench, 'config.diff', [device]),
  ...run(bench, 'probe.ping', [device], { vrf: 10, destination: ERP }),
  ...run(bench, 'probe.tcp', [device], { vrf: 10, destination: ERP, port: 443 }),
];

function breakAt(bench: Bench, type: string, resource: string): void {
  bench.network.inject({ tenant: TENANT, type, resource });
  bench.network.advanceTo(bench.network.now() + 300_000);
}

describe('a healthy network', () => {
  const bench = build();
  const seen = readAll(bench, 'br2_edge');

  it('shows every signal with its normal value', () => {
    expect(valuesOf(seen, 'dev.reach')).toEqual(['reachable']);
    expect(valuesOf(seen, 'dev.process').every((value) => String(value).endsWith('running'))).toBe(true);
    expect(valuesOf(seen, 'if.oper', 'interface/br2_edge/ge0/0')).toEqual(['up']);
    expect(new Set(valuesOf(seen, 'bfd.state', 'tunnel/br2_edge:'))).toEqual(new Set(['up']));
    expect(new Set(valuesOf(seen, 'ipsec.sa'))).toEqual(new Set(['established']));
    expect(new Set(valuesOf(seen, 'ctrl.conn', 'session/control/ctrl1--br2_edge:mpls'))).toEqual(new Set(['up']));
    expect(valuesOf(seen, 'bgp.state', 'session/bgp/hub1_edge--br2_edge')).toEqual(['established', 'established']);
    expect(valuesOf(seen, 'bgp.last_error').every((value) => value === '0/0')).toBe(true);
    expect(valuesOf(seen, 'acl.hits', 'policy/br2_edge/acl-control-in')).toHaveLength(1);
    expect(
      valuesOf(seen, 'rib.route').some((value) => String(value).startsWith('vrf 10 10.100.20.0/24 bgp via 172.30.')),
    ).toBe(true);
    // As the device measures it, and as the director's statistics have it.
    expect(valuesOf(seen, 'tunnel.latency_ms', 'tunnel/br2_edge:mpls--hub1_edge:mpls')).toHaveLength(2);
    expect(valuesOf(seen, 'cfg.sync')).toEqual(['in-sync']);
    expect(valuesOf(seen, 'cfg.diff')).toEqual([]);
    expect(valuesOf(seen, 'probe.icmp')[0]).toMatch(/^10\.100\.20\.10 5\/5 [\d.]+ ms$/);
    expect(valuesOf(seen, 'probe.tcp')[0]).toMatch(/^10\.100\.20\.10:443 ok [\d.]+ ms$/);
    expect(valuesOf(seen, 'config')).toHaveLength(4);
  });

  it('has a standby and cellular modems where there are some', () => {
    expect(valuesOf(run(bench, 'vrrp.read', ['br4_edge', 'br4_edge_b']), 'vrrp.state')).toContain('master');
    expect(valuesOf(run(bench, 'lte.read', ['br3_edge']), 'lte.signal', 'interface/br3_edge/cell0')[0]).toMatch(
      /^registered attached -\d+/,
    );
  });

  it('answers nothing about a device of nobody', () => {
    expect(run(bench, 'bgp.read', ['br9_edge'])).toEqual([]);
  });
});

describe('broken networks', () => {
  it('shows a wrong AS number at the session and in the drift', () => {
    const bench = build();
    breakAt(bench, 'bgp_asn_mismatch', 'node/br2_edge');
    const seen = readAll(bench, 'br2_edge');
    expect(valuesOf(seen, 'cfg.sync')).toEqual(['out-of-sync']);
    expect(valuesOf(seen, 'cfg.diff')).toHaveLength(1);
    expect(valuesOf(seen, 'cfg.diff')[0]).toMatch(/^bgp\/local-as: running \d+, intended 65002$/);
    expect(valuesOf(seen, 'bgp.state')).not.toContain('established');
    expect(valuesOf(run(bench, 'bgp.read', ['hub1_edge']), 'bgp.last_error', '--br2_edge')).toEqual(['2/2', '2/2']);
    expect(new Set(valuesOf(seen, 'bfd.state'))).toEqual(new Set(['up']));
    expect(valuesOf(seen, 'probe.tcp')[0]).not.toMatch(/ok/);
    expect(seen.some(({ signal }) => signal === 'trap.system_commit')).toBe(true);
  });

  it('shows a filter entry with its hits, and as foreign', () => {
    const bench = build();
    breakAt(bench, 'bgp_port_blocked', 'node/br2_edge');
    const seen = readAll(bench, 'br2_edge');
    expect(
      valuesOf(seen, 'acl.hits', 'acl-control-in').some((value) =>
        / deny tcp any any 179 hits [1-9]/.test(String(value)),
      ),
    ).toBe(true);
    expect(valuesOf(seen, 'cfg.diff')[0]).toMatch(
      /^access-lists\/acl-control-in\/\S+: running present \(.*action deny.*\), intended absent$/,
    );
  });

  it('keeps telling what the director last knew of a dead device, with its old time', () => {
    const bench = build();
    breakAt(bench, 'device_down', 'node/br3_edge');
    const tunnels = run(bench, 'tunnels.read', ['br3_edge']);
    expect(tunnels.length).toBeGreaterThan(0);
    expect(new Set(tunnels.map(({ observedAt }) => observedAt))).toEqual(new Set([new Date(START).toISOString()]));
    expect(valuesOf(run(bench, 'system.read', ['br3_edge']), 'dev.reach')).toEqual(['unreachable']);
    expect(valuesOf(run(bench, 'control.read', ['br3_edge']), 'ctrl.conn')).not.toContain('up');
    expect(valuesOf(run(bench, 'lte.read', ['br3_edge']), 'lte.signal')).toEqual(['no data']);
    expect(run(bench, 'interfaces.read', ['br3_edge'])).toEqual([]);
  });

  it.each([
    ['bgp_asn_mismatch', 'node/br2_edge'],
    ['acl_blocks_app', 'node/br2_edge'],
    ['ipsec_peer_key_mismatch', 'node/br2_edge'],
    ['link_down', 'link/br2_edge:ge0/0--isp1_core:br2'],
    ['bgp_port_blocked', 'node/br2_edge'],
    ['device_down', 'node/br2_edge'],
  ])('never says the name of a fault (%s)', (type, resource) => {
    const bench = build();
    breakAt(bench, type, resource);
    const text = JSON.stringify([...readAll(bench, 'br2_edge'), ...readAll(bench, 'hub1_edge')]);
    const names = FAULT_TYPES.map((fault) => fault.type);
    expect(names).toContain(type);
    expect(names.filter((name) => text.includes(name))).toEqual([]);
  });
});

describe('post-conditions', () => {
  it.each([
    ['bgp.set-local-as', { localAs: 65_002 }, 'bgp_asn_mismatch'],
    ['acl.remove-entry', { list: 'acl-control-in', entry: 'e90' }, 'bgp_port_blocked'],
    ['ipsec.set-identity-key', { key: Buffer.alloc(32, 1).toString('base64') }, 'ipsec_peer_key_mismatch'],
  ])('of %s hold in a healthy network and not before the repair', (name, input, fault) => {
    const bench = build();
    const conditions = findTool(name)?.postConditions?.(input, { devices: ['br2_edge'] }, bench.context) ?? [];
    expect(conditions.length).toBeGreaterThan(1);
    const check = (): readonly boolean[] =>
      conditions.map(({ operations, holds }) =>
        holds(
          operations.map((operation) =>
            answerOperation(bench.network, TENANT, operation, new Date(bench.network.now()).toISOString()),
          ),
          bench.context,
        ),
      );
    expect(check().every(Boolean)).toBe(true);
    breakAt(bench, fault, 'node/br2_edge');
    expect(check()[0]).toBe(false);
  });
});

it('no tool text names a fault', () => {
  const sources = TOOLS.map(({ description }) => description).join('\n');
  expect(FAULT_TYPES.filter(({ type }) => sources.includes(type))).toEqual([]);
  expect(readFileSync(new URL('../../tools/registry.ts', import.meta.url), 'utf8')).not.toMatch(/simulators/);
});
