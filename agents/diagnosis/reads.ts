/** What the diagnosis can ask: each read by role, what it costs and which features it shows. */
import type { Json } from '../../broker/contract.ts';
import type { Scope } from './scope.ts';
import { CORP_VRF } from './scope.ts';

/** One call to a diagnostics tool, with everything resolved. */
export interface Read {
  readonly key: string;
  readonly tool: string;
  readonly devices: readonly string[];
  readonly input: { readonly [name: string]: Json };
  /** Relative cost; probes send traffic. */
  readonly cost: number;
  readonly features: readonly string[];
}

const READ_COST = 1;
const PROBE_COST = 2;
/** How many of the newest events are looked at. */
const LAST_EVENTS = 200;

const at = (names: readonly string[]): readonly string[] => names.map((name) => `${name}@suspect`);

/** Reads that every diagnosis begins with: they tell which device, which colour and which layer. */
export const TRIAGE = ['events', 'tunnels', 'sessions', 'system', 'ports'] as const;

/** All reads that make sense for a scope, in a fixed order. Reads of the far end come first: a dead device answers none. */
export function planReads(scope: Scope): readonly Read[] {
  const { suspect, hubs, peers, other, hasLte, app, underlay } = scope;
  const read = (key: string, tool: string, devices: readonly string[], features: readonly string[]): Read => ({
    key,
    tool,
    devices,
    input: {},
    cost: READ_COST,
    features,
  });
  const far = hubs.length > 0 ? hubs : [suspect];
  const tcp = (key: string, device: string, place: string, address: string, port: number): Read => ({
    ...read(key, 'probe.tcp', [device], [`probe.tcp.app@${place}`]),
    input: { vrf: CORP_VRF, destination: address, port },
    cost: PROBE_COST,
  });
  const ping = (key: string, vrf: number, destination: string, path: string): Read => ({
    ...read(key, 'probe.ping', [suspect], [`probe.icmp.${path}@suspect`]),
    input: { vrf, destination },
    cost: PROBE_COST,
  });
  return [
    {
      ...read('events', 'events.read', [], ['commit-before-onset@suspect']),
      input: { last: LAST_EVENTS },
    },
    read('tunnels', 'tunnels.read', far, [...at(['bfd.state', 'ipsec.sa']), 'bfd.same-colour@others']),
    read('sessions', 'bgp.read', far, at(['bgp.state', 'bgp.last_error'])),
    read(
      'system',
      'system.read',
      [suspect],
      at(['dev.reach', 'dev.process', 'dev.cert_days', 'dev.clock_offset', 'fw.session_use_pct']),
    ),
    read('ports', 'interfaces.read', [suspect], ['if.oper@suspect.wan', 'if.admin@suspect.wan']),
    read('own-sessions', 'bgp.read', [suspect], at(['bgp.last_error'])),
    read('control', 'control.read', [suspect], at(['ctrl.conn', 'ctrl.reason'])),
    read(
      'acl',
      'acl.read',
      [suspect],
      ['tcp179', 'bfd', 'app'].map((kind) => `acl.hits@suspect.${kind}`),
    ),
    read(
      'drift',
      'config.diff',
      [suspect],
      ['bgp', 'access-lists', 'ipsec', 'interfaces'].map((section) => `cfg.diff@suspect.${section}`),
    ),
    ...(peers.length > 0 ? [read('standby', 'vrrp.read', peers, ['vrrp.state@peer'])] : []),
    ...(hasLte ? [read('cellular', 'lte.read', [suspect], at(['lte.signal']))] : []),
    ...(app
      ? [
          tcp('app-tcp', suspect, 'suspect', app.address, app.port),
          ping('app-ping', CORP_VRF, app.address, 'app'),
          ...(other ? [tcp('app-tcp-other', other, 'other', app.address, app.port)] : []),
        ]
      : []),
    ...(underlay ? [ping('underlay-ping', 0, underlay, 'underlay')] : []),
  ];
}
