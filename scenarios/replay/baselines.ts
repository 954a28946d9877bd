/**
 * Two simpler ways to find a cause, measured beside the engine so that it shows what it earns. Both read what the tools
 * show of every device at once, far more than the engine's budget allows.
 */
import type { Observation } from '../../broker/contract.ts';
import type { Network } from '../../simulators/model/network.ts';
import { observe } from '../observe.ts';
import type { Pair, Played } from './case.ts';
import type { Score } from './score.ts';
import type { Baseline } from './summary.ts';

/** What an operator would take an alarm for who believes its name. */
const ALARMS: Readonly<Record<string, string>> = {
  'trap.interface_state': 'link_down',
  'trap.linkDown': 'link_down',
  'trap.bfd_state': 'link_down',
  'trap.bgp_peer': 'routing_daemon_down',
  'trap.ospf_neighbor': 'ospf_filtered',
  'trap.omp_peer': 'controller_down',
  'trap.ctrl_conn': 'controller_unreachable',
  'trap.ctrl_auth_fail': 'cert_expired',
  'trap.cert_expired': 'cert_expired',
  'trap.coldStart': 'device_down',
  'trap.dhcp_server': 'dhcp_service_down',
  'trap.approute_sla_change': 'provider_brownout',
  'trap.sla_violation': 'provider_brownout',
  'trap.pseudo_commit': 'config_push_failed',
  'trap.system_commit': 'unauthorised_change',
  'trap.tloc_ip_change': 'nat_rebinding',
  'trap.zbf_table_full': 'fw_session_table_full',
  'trap.zbf_half_open': 'syn_flood',
};

/** The first threshold that a reading passes, or the first word that its text has, names the fault. */
const THRESHOLDS: readonly (readonly [
  signal: string,
  says: (value: Observation['value']) => boolean,
  fault: string,
])[] = [
  ['dev.reach', (value) => value !== 'reachable', 'device_down'],
  ['dev.process', (value) => /stopped|absent/.test(String(value)), 'routing_daemon_down'],
  ['dev.cert_days', (value) => Number(value) <= 0, 'cert_expired'],
  ['dev.clock_offset', (value) => Math.abs(Number(value)) > 60, 'clock_skew'],
  ['dev.cpu_pct', (value) => Number(value) > 90, 'cpu_saturation'],
  ['dev.mem_pct', (value) => Number(value) > 90, 'memory_leak'],
  ['fw.session_use_pct', (value) => Number(value) > 95, 'fw_session_table_full'],
  ['nat.port_use_pct', (value) => Number(value) > 95, 'snat_port_exhaustion'],
  ['if.admin', (value) => value === 'down', 'if_admin_shutdown'],
  ['if.oper', (value) => value === 'down', 'link_down'],
  ['bfd.state', (value) => value === 'down', 'overlay_port_blocked'],
  ['ipsec.sa', (value) => value !== 'established', 'ipsec_peer_key_mismatch'],
  ['bgp.last_error', (value) => value === '2/2', 'bgp_asn_mismatch'],
  ['bgp.state', (value) => value !== 'established', 'bgp_port_blocked'],
  ['tunnel.loss_pct', (value) => Number(value) > 2, 'link_packet_corruption'],
  ['tunnel.latency_ms', (value) => Number(value) > 150, 'circuit_high_latency'],
  ['tunnel.jitter_ms', (value) => Number(value) > 30, 'circuit_jitter'],
  ['ctrl.conn', (value) => /certificate/.test(String(value)), 'cert_expired'],
  ['ctrl.conn', (value) => String(value) !== 'up', 'controller_unreachable'],
  ['cfg.diff', (value) => String(value).startsWith('access-lists'), 'acl_blocks_app'],
  ['cfg.diff', () => true, 'config_push_failed'],
];
/** LTE tunnels are down by design. */
const IDLE = /:lte(--|$)|cell0|tun-lte/;

export const BASELINES = ['loudest alarm', 'thresholds and error words'] as const;

/** Everything that the reading tools show of the whole tenant now. */
export function readEverything(network: Network, tenant: string): readonly Observation[] {
  const devices = network
    .topology()
    .devices.filter((one) => one.tenant === tenant && one.config.role !== 'controller')
    .map(({ device }) => device);
  const tools = [
    'system.read',
    'interfaces.read',
    'tunnels.read',
    'bgp.read',
    'control.read',
    'approute.read',
    'config.diff',
  ];
  return [
    ...observe(network, tenant, { tool: 'events.read', devices: [], input: { last: 500 } }),
    ...tools.flatMap((tool) => observe(network, tenant, { tool, devices, input: {} })),
  ];
}

/** What each way answers; nothing found means healthy. */
export function askBaselines(seen: readonly Observation[], lookedSince: number): Played['baselines'] {
  const [loudest, thresholds] = BASELINES;
  return { [loudest]: takeLoudest(seen, lookedSince), [thresholds]: takeThresholds(seen) };
}

/** The resource with most alarms of one kind since somebody looked last. */
function takeLoudest(seen: readonly Observation[], since: number): readonly Pair[] {
  const counts = new Map<string, { readonly pair: Pair; count: number }>();
  for (const { signal, resource, observedAt } of seen) {
    const fault = ALARMS[signal];
    if (fault === undefined || Date.parse(observedAt) < since) continue;
    const known = counts.get(`${signal} ${resource}`) ?? { pair: { resource, fault_type: fault }, count: 0 };
    known.count += 1;
    counts.set(`${signal} ${resource}`, known);
  }
  const [loudest] = [...counts.values()].sort((a, b) => b.count - a.count);
  return loudest === undefined ? [] : [loudest.pair];
}

/** In the order of the table: the first row that anything passes names the faults, at every resource that passes it. */
function takeThresholds(seen: readonly Observation[]): readonly Pair[] {
  for (const [signal, says, fault] of THRESHOLDS) {
    const found = seen.filter((one) => one.signal === signal && !IDLE.test(one.resource) && says(one.value));
    if (found.length > 0)
      return [...new Set(found.map(({ resource }) => resource))].map((resource) => ({ resource, fault_type: fault }));
  }
  return [];
}

/** Sums up one baseline from the scores that its answers got. */
export function sumBaseline(
  name: string,
  scores: readonly { readonly score: Score; readonly calm: boolean }[],
): Baseline {
  const mean = (values: readonly number[]): number | null =>
    values.length === 0
      ? null
      : Math.round((10_000 * values.reduce((sum, one) => sum + one, 0)) / values.length) / 10_000;
  return {
    name,
    detection: mean(scores.map(({ score }) => Number(score.detected))),
    false_positive_rate: mean(scores.filter(({ calm }) => calm).map(({ score }) => Number(score.falsePositive))),
    localisation_f1: mean(scores.map(({ score }) => score.localisation.f1)),
    rca_f1: mean(scores.map(({ score }) => score.rca.f1)),
  };
}
