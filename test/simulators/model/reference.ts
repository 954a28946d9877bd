/** The reference network as the tests of the model use it, and short ways to read it. */
import type { DeviceState } from '../../../protocols/device/state.ts';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { createNetwork, type ModelNetwork } from '../../../simulators/model/create-network.ts';
import type { DeviceRef, Topology } from '../../../simulators/model/network.ts';
import { refnet } from '../../../simulators/topologies/refnet.ts';

export const START = Date.parse('2026-03-02T08:00:00Z');
export const ERP = { kind: 'tcp', vrf: 10, destination: '10.100.20.10', port: 443 } as const;

export const acme = (device: string): DeviceRef => ({ tenant: 'acme', device });

export const acmeTopology = (branches: number): Topology =>
  refnet({ tenant: 'acme', branches, seed: 7, tenantIndex: 0 });

export const startNetwork = (topology: Topology): ModelNetwork =>
  createNetwork({ topology, seed: 7, startAt: START, faults: FAULT_TYPES });

/** The sections that tests look at most; scores of applications, which take long, are not among them. */
export function readPlain(network: ModelNetwork, device: string) {
  const read = <Key extends keyof DeviceState>(key: Key): DeviceState[Key] => network.section(acme(device), key);
  return {
    interfaces: read('interfaces'),
    tunnels: read('tunnels'),
    bgp: read('bgp'),
    routes: read('routes'),
    control: read('control'),
    vrrp: read('vrrp'),
    cellular: read('cellular'),
    system: read('system'),
  };
}

/** One word for each tunnel, session, control connection: enough to see at a glance what is wrong. */
export function outline(network: ModelNetwork, device: string) {
  const state = readPlain(network, device);
  return {
    ports: Object.fromEntries(state.interfaces.map((port) => [port.name, `${port.admin}/${port.oper}`])),
    bfd: Object.fromEntries(state.tunnels.map((one) => [one.tunnel, one.bfd])),
    ipsec: [...new Set(state.tunnels.map((one) => one.ipsec))],
    bgp: state.bgp.map((one) => `${one.peer} ${one.state} ${one.lastErrorCode}/${one.lastErrorSubcode}`),
    control: [...new Set(state.control.map((one) => `${one.color} ${one.state} ${one.reason}`))],
  };
}

/** Devices that carry traffic, all but `without`. */
export const routers = (network: ModelNetwork, without: readonly string[] = []): readonly string[] =>
  network
    .devices()
    .map((ref) => ref.device)
    .filter((device) => network.config(acme(device)).bgp !== undefined && !without.includes(device));

/** What is unhealthy at a device, as sentences; empty when all is well. Sessions with `without` are not counted. */
export function complaints(network: ModelNetwork, device: string, without: readonly string[] = []): readonly string[] {
  const state = readPlain(network, device);
  const answers = network.probe(acme(device), ERP).result;
  return [
    ...state.interfaces.filter((port) => port.oper !== 'up').map((port) => `${port.name} down`),
    ...state.tunnels
      .filter((one) => !without.includes(one.peer) && (one.bfd !== 'up' || one.ipsec !== 'established'))
      .map((one) => `${one.tunnel} ${one.bfd} ${one.ipsec}`),
    ...state.bgp
      .filter((one) => !without.includes(one.peer) && one.state !== 'established')
      .map((one) => `${one.peer} ${one.state}`),
    ...state.control.filter((one) => one.state !== 'up').map((one) => `${one.controller} ${one.reason}`),
    ...(answers === 'ok' ? [] : [`erp ${answers}`]),
  ];
}
