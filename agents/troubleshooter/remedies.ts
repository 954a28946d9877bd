/** What helps against each type of fault, as a literal list: a section of the configuration to put back, or who has to act. */
import type { RestorableSection } from '../../tools/config-sections.ts';

export type Remedy =
  /** Configuration: what differs from the intended form in these sections is put back. */
  | { readonly kind: 'restore'; readonly sections: readonly RestorableSection[] }
  /** Somebody has to act whom no configuration of ours can stand in for; `says` ends the sentence "Ask … to …". */
  | { readonly kind: 'ask'; readonly who: string; readonly says: string }
  /** A condition, not a fault. */
  | { readonly kind: 'nothing' };

const restore = (...sections: readonly RestorableSection[]): Remedy => ({ kind: 'restore', sections });
const ask = (who: string, says: string): Remedy => ({ kind: 'ask', who, says });
const nothing: Remedy = { kind: 'nothing' };

const PROVIDER = "the circuit's provider";
const SITE = 'hands on site';
const SECURITY = 'the security team';

/** By fault type of the catalogue (scenarios/catalogue/fault-types.json). */
export const REMEDIES: Readonly<Record<string, Remedy>> = {
  // Ports and circuits
  link_down: ask(PROVIDER, 'restore the carrier, and see that the other circuit has room meanwhile'),
  link_flap: ask(PROVIDER, 'find what interrupts the carrier; keep traffic on the other circuit until it holds'),
  link_packet_corruption: ask(SITE, 'replace cable or optics; the errors grow with load'),
  link_detach: ask(SITE, 'reseat or replace the port: the device no longer lists it'),
  silent_partial_loss: ask(SITE, 'replace the port or its card: it drops packets without counting them'),
  hub_wan_port_down: ask(SITE, 'look at the port of the hub and its cable; every branch loses one circuit with it'),
  lan_interface_down: ask(SITE, 'look at the LAN port, its cable and the switch behind it'),
  if_admin_shutdown: restore('interfaces'),
  asymmetric_provider_loss: ask(PROVIDER, 'look at one direction of the circuit: only one loses packets'),
  circuit_high_latency: ask(PROVIDER, 'say why the path became longer, with the round trips before and after'),
  circuit_jitter: ask(PROVIDER, 'look at the load of the shared access in the hours shown'),
  circuit_capacity_bottleneck: ask(PROVIDER, 'check the contracted rate: less passes than is paid for'),
  circuit_saturated_by_host: ask('the owner of the host', 'limit or move its transfers: they fill the circuit'),
  provider_brownout: ask(PROVIDER, 'look at the core: several sites became worse at once. One ticket for all of them'),
  provider_outage: ask(PROVIDER, 'restore the core. One ticket for all sites; no change on our side helps'),
  lte_data_cap: ask('the mobile provider', 'raise the volume or wait for the next period'),
  lte_detached: ask(
    'the mobile provider',
    'look at the SIM: the port is not registered, so that the last resort is missing',
  ),
  lte_idle_by_design: nothing,
  // Overlay
  path_mtu_mismatch: restore('interfaces'),
  path_mtu_only: restore('interfaces'),
  path_mtu_blackhole: ask(PROVIDER, 'let large packets, or the messages about them, through'),
  icmp_frag_needed_filtered: restore('access-lists'),
  icmp_blocked_only: restore('access-lists'),
  ipsec_peer_key_mismatch: restore('ipsec'),
  ike_rekey_mismatch: restore('tunnels'),
  anti_replay_drops: restore('tunnels'),
  traffic_selector_omits_prefix: restore('tunnels'),
  overlay_port_blocked: ask(PROVIDER, 'unblock the port of the overlay; other traffic of the circuit passes'),
  nat_rebinding: ask(PROVIDER, 'give a fixed address, or stop its address translation'),
  bfd_port_blocked: restore('access-lists'),
  bfd_timers_too_aggressive: restore('bfd'),
  // Routing
  bgp_asn_mismatch: restore('bgp'),
  bgp_port_blocked: restore('access-lists'),
  max_prefix_exceeded: restore('bgp'),
  missing_route_advertisement: restore('bgp'),
  prefix_hijack: restore('bgp', 'static-routes'),
  route_leak: restore('bgp'),
  route_policy_misconfig: restore('bgp'),
  routing_daemon_down: ask('an operator with console access', 'restart the routing process and keep its crash file'),
  routing_loop: restore('static-routes'),
  static_blackhole: restore('static-routes'),
  vrf_leak_missing: restore('vrf-leaks'),
  ospf_area_mismatch: restore('ospf'),
  ospf_filtered: restore('access-lists'),
  // Control plane and devices
  cert_expired: ask(
    'the owner of the certificates',
    'renew the identity certificate, and look at the others of its batch',
  ),
  clock_skew: ask('an operator with console access', 'repair the time source; the certificates are fine'),
  controller_unreachable: ask('an operator', 'find what keeps the edge from its controllers; it still forwards'),
  controller_cert_expired: ask('the owner of the controllers', 'renew the certificate of the controller'),
  controller_down: ask('the owner of the controllers', 'restart the control process and watch the sessions come back'),
  controller_port_blocked: ask('the owner of the filter in front of the controllers', 'let the control port through'),
  controller_port_mismatch: ask('the owner of the controllers', 'put the control port back that the edges call'),
  device_down: ask(SITE, 'check the power feed and the maintenance calendar; no ticket with a provider is needed'),
  memory_leak: ask('the vendor', 'say which release mends the leak; plan a restart in a window before memory runs out'),
  monitoring_path_down: ask(
    'the owner of the monitoring',
    'repair the poller or its uplink; the network itself is not shown to be at fault',
  ),
  monitoring_wrong_password: ask('the owner of the monitoring', 'correct the password of the poller'),
  upgrade_failed: ask(SITE, 'recover the device by its console: it did not come back from the upgrade'),
  cpu_saturation: restore('firewall'),
  healthy: nothing,
  // Changes
  config_push_failed: restore('qos', 'interfaces', 'access-lists', 'bgp', 'tunnels', 'dhcp', 'nat'),
  out_of_band_change: restore('interfaces', 'access-lists', 'static-routes', 'bgp'),
  unauthorised_change: ask(SECURITY, 'find out who logged in, disable the account, and go through what it changed'),
  planned_change: nothing,
  planned_maintenance: nothing,
  // Filters, translation, quality
  acl_blocks_app: restore('access-lists'),
  fw_session_table_full: ask(
    'the owner of the host',
    'stop what opens the sessions; limit it at the edge if it goes on',
  ),
  snat_port_exhaustion: ask('the owner of the address pool', 'add an address: there are too few source ports'),
  nat_mapping_removed: restore('nat'),
  qos_misqueue: restore('qos'),
  dscp_remark: restore('tunnels', 'qos'),
  approute_pins_bad_path: ask(
    'the owner of the policies',
    'give the rule a fallback to the best path, on one site first',
  ),
  // Attacks
  syn_flood: ask(SECURITY, 'quarantine the host that floods'),
  c2_beacon: ask(SECURITY, 'quarantine the host and keep its flow records'),
  lateral_scan: ask(SECURITY, 'quarantine the host that scans'),
  arp_poisoning: ask(SECURITY, 'quarantine the host that answers for other addresses'),
  rogue_dhcp: ask(SECURITY, 'quarantine the host that gives out leases'),
  ntp_or_telemetry: nothing,
  software_update: nothing,
  vulnerability_scanner: nothing,
  misconfigured_printer_discovery: ask('the owner of the printer', 'turn its discovery off'),
  // Servers and hosts
  dns_service_down: ask('the owner of the resolver', 'restart it; clients have a second one meanwhile'),
  dns_slow: ask('the owner of the resolver', 'find what slows its answers; the network carries them at once'),
  dns_wrong_record: ask('the owner of the zone', 'correct the record'),
  dns_port_blocked: restore('access-lists'),
  server_down: ask('the owner of the server', 'bring it back; the network carries its traffic'),
  server_overload: ask('the owner of the server', 'look at its load; the network carries its traffic'),
  tcp_receive_window: ask('the owner of the host', 'enlarge its receive buffer; the network is not the limit'),
  far_end_slow: ask('the owner of the far end', 'look at what slows it; every path to it is affected alike'),
  duplicate_ip: ask(SITE, 'give one of the two hosts another address'),
  host_wrong_gateway: ask(SITE, 'correct the gateway of that host; its neighbours are fine'),
  lan_wifi_problem: ask(SITE, 'look at the access point: wired hosts of the site are fine'),
  dhcp_scope_missing: restore('dhcp'),
  dhcp_wrong_gateway: restore('dhcp'),
  dhcp_relay_broken: restore('interfaces'),
  dhcp_service_down: ask('the owner of the DHCP server', 'restart it'),
};
