/** Words of protocols and states (RFC 4271, 2328, 5880, 7296, 9568 and the MIBs that are read), in lower case: no person's words are among them. */
const words = (text: string): readonly string[] => text.split(' ');

export const STATE_WORDS: ReadonlySet<string> = new Set([
  ...words('up down unknown none yes no true false ok fail failed failing error errors timeout expired active idle'),
  ...words('inactive enabled disabled reachable unreachable running stopped starting restarting restarted restarts'),
  ...words('established connect connected opensent openconfirm neighbor neighbors peer last graceful restart'),
  ...words('full init two-way 2-way exstart exchange loading attempt master backup initialize standby primary'),
  ...words('handshake sa rekey rekeys auth authentication invalid valid not more certificate certificates mismatch'),
  ...words('session sessions state states table detection time bfd bgp ospf omp ctrl control vrrp ipsec ike arp dhcp'),
  ...words('nat acl qos vrf mtu dns ntp sip erp icmp echo tcp udp frag needed permit deny any hits via static direct'),
  ...words('local discard blackhole priority in out of sync in-sync out-of-sync intended synced clock data usage sent'),
  ...words('bgpd ospfd bfdd iked vdaemon netconfd snmpd vrrpd ipp dhcpd httpd named sipd rsyncd ntpd kb mb hop hops'),
  ...words('edge hub core controller director spoke wan lan mpls biz-internet lte incomplete physical loopback server'),
  ...words('cleared critical major minor warning info open resolved closed acknowledged succeeded reverted rejected'),
  ...words('received denied pending approved granted expire commit push login logout lock changed change by for the'),
  ...words('section interface interfaces tunnel tunnels route routes policy system software activated on off to from'),
  ...words(
    'permitted withheld recorded loss latency jitter controllers drop drops dropped limit exceeded high low normal threshold host device',
  ),
]);
