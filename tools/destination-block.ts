/** `destination.block`: lets nothing from the LANs of devices reach one destination for a while. */
import { z } from 'zod';
import { ipv4Prefix } from '../protocols/yang/leaf-types.ts';
import { contain, filterEnforced, lasting } from './contain.ts';
import { defineTool } from './define-tool.ts';
import { bgpEstablished } from './post-conditions.ts';
import { ToolInputError } from './tool.ts';

/** Whoever blocks more than 65,536 addresses at once blocks what nobody has looked at. */
const SHORTEST_PREFIX = 16;

const destination = z
  .string()
  .regex(/^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/, 'give an IPv4 address or prefix')
  .describe('IPv4 address or prefix, /16 at the shortest');

/** A prefix in its own form: a bare address is a prefix of 32 bits. */
function readDestination(text: string): string {
  const prefix = text.includes('/') ? text : `${text}/32`;
  if (ipv4Prefix.parse(prefix) === undefined) throw new ToolInputError(`${text} is no IPv4 address or prefix.`);
  if (Number(prefix.split('/')[1]) < SHORTEST_PREFIX)
    throw new ToolInputError(`${text} is too much at once: /${SHORTEST_PREFIX} is the shortest prefix.`);
  return prefix;
}

export const destinationBlock = defineTool({
  name: 'destination.block',
  domain: 'security',
  effect: 'contain',
  description:
    'Drops what hosts behind the LAN ports of devices send to one address or prefix (and port), until the end time, when the broker takes it back.',
  targets: 'many',
  input: z.strictObject({
    destination,
    port: z.int().min(1).max(65_535).exactOptional().describe('Only this TCP or UDP port'),
    seconds: lasting,
  }),
  plan: (input, target) => contain(target, measureOf(input)),
  read: () => [],
  lasts: ({ seconds }) => seconds,
  postConditions: (input, target) => [...filterEnforced(target, measureOf(input)), ...bgpEstablished(target)],
});

function measureOf({ destination: text, port }: { readonly destination: string; readonly port?: number }) {
  return {
    kind: 'deny-traffic',
    destination: readDestination(text),
    ...(port === undefined ? {} : { destinationPort: port }),
  } as const;
}
