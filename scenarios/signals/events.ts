/** Signals that are announced: one reading an event since the onset, with its detail. */
import type { SignalReader } from './reader.ts';

const TRAPS = [
  ...['bfd_state', 'omp_peer', 'vsmart_count', 'ctrl_conn', 'ctrl_auth_fail', 'tloc_ip_change', 'ipsec_rekey'],
  ...['process_restart', 'memory', 'aaa_login_fail', 'system_commit', 'bgp_peer', 'interface_state', 'vrrp'],
  ...['dhcp_server', 'ospf_neighbor', 'pseudo_commit', 'approute_sla_change', 'cert_expired', 'sla_violation'],
  ...['interface_bw', 'cloudexpress_score', 'zbf_table_full', 'zbf_half_open', 'linkDown', 'linkUp', 'coldStart'],
] as const;

const announced =
  (name: string): SignalReader =>
  (surface, _ask, since) =>
    surface
      .events(since)
      .flatMap((event) =>
        event.name === name ? [{ resource: event.resource, value: event.detail, device: event.device }] : [],
      );

export const eventSignals: Readonly<Record<string, SignalReader>> = Object.fromEntries(
  TRAPS.map((name) => [`trap.${name}`, announced(`trap.${name}`)]),
);
