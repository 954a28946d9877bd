/** What tools that contain a threat share: how long it lasts, what it does at each device, and that the device says so. */
import { z } from 'zod';
import type { Measure, Operation, Target } from '../broker/contract.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { ipv4Address } from '../protocols/yang/leaf-types.ts';
import { readAccessLists } from '../protocols/yang/state-from-xml.ts';
import { STATE } from '../protocols/yang/state-schema.ts';
import { netconfGet, selectAll } from './operations.ts';
import { xmlOf } from './replies.ts';
import type { PostCondition } from './tool.ts';

/** A containment is no configuration: what is needed for longer than a day is a change. */
const LONGEST_SECONDS = 86_400;
const SHORTEST_SECONDS = 5;
/** Seconds of the network's clock within which the device shows what was committed. */
const WITHIN_SECONDS = 30;

export const lasting = z
  .int()
  .min(SHORTEST_SECONDS)
  .max(LONGEST_SECONDS)
  .describe('Seconds after which it is taken back by itself; policy may allow less');

export const address = z
  .string()
  .refine((text) => ipv4Address.parse(text) === text, 'give an IPv4 address')
  .describe('IPv4 address');

export const contain = ({ devices }: Target, measure: Measure): readonly Operation[] =>
  devices.map((device) => ({ protocol: 'netconf', kind: 'contain', device, measure }));

/** The devices list the filter among what they enforce, with counters, which is state and not configuration. */
export const filterEnforced = (
  { devices }: Target,
  wanted: Extract<Measure, { readonly kind: 'deny-traffic' }>,
): readonly PostCondition[] =>
  devices.map((device) => ({
    says: `${device} enforces the filter.`,
    operations: [netconfGet(device, selectAll(CONFIG.accessLists, STATE.accessLists))],
    holds: (replies) =>
      replies.some((reply) =>
        readAccessLists(xmlOf(reply)).some(
          ({ entry }) =>
            entry.action === 'deny' &&
            entry.source === wanted.source &&
            entry.destination === wanted.destination &&
            entry.destinationPort === wanted.destinationPort,
        ),
      ),
    withinSeconds: WITHIN_SECONDS,
  }));
