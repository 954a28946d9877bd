/** Faults of names and servers. */
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import { processOf } from '../model/lan/host-processes.ts';
import { deviceOf, filterSlip, peopleFilter } from './edit.ts';
import { highAddress, hostOf, isHost, lanPrefix, serverOf } from './surroundings.ts';

const isResolver = (place: FaultPlace, ground: FaultGround): boolean =>
  hostOf(place, ground)?.services.some((one) => one.name === 'dns') === true;

/** The business server, whose name everybody uses. */
const ERP = 'erp';
const DNS_PORT = 53;
/** Long enough that people notice, short enough that clients wait for it (RFC 1035 §4.2.1 speaks of seconds). */
const DNS_DELAY_MS = 900;
/** An address of the servers' LAN that nobody has, counted from its top. */
const UNUSED_FROM_TOP = 9;

export const serverFaults: readonly FaultType[] = [
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
        process: processOf('dns'),
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
    fits: (place, ground) => isResolver(place, ground) && serverOf(place.tenant, ERP, ground) !== undefined,
    apply(ground, place) {
      const right = serverOf(place.tenant, ERP, ground);
      const subnet = (right && lanPrefix(right, ground)) ?? '';
      const answer = highAddress(subnet, UNUSED_FROM_TOP);
      return ground.impose({
        kind: 'zone-record',
        tenant: place.tenant,
        host: place.host ?? '',
        name: `${ERP}.example`,
        answer,
      });
    },
  },
  {
    type: 'dns_port_blocked',
    kinds: ['node', 'host'],
    mechanism: 'A filter between clients and the resolver drops port 53 while the resolver runs.',
    fits: (place, ground) => isResolver(place, ground) || peopleFilter(place, ground) !== undefined,
    apply(ground, place) {
      if (place.host !== undefined) {
        return ground.impose({ kind: 'host-filter', tenant: place.tenant, host: place.host, port: DNS_PORT });
      }
      return filterSlip(ground, deviceOf(place), peopleFilter(place, ground) ?? '', {
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
    fits: isHost(),
    apply: (ground, place) => ground.impose({ kind: 'host-down', tenant: place.tenant, host: place.host ?? '' }),
  },
];
