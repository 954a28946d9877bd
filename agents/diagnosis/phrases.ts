/** How a feature is said to people: one phrase for each value, used in findings and in what rules a rival out. */

const PHRASES: { readonly [feature: string]: { readonly [value: string]: string } } = {
  'dev.reach@suspect': { reachable: 'the device answers', unreachable: 'the director cannot reach the device' },
  'dev.process@suspect': { running: 'its routing process runs', stopped: 'its routing process is stopped' },
  'dev.cert_days@suspect': { valid: 'its certificate is valid', expired: 'its certificate has expired' },
  'dev.clock_offset@suspect': { right: 'its clock is right', skewed: 'its clock is off by more than a minute' },
  'fw.session_use_pct@suspect': { free: 'its session table has room', full: 'its session table is full' },
  'if.oper@suspect.wan': {
    up: 'all WAN ports are up',
    partial: 'a WAN port is operationally down',
    down: 'all WAN ports are operationally down',
  },
  'if.admin@suspect.wan': {
    up: 'no WAN port is shut down by configuration',
    partial: 'a WAN port is shut down by configuration',
    down: 'all WAN ports are shut down by configuration',
  },
  'bfd.state@suspect': {
    up: 'BFD is up on all its tunnels',
    'one-colour-down': 'BFD is down on all tunnels of one colour',
    partial: 'BFD is down on some of its tunnels',
    down: 'BFD is down on all its tunnels, as read at the far end',
  },
  'ipsec.sa@suspect': {
    up: 'IPsec is established on all its tunnels',
    'one-colour-down': 'IPsec is missing on all tunnels of one colour',
    partial: 'IPsec is missing on some of its tunnels',
    down: 'IPsec is established on none of its tunnels',
  },
  'bfd.same-colour@others': {
    up: 'the same colour is up at other sites',
    partial: 'the same colour is down at some other sites',
    down: 'the same colour is down at other sites too',
  },
  'bgp.state@suspect': {
    up: 'its overlay BGP sessions are established',
    partial: 'one of its overlay BGP sessions is not established',
    down: 'none of its overlay BGP sessions is established',
  },
  'bgp.last_error@suspect': {
    none: 'BGP reports no error that names a cause',
    'open-bad-as': 'the BGP OPEN was exchanged and rejected: bad peer AS (2/2)',
    'cease-max-prefixes': 'BGP was ceased for too many prefixes (6/1)',
  },
  'ctrl.conn@suspect': {
    up: 'its control connections are up',
    partial: 'some of its control connections are down',
    down: 'all its control connections are down',
  },
  'ctrl.reason@suspect': {
    none: 'no control connection was refused for certificate or clock',
    certificate: 'control connections are refused for the certificate',
    clock: 'control connections are refused for the clock',
  },
  'acl.hits@suspect.tcp179': {
    none: 'no access-list entry denies BGP (TCP 179)',
    entry: 'an access-list entry denies BGP (TCP 179) but was not hit',
    hits: 'an access-list entry that denies BGP (TCP 179) is being hit',
  },
  'acl.hits@suspect.bfd': {
    none: 'no access-list entry denies BFD',
    entry: 'an access-list entry denies BFD but was not hit',
    hits: 'an access-list entry that denies BFD is being hit',
  },
  'acl.hits@suspect.app': {
    none: 'no access-list entry denies the application',
    entry: 'an access-list entry denies the application but was not hit',
    hits: 'an access-list entry that denies the application is being hit',
  },
  'cfg.diff@suspect.bgp': { same: 'the BGP configuration is as intended', differs: 'the BGP configuration differs' },
  'cfg.diff@suspect.access-lists': {
    same: 'the access lists are as intended',
    differs: 'the access lists differ from what is intended',
  },
  'cfg.diff@suspect.ipsec': {
    same: 'the IPsec configuration is as intended',
    differs: 'the IPsec configuration differs from what is intended',
  },
  'cfg.diff@suspect.interfaces': {
    same: 'the interface configuration is as intended',
    differs: 'the interface configuration differs from what is intended',
  },
  'probe.tcp.app@suspect': {
    ok: 'a TCP connection from there to the application works',
    timeout: 'a TCP connection from there to the application times out',
    refused: 'a TCP connection from there to the application is refused',
    unreachable: 'the application is unreachable from there',
  },
  'probe.tcp.app@other': {
    ok: 'the application answers another site',
    timeout: 'the application does not answer another site either',
    refused: 'the application refuses another site too',
    unreachable: 'the application is unreachable from another site too',
  },
  'probe.icmp.app@suspect': { ok: 'the server answers ping from there', lost: 'the server does not answer ping' },
  'probe.icmp.underlay@suspect': { ok: 'the underlay answers ping', lost: 'the underlay does not answer ping' },
  'vrrp.state@peer': { master: 'its VRRP peer is master', backup: 'its VRRP peer is backup' },
  'lte.signal@suspect': { data: 'its LTE modem reports', 'no-data': 'its LTE modem went silent' },
  'commit-before-onset@suspect': {
    recent: 'its configuration was committed shortly before',
    none: 'no commit was seen there before the onset',
  },
};

/** The phrase for a feature's value; the plain form when there is none. */
export function phraseFeature(name: string, value: string): string {
  return PHRASES[name]?.[value] ?? `${name} is ${value}`;
}
