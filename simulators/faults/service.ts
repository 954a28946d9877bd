/** Faults of names and servers. */
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import { deviceOf, filterSlip } from './edit.ts';
import { hostOf } from './lan.ts';

const offers = (place: FaultPlace, ground: FaultGround, service: string): boolean =>
  hostOf(ground, place)?.services.some((one) => one.name === service) === true;

const isResolver = (place: FaultPlace, ground: FaultGround): boolean => offers(place, ground, 'dns');

const DNS_PORT = 53;
/** Long enough that people notice, short enough that clients wait for it (RFC 1035 §4.2.1 speaks of seconds). */
const DNS_DELAY_MS = 900;

export const serviceFaults: readonly FaultType[] = [
  {
    type: 'dns_service_down',
    kinds: ['host'],
    mechanism: 'The name server process is dead, so that names do not resolve while the network is well.',
    fits: isResolver,
    apply: (ground, place) =>
      ground.impose({
        kind: 'host-process-stopped',
        tenant: place.tenant,
        host: place.host ?? '',
        process: 'named',
      }),
  },
  {
    type: 'dns_slow',
    kinds: ['host'],
    mechanism: 'The resolver takes long to answer; the way to it does not.',
    graded: true,
    fits: isResolver,
    apply: (ground, place, degree) =>
      ground.impose({
        kind: 'host-delay',
        tenant: place.tenant,
        host: place.host ?? '',
        delayMs: Math.round(DNS_DELAY_MS * degree),
      }),
  },
  {
    type: 'dns_wrong_record',
    kinds: ['host'],
    mechanism: 'The zone has a wrong address for the name of the business server.',
    fits: isResolver,
    apply(ground, place) {
      const right = ground.topology.hosts.find(
        (one) => one.tenant === place.tenant && one.services.some((each) => each.name === 'erp'),
      );
      return ground.impose({
        kind: 'zone-record',
        tenant: place.tenant,
        host: place.host ?? '',
        name: 'erp.example',
        answer: (right?.address ?? '10.0.0.0').replace(/\d+$/, '99'),
      });
    },
  },
  {
    type: 'dns_port_blocked',
    kinds: ['node', 'host'],
    mechanism: 'A filter between clients and the resolver drops port 53 while the resolver runs.',
    fits: (place, ground) =>
      isResolver(place, ground) ||
      (place.device !== undefined &&
        ground.config(place.device).interfaces.some((port) => port.vrf === 10 && port.accessListIn !== undefined)),
    apply(ground, place) {
      if (place.host !== undefined) {
        return ground.impose({ kind: 'host-filter', tenant: place.tenant, host: place.host, port: DNS_PORT });
      }
      const ref = deviceOf(place);
      const list = ground.config(ref).interfaces.find((port) => port.vrf === 10)?.accessListIn ?? '';
      return filterSlip(ground, ref, list, {
        name: 'deny-53',
        action: 'deny',
        protocol: 'udp',
        destinationPort: DNS_PORT,
      });
    },
  },
  {
    type: 'server_down',
    kinds: ['host'],
    mechanism: 'The server is dead.',
    fits: (place) => place.host !== undefined,
    apply: (ground, place) => ground.impose({ kind: 'host-down', tenant: place.tenant, host: place.host ?? '' }),
  },
];
