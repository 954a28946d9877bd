/** Which fault types are mistaken for each other (from the incident catalogue): a finding must rule these out by evidence. */
import type { FaultType } from './codebook.ts';

export const LOOKALIKES: { readonly [Type in FaultType]: readonly FaultType[] } = {
  bgp_asn_mismatch: ['bgp_port_blocked', 'max_prefix_exceeded'],
  acl_blocks_app: ['server_down', 'fw_session_table_full'],
  ipsec_peer_key_mismatch: ['provider_outage', 'cert_expired', 'clock_skew'],
  link_down: ['provider_outage', 'if_admin_shutdown', 'bfd_port_blocked'],
  bgp_port_blocked: ['bgp_asn_mismatch', 'routing_daemon_down'],
  device_down: ['provider_outage', 'controller_unreachable'],
  max_prefix_exceeded: ['bgp_asn_mismatch', 'bgp_port_blocked'],
  provider_outage: ['link_down', 'bfd_port_blocked'],
  if_admin_shutdown: ['link_down', 'provider_outage'],
  bfd_port_blocked: ['link_down', 'ipsec_peer_key_mismatch'],
  cert_expired: ['clock_skew', 'controller_unreachable'],
  clock_skew: ['cert_expired', 'controller_unreachable'],
  routing_daemon_down: ['bgp_port_blocked', 'bgp_asn_mismatch'],
  server_down: ['acl_blocks_app', 'fw_session_table_full'],
  controller_unreachable: ['device_down', 'cert_expired', 'clock_skew'],
  fw_session_table_full: ['acl_blocks_app', 'server_down'],
};
