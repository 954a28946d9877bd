/** Faults of the overlay's routing. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import type { FaultType } from '../model/fault.ts';
import { deviceOf, filterSlip, isRouter, slip } from './edit.ts';

const withAs = (running: DeviceConfig, localAs: number): DeviceConfig =>
  running.bgp === undefined ? running : { ...running, bgp: { ...running.bgp, localAs } };

const withNetworks = (running: DeviceConfig, networks: readonly string[]): DeviceConfig =>
  running.bgp === undefined ? running : { ...running, bgp: { ...running.bgp, networks } };

/** How many parts of the corp LAN a careless redistribution announces: above every neighbour's limit. */
const LEAKED_PREFIXES = 60;

export const routingFaults: readonly FaultType[] = [
  {
    type: 'bgp_asn_mismatch',
    kinds: ['node'],
    mechanism: 'The local AS no longer matches what the peers expect.',
    fits: isRouter,
    apply(ground, place) {
      const ref = deviceOf(place);
      const good = ground.config(ref).bgp?.localAs ?? 0;
      const wrong = good + 97;
      return slip(
        ground,
        ref,
        (running) => withAs(running, wrong),
        (running) => (running.bgp?.localAs === wrong ? withAs(running, good) : undefined),
      );
    },
  },
  {
    type: 'bgp_port_blocked',
    kinds: ['node'],
    mechanism: 'A filter on the control plane stops the TCP port that BGP runs on.',
    fits: isRouter,
    apply: (ground, place) => {
      const ref = deviceOf(place);
      return filterSlip(ground, ref, ground.config(ref).controlPlaneAcl ?? '', {
        name: 'deny-179',
        action: 'deny',
        protocol: 'tcp',
        destinationPort: 179,
      });
    },
  },
  {
    type: 'max_prefix_exceeded',
    kinds: ['session', 'node'],
    mechanism: 'A careless redistribution announces parts of the LAN and trips the limit of the peers.',
    fits: (place, ground) => place.device !== undefined && ground.config(place.device).role === 'edge',
    apply(ground, place) {
      const ref = deviceOf(place);
      const running = ground.config(ref);
      const lan = running.interfaces.find((port) => port.vrf === 10)?.ipv4?.address ?? '0.0.0.0';
      const base = lan.split('.').slice(0, 3).join('.');
      const leaked = Array.from({ length: LEAKED_PREFIXES }, (_, at) => `${base}.${4 * at}/30`);
      const networks = running.bgp?.networks ?? [];
      return slip(
        ground,
        ref,
        (now) => withNetworks(now, [...networks, ...leaked]),
        (now) =>
          now.bgp?.networks.some((network) => leaked.includes(network)) === true
            ? withNetworks(
                now,
                now.bgp.networks.filter((network) => !leaked.includes(network)),
              )
            : undefined,
      );
    },
  },
  {
    type: 'routing_daemon_down',
    kinds: ['node'],
    mechanism: 'The routing process died; nothing listens on its port.',
    fits: isRouter,
    apply: (ground, place) => ground.impose({ kind: 'process-stopped', ...deviceOf(place), process: 'bgpd' }),
  },
];
