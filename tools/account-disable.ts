/** `account.disable`: lets nobody log in to devices by one local account for a while. */
import { z } from 'zod';
import { readConfigSection } from '../protocols/yang/state-from-xml.ts';
import { contain, lasting } from './contain.ts';
import { defineTool } from './define-tool.ts';
import { getRunning } from './operations.ts';
import { bgpEstablished } from './post-conditions.ts';
import { xmlOf } from './replies.ts';

/** Seconds of the network's clock within which the device shows what was committed. */
const WITHIN_SECONDS = 30;

export const accountDisable = defineTool({
  name: 'account.disable',
  domain: 'security',
  effect: 'contain',
  description:
    'Disables one local account of devices, which keeps its role and its secret, until the end time, when the broker takes it back.',
  targets: 'many',
  input: z.strictObject({
    account: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .describe('Name of the account'),
    seconds: lasting,
  }),
  plan: ({ account }, target) => contain(target, { kind: 'disable-account', account }),
  read: () => [],
  lasts: ({ seconds }) => seconds,
  postConditions: ({ account }, target) => [
    ...target.devices.map((device) => ({
      says: `The account ${account} of ${device} is disabled.`,
      operations: [getRunning(device, 'accounts')],
      holds: (replies: Parameters<ReturnType<typeof bgpEstablished>[number]['holds']>[0]) =>
        replies.some((reply) =>
          (readConfigSection(xmlOf(reply), 'accounts') ?? []).some(
            ({ name, disabled }) => name === account && disabled === true,
          ),
        ),
      withinSeconds: WITHIN_SECONDS,
    })),
    ...bgpEstablished(target),
  ],
});
