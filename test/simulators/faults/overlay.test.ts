/** Every fault of tunnels, at two places each: its telling sign, not its look-alike's, and its repair. */
import { describe } from 'vitest';
import { acme } from '../model/reference.ts';
import { type Case, MINUTE, onBoth, playCases, type Reader, readerOf, SECOND } from './play-case.ts';

const CASES: readonly Case[] = [
  ...onBoth((color, port): readonly Case[] => [
    {
      type: 'overlay_port_blocked',
      resource: `circuit/br1/${color}`,
      after: 2 * MINUTE,
      shows: (now) =>
        now.tunnels(color).every((one) => one.bfd === 'down' && one.ipsec === 'no-handshake') && !now.controlUp(color),
      hides: (now) => now.port(port)?.oper !== 'up' || now.underlay(port, 'hub1_edge').result !== 'ok',
    },
    {
      type: 'bfd_port_blocked',
      resource: `interface/br1_edge/${port}`,
      commits: true,
      shows: (now) =>
        now.tunnels(color).every((one) => one.bfd === 'down' && one.ipsec === 'established') &&
        now.hits('deny-3784') > 10,
      hides: (now) => !now.controlUp(color) || !now.up(color === 'mpls' ? 'biz-internet' : 'mpls'),
    },
    {
      type: 'bfd_timers_too_aggressive',
      resource: `policy/br1_edge/bfd-${color}`,
      commits: true,
      after: 3 * MINUTE,
      shows: (now) => now.tunnels(color).every((one) => one.bfdTransitions >= 3 && one.txIntervalMs === 50),
      hides: (now) => now.events('trap.interface_state').length > 0 || now.underlay(port, 'hub1_edge').result !== 'ok',
    },
    {
      type: 'nat_rebinding',
      resource: `circuit/br2/${color}`,
      at: 'br2_edge',
      shows: (now) =>
        now.events('trap.tloc_ip_change').length === 1 && now.tunnels(color).every((one) => one.bfdTransitions === 2),
      hides: (now) => now.events('trap.interface_state').length > 0 || now.events('trap.ctrl_conn').length === 0,
    },
    ...['br1', 'br2'].map(
      (site): Case => ({
        type: 'ike_rekey_mismatch',
        resource: `tunnel/${site}_edge:${color}--hub1_edge:${color}`,
        at: `${site}_edge`,
        commits: true,
        after: 31 * MINUTE,
        shows: (now) => {
          const times = now
            .events('trap.ipsec_rekey')
            .filter((one) => one.severity === 'minor' && one.device === now.device);
          const gaps = times.slice(1).map((one, at) => one.at - (times[at]?.at ?? 0));
          return (
            times.length === 3 && gaps.every((gap) => gap === 600 * SECOND) && now.tunnels(color)[0]?.disconnects === 3
          );
        },
        hides: (now) => now.events('trap.interface_state').length > 0 || (now.tunnels(color)[1]?.disconnects ?? 1) > 0,
      }),
    ),
    {
      type: 'anti_replay_drops',
      resource: `tunnel/br1_edge:${color}--hub1_edge:${color}`,
      commits: true,
      after: 10 * MINUTE,
      shows: (now) => now.network.section(acme('br1_edge'), 'tunnels').some((one) => one.replayDrops > 10),
      hides: (now) => !now.up(color) || !now.loses(color, 0, 0.1),
    },
    {
      type: 'traffic_selector_omits_prefix',
      resource: `tunnel/br1_edge:${color}--hub1_edge:${color}`,
      commits: true,
      shows: (now) => now.network.config(acme('br1_edge')).tunnels.some((one) => one.selectors.length === 24),
      hides: (now) => !now.up(color) || now.events('trap.bgp_peer').length > 0,
    },
  ]),
  ...(['br1_edge', 'hub1_edge'] as const).flatMap((device): readonly Case[] => [
    {
      type: 'icmp_frag_needed_filtered',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) => now.network.section(acme(device), 'accessLists').some((one) => one.entry === 'deny-frag-needed'),
      hides: (now) => ping(now, device) !== 'ok',
    },
    {
      type: 'icmp_blocked_only',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) => ping(now, device) === 'timeout' && now.hits('deny-echo') > 0,
      hides: (now) => !now.up('mpls') || !now.controlUp('mpls') || !now.network.reachable(acme(device)),
    },
    {
      type: 'bfd_port_blocked',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) =>
        (['mpls', 'biz-internet'] as const).every((color) =>
          now.tunnels(color).every((one) => one.bfd === 'down' && one.ipsec === 'established'),
        ),
      hides: (now) => !now.controlUp('mpls') || now.port('ge0/0')?.oper !== 'up',
    },
    {
      type: 'ipsec_peer_key_mismatch',
      resource: `node/${device}`,
      at: device,
      commits: true,
      shows: (now) =>
        now.tunnels('mpls').every((one) => one.ipsec === 'no-handshake') &&
        now.tunnels('mpls').every((one) => one.authDrops > 3),
      hides: (now) => !now.controlUp('mpls') || now.port('ge0/0')?.oper !== 'up',
    },
  ]),
];

/** A neighbour's ping to the WAN port of a device. */
const ping = (now: Reader, device: string): string =>
  readerOf(now.network, device === 'br2_edge' ? 'br1_edge' : 'br2_edge').underlay('ge0/0', device).result;

describe('faults of the overlay', () => {
  playCases(CASES);
});
