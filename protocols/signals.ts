/**
 * All signals of the catalogue, and where each can be read: a literal list.
 *
 * `snmp` is a column or scalar of a MIB, `netconf` a path of the YANG data (or of the output of an RPC, after `rpc:`),
 * `rest` a path of the director's API with the member of its rows, `trap` a notification, `flow` a member of a flow
 * record. Where the catalogue names another vendor, an agent or an exporter, the place decided here stands instead.
 * What is derived says so; the functions are in `protocols/device/derive.ts` and `flow-figures.ts`.
 * Over 300 lines because it is one list of 96 entries, which is read as a whole.
 */
import {
  APP_ROUTE,
  BFD,
  BGP,
  IF_TABLE,
  IF_X_TABLE,
  IPSEC,
  NEIGHBORS,
  OSPF,
  PROCESSES,
  PROCESSOR,
  ROUTES,
  SENSORS,
  SLA,
  STORAGE,
  SYSTEM,
  VRRP,
} from './mib/oids.ts';

export interface SignalSource {
  readonly unit: string;
  readonly snmp?: string;
  readonly netconf?: string;
  readonly rest?: string;
  readonly trap?: string;
  readonly flow?: string;
  /** How the value follows from what is read, when it is not read as it stands. */
  readonly derived?: string;
}

const API = '/dataservice';
const PORT = 'interfaces-state/interface';
const PORTS = `${API}/device/interface`;
const PORT_STATISTICS = `${API}/statistics/interface`;
const TUNNEL = 'tunnels-state/tunnel';
const BFD_SESSIONS = `${API}/device/bfd/sessions`;
const APPROUTE = `${API}/statistics/approute`;
const INBOUND = `${API}/device/ipsec/inbound`;
const BGP_NEIGHBORS = `${API}/device/bgp/neighbors`;
const SYSTEM_STATE = 'system-state';
const DEVICE = `${API}/device`;
const FLOWS = `${API}/statistics/flows`;
const PROBE = `${API}/dem/probe`;
const EVENTS = `${API}/event`;
const RECORDS = `${API}/records`;

/** An event: sent as a notification, told by the director too. */
const event = (oid: string): SignalSource => ({ unit: 'event', trap: oid, rest: `${EVENTS}[eventname]` });
/** Notifications of the vendor whose names the catalogue takes. */
const vendorEvent = (number: number): SignalSource => event(`1.3.6.1.4.1.41916.100.2.${number}`);
/** SNMPv2-MIB and IF-MIB (RFC 3418 §2, RFC 2863 §6). */
const standardEvent = (number: number): SignalSource => event(`1.3.6.1.6.3.1.1.5.${number}`);

export const SIGNALS = {
  'if.oper': { unit: 'enum', snmp: IF_TABLE.oper, netconf: `${PORT}/oper-status`, rest: `${PORTS}[if-oper-status]` },
  'if.admin': {
    unit: 'enum',
    snmp: IF_TABLE.admin,
    netconf: `${PORT}/admin-status`,
    rest: `${PORTS}[if-admin-status]`,
  },
  'if.in_errors': {
    unit: 'counter',
    snmp: IF_TABLE.inErrors,
    netconf: `${PORT}/in-errors`,
    rest: `${PORT_STATISTICS}[rx_errors]`,
  },
  'if.out_drops': {
    unit: 'counter',
    snmp: IF_TABLE.outDiscards,
    netconf: `${PORT}/out-discards`,
    rest: `${PORT_STATISTICS}[tx_drops]`,
  },
  'if.util_pct': {
    unit: 'percent',
    snmp: IF_X_TABLE.inOctets,
    netconf: `${PORT}/in-bps`,
    rest: `${PORT_STATISTICS}[down_capacity_percentage]`,
    derived: 'SNMP: two readings of octets (in and out) against ifHighSpeed; NETCONF: in-bps and out-bps against speed',
  },
  'if.mtu': {
    unit: 'bytes',
    snmp: IF_TABLE.mtu,
    netconf: `${PORT}/mtu`,
    rest: `${API}/data/device/state/CEdgeInterface[mtu]`,
  },
  'if.last_change': {
    unit: 'time',
    snmp: IF_TABLE.lastChange,
    netconf: `${PORT}/last-change`,
    rest: `${PORTS}[last-change]`,
  },
  'bfd.state': { unit: 'enum', snmp: BFD.state, netconf: `${TUNNEL}/bfd-state`, rest: `${BFD_SESSIONS}[state]` },
  'bfd.transitions': {
    unit: 'counter',
    snmp: BFD.transitions,
    netconf: `${TUNNEL}/bfd-transitions`,
    rest: `${API}/data/device/state/BFDSessions[transitions]`,
  },
  'bfd.tx_interval': {
    unit: 'ms',
    snmp: BFD.txInterval,
    netconf: `${TUNNEL}/tx-interval-ms`,
    rest: `${API}/data/device/state/BFDSessions[tx-interval]`,
  },
  'tunnel.loss_pct': {
    unit: 'percent',
    snmp: APP_ROUTE.loss,
    netconf: `${TUNNEL}/loss-pct`,
    rest: `${APPROUTE}[loss_percentage]`,
  },
  'tunnel.latency_ms': {
    unit: 'ms',
    snmp: APP_ROUTE.latency,
    netconf: `${TUNNEL}/latency-ms`,
    rest: `${APPROUTE}[latency]`,
  },
  'tunnel.jitter_ms': {
    unit: 'ms',
    snmp: APP_ROUTE.jitter,
    netconf: `${TUNNEL}/jitter-ms`,
    rest: `${APPROUTE}[jitter]`,
  },
  'tunnel.vqoe': { unit: '0-10', netconf: `${TUNNEL}/vqoe`, rest: `${APPROUTE}[vqoe_score]` },
  'tunnel.fwd_loss': {
    unit: 'ratio',
    netconf: `${TUNNEL}/forward-loss-ratio`,
    rest: `${API}/statistics/slam[fwdLossRatio]`,
  },
  'tunnel.rev_loss': {
    unit: 'ratio',
    netconf: `${TUNNEL}/reverse-loss-ratio`,
    rest: `${API}/statistics/slam[revLossRatio]`,
  },
  'tunnel.fec': { unit: 'counter', netconf: `${TUNNEL}/fec/rebuilt`, rest: `${APPROUTE}[fec_re]` },
  'ipsec.sa': { unit: 'enum', netconf: `${TUNNEL}/ipsec-state`, rest: `${API}/device/ipsec/outbound[sa-state]` },
  'ipsec.rekey': { unit: 'counter', snmp: IPSEC.rekeys, netconf: `${TUNNEL}/rekeys`, rest: `${INBOUND}[rekeys]` },
  'ipsec.disconnects': {
    unit: 'counter',
    snmp: IPSEC.disconnects,
    netconf: `${TUNNEL}/disconnects`,
    rest: `${INBOUND}[disconnects]`,
  },
  'ipsec.replay_drops': {
    unit: 'counter',
    snmp: IPSEC.replayDrops,
    netconf: `${TUNNEL}/replay-drops`,
    rest: `${INBOUND}[replay-drops]`,
  },
  'ipsec.auth_drops': {
    unit: 'counter',
    snmp: IPSEC.authDrops,
    netconf: `${TUNNEL}/auth-drops`,
    rest: `${INBOUND}[auth-drops]`,
  },
  'ipsec.nosa_drops': {
    unit: 'counter',
    snmp: IPSEC.noSaDrops,
    netconf: `${TUNNEL}/no-sa-drops`,
    rest: `${INBOUND}[no-sa-drops]`,
  },
  'ctrl.conn': {
    unit: 'enum',
    netconf: 'control-state/connection/state',
    rest: `${API}/device/control/connections[state]`,
  },
  'omp.peer': { unit: 'enum', netconf: 'omp-state/peer/state', rest: `${API}/device/omp/peers[state]` },
  'bgp.state': {
    unit: 'enum',
    snmp: BGP.state,
    netconf: 'bgp-state/neighbor/session-state',
    rest: `${BGP_NEIGHBORS}[state]`,
  },
  'bgp.last_error': {
    unit: 'code',
    snmp: BGP.lastError,
    netconf: 'bgp-state/neighbor/last-error-code',
    rest: `${BGP_NEIGHBORS}[last-error]`,
  },
  'bgp.prefixes_rx': {
    unit: 'count',
    netconf: 'bgp-state/neighbor/prefixes-received',
    rest: `${BGP_NEIGHBORS}[prefix-received]`,
  },
  'rib.route': {
    unit: 'route',
    snmp: ROUTES.type,
    netconf: 'routing-table/route/prefix',
    rest: `${API}/device/ip/routetable[prefix]`,
  },
  'ospf.neighbor': {
    unit: 'enum',
    snmp: OSPF.state,
    netconf: 'ospf-state/neighbor/state',
    rest: `${API}/device/ospf/neighbor[state]`,
  },
  'vrrp.state': {
    unit: 'enum',
    snmp: VRRP.state,
    netconf: 'vrrp-state/group/state',
    rest: `${API}/device/vrrp[vrrp-state]`,
  },
  'qos.class_drops': { unit: 'counter', netconf: 'qos-state/queue/drops', rest: `${API}/statistics/cos[class_drops]` },
  'flow.dscp': { unit: 'dscp', flow: 'dscpOut', rest: `${FLOWS}[dscp_output]` },
  'flow.top': {
    unit: 'rank',
    flow: 'octets',
    rest: `${API}/statistics/dpi[octets]`,
    derived: 'rankTalkers: sums of octets, most first',
  },
  'flow.new_per_s': { unit: 'rate', flow: 'start', rest: `${FLOWS}[start_time]`, derived: 'countNewPerSecond' },
  'flow.halfopen': {
    unit: 'count',
    flow: 'tcpFlags',
    netconf: 'firewall-state/half-open',
    rest: `${API}/device/zbfwdp[half-open]`,
    derived: 'by flow records: isHalfOpen',
  },
  'flow.periodicity': { unit: 'score', flow: 'start', rest: `${FLOWS}[start_time]`, derived: 'scorePeriodicity' },
  'flow.path': { unit: 'enum', flow: 'egress', rest: `${FLOWS}[egress_intf_name]` },
  'flow.dns_query': { unit: 'text', flow: 'dnsName', rest: `${FLOWS}[dns_query]` },
  'nat.port_use_pct': {
    unit: 'percent',
    netconf: 'nat-state/pool/used',
    rest: `${API}/device/nat/translation[use-percent]`,
    derived: 'NETCONF: poolUsePct of used and size',
  },
  'fw.session_use_pct': {
    unit: 'percent',
    netconf: 'firewall-state/sessions',
    rest: `${API}/device/zbfwdp[session-use-percent]`,
    derived: 'NETCONF: sessionUsePct of sessions and max-sessions',
  },
  'acl.hits': {
    unit: 'counter',
    netconf: 'access-lists-state/counter/hits',
    rest: `${API}/device/policy/accesslistcounters[packets]`,
  },
  'policy.sla_fail': {
    unit: 'counter',
    snmp: SLA.violations,
    netconf: 'sla-failures/failure/failures',
    rest: `${API}/statistics/sla[failures]`,
  },
  'cfg.sync': {
    unit: 'enum',
    rest: `${API}/device/config/sync[sync-status]`,
    derived: 'running against intended configuration, in canonical form',
  },
  'cfg.diff': {
    unit: 'diff',
    netconf: 'interfaces/interface/name',
    rest: `${API}/template/device/config/attached[config]`,
    derived: 'get-config of running against the intended configuration, leaf by leaf',
  },
  'dev.reach': { unit: 'enum', rest: `${DEVICE}[reachability]` },
  'dev.cpu_pct': {
    unit: 'percent',
    snmp: PROCESSOR.load,
    netconf: `${SYSTEM_STATE}/cpu-pct`,
    rest: `${API}/device/system/status[cpu_idle]`,
    derived: 'REST: 100 less cpu_idle',
  },
  'dev.mem_pct': {
    unit: 'percent',
    snmp: STORAGE.used,
    netconf: `${SYSTEM_STATE}/memory-pct`,
    rest: `${API}/device/system/status[mem_used]`,
    derived: 'SNMP and REST: memoryPct of used and size',
  },
  'dev.uptime': {
    unit: 'ticks',
    snmp: SYSTEM.upTime,
    netconf: `${SYSTEM_STATE}/uptime-ms`,
    rest: `${DEVICE}[uptime-date]`,
  },
  'dev.process': {
    unit: 'enum',
    snmp: PROCESSES.status,
    netconf: `${SYSTEM_STATE}/process/running`,
    rest: `${DEVICE}[state_description]`,
    derived: 'of servers: /dataservice/dem/host[state]',
  },
  'dev.clock_offset': {
    unit: 's',
    netconf: `${SYSTEM_STATE}/clock-offset-ms`,
    rest: `${API}/device/ntp/associations[offset-ms]`,
    derived: 'milliseconds',
  },
  'dev.cert_days': { unit: 'days', netconf: `${SYSTEM_STATE}/certificate-days`, rest: `${DEVICE}[certificate-days]` },
  'dev.env': {
    unit: 'enum',
    snmp: SENSORS.status,
    netconf: `${SYSTEM_STATE}/environment`,
    rest: `${API}/device/hardware/environment[status]`,
  },
  'dhcp.leases': { unit: 'count', netconf: 'dhcp-state/scope/leases', rest: `${API}/device/dhcp/server[leases]` },
  'arp.entry': {
    unit: 'mac',
    snmp: NEIGHBORS.physical,
    netconf: 'arp-table/entry/mac',
    rest: `${API}/device/arp[mac]`,
  },
  'lte.signal': {
    unit: 'enum',
    netconf: 'cellular-state/modem/registered',
    rest: `${API}/device/cellular[registration]`,
  },
  'aaa.login': { unit: 'event', netconf: 'login-history/login/result', rest: `${API}/device/aaa/logins[result]` },
  'probe.icmp': { unit: 'ms/loss', netconf: 'rpc:ping/rtt-ms', rest: `${PROBE}[rtt_ms]` },
  'probe.tcp': { unit: 'ms', netconf: 'rpc:tcp-connect/rtt-ms', rest: `${PROBE}[rtt_ms]` },
  'probe.http_ms': { unit: 'ms', netconf: 'rpc:http-fetch/rtt-ms', rest: `${PROBE}[rtt_ms]` },
  'probe.dns_ms': { unit: 'ms', netconf: 'rpc:dns-lookup/rtt-ms', rest: `${PROBE}[rtt_ms]` },
  'probe.dns_answer': { unit: 'value', netconf: 'rpc:dns-lookup/figures/answer', rest: `${PROBE}[answer]` },
  'probe.df_size': { unit: 'bytes', netconf: 'rpc:df-size/figures/size', rest: `${PROBE}[size]` },
  'probe.throughput': { unit: 'mbps', netconf: 'rpc:throughput/figures/mbps', rest: `${PROBE}[mbps]` },
  'probe.mos': {
    unit: '1-4.5',
    netconf: 'rpc:voice-test/figures/mos',
    rest: `${PROBE}[mos]`,
    derived: 'E-model of ITU-T G.107, by the agent that runs the test',
  },
  'app.score': { unit: '0-100', netconf: 'applications-state/application/score', rest: `${API}/app/score[score]` },
  'trap.bfd_state': vendorEvent(4),
  'trap.omp_peer': vendorEvent(20),
  'trap.vsmart_count': vendorEvent(18),
  'trap.ctrl_conn': vendorEvent(23),
  'trap.ctrl_auth_fail': vendorEvent(24),
  'trap.tloc_ip_change': vendorEvent(26),
  'trap.ipsec_rekey': vendorEvent(29),
  'trap.process_restart': vendorEvent(42),
  'trap.memory': vendorEvent(44),
  'trap.aaa_login_fail': vendorEvent(52),
  'trap.system_commit': vendorEvent(53),
  'trap.bgp_peer': vendorEvent(54),
  'trap.interface_state': vendorEvent(55),
  'trap.vrrp': vendorEvent(56),
  'trap.dhcp_server': vendorEvent(63),
  'trap.ospf_neighbor': vendorEvent(67),
  'trap.pseudo_commit': vendorEvent(69),
  'trap.approute_sla_change': vendorEvent(70),
  'trap.cert_expired': vendorEvent(71),
  'trap.sla_violation': vendorEvent(77),
  'trap.interface_bw': vendorEvent(82),
  'trap.cloudexpress_score': vendorEvent(89),
  'trap.zbf_table_full': vendorEvent(103),
  'trap.zbf_half_open': vendorEvent(106),
  'trap.linkDown': standardEvent(3),
  'trap.linkUp': standardEvent(4),
  'trap.coldStart': standardEvent(1),
  'change.window': { unit: 'record', rest: `${RECORDS}/windows[resource]` },
  'change.ticket': { unit: 'record', rest: `${RECORDS}/tickets[device]` },
  'list.known_source': { unit: 'record', rest: `${RECORDS}/known-sources[name]` },
} as const satisfies Readonly<Record<string, SignalSource>>;

export type SignalName = keyof typeof SIGNALS;
