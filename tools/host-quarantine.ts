/** `host.quarantine`: lets nothing of one host out of its LAN for a while. */
import { z } from 'zod';
import { address, contain, filterEnforced, lasting } from './contain.ts';
import { defineTool } from './define-tool.ts';
import { bgpEstablished } from './post-conditions.ts';

export const hostQuarantine = defineTool({
  name: 'host.quarantine',
  domain: 'security',
  effect: 'contain',
  description:
    'Drops everything that one host sends beyond its LAN, at the named devices of its site, until the end time, when the broker takes it back.',
  targets: 'many',
  input: z.strictObject({ address, seconds: lasting }),
  plan: ({ address: source }, target) => contain(target, { kind: 'deny-traffic', source }),
  read: () => [],
  lasts: ({ seconds }) => seconds,
  postConditions: ({ address: source }, target) => [
    ...filterEnforced(target, { kind: 'deny-traffic', source }),
    ...bgpEstablished(target),
  ],
});
