/** Faults between a user and an application. */
import type { FaultType } from '../model/fault.ts';
import { deviceOf, filterSlip, isRouter } from './edit.ts';

export const applicationFaults: readonly FaultType[] = [
  {
    type: 'acl_blocks_app',
    kinds: ['node'],
    mechanism: 'A new rule on the LAN port drops the port of the application.',
    fits: (place, ground) =>
      place.device !== undefined &&
      ground.config(place.device).interfaces.some((port) => port.vrf === 10 && port.accessListIn !== undefined),
    apply: (ground, place) => {
      const ref = deviceOf(place);
      const list = ground.config(ref).interfaces.find((port) => port.vrf === 10)?.accessListIn ?? '';
      return filterSlip(ground, ref, list, {
        name: 'deny-443',
        action: 'deny',
        protocol: 'tcp',
        destinationPort: 443,
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
  {
    type: 'fw_session_table_full',
    kinds: ['node'],
    mechanism: 'The state memory is exhausted: new sessions are refused, existing ones live on.',
    fits: isRouter,
    apply: (ground, place) => ground.impose({ kind: 'session-table-full', ...deviceOf(place) }),
  },
];
