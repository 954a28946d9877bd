/** `approute.set-colors`: over which transports an existing steering rule sends its application, the best first. */
import { z } from 'zod';
import { color } from '../protocols/controller/rows.ts';
import { INSERT_ATTRIBUTE, OPERATION_ATTRIBUTE } from '../protocols/netconf/edit.ts';
import { el } from '../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../protocols/yang/namespaces.ts';
import { configName } from './config-names.ts';
import { defineTool } from './define-tool.ts';
import { editConfig } from './operations.ts';
import { configShows } from './post-conditions.ts';

export const approuteSetColors = defineTool({
  name: 'approute.set-colors',
  domain: 'experience',
  effect: 'change',
  description:
    'Sets the transports of an app-route rule on the controller that tells all edges, best first; strict keeps the application to them even when they miss its SLA. Application and SLA class of the rule stay.',
  targets: 'one',
  input: z.strictObject({
    rule: configName.describe('Name of the rule'),
    colors: z
      .array(color)
      .min(1)
      .max(color.options.length)
      .refine((colors) => new Set(colors).size === colors.length, 'each transport once')
      .describe('Transports, best first'),
    strict: z.boolean().describe('True: these and no other, whether they meet the SLA or not'),
  }),
  // Merged into the rule: one that does not exist would lack its application, which the data model refuses.
  plan: ({ rule, colors, strict }, { devices }) =>
    devices.map((device) =>
      editConfig(
        device,
        el(SDWAN_NS, 'app-routes', [
          el(SDWAN_NS, 'route', [
            el(SDWAN_NS, 'name', rule),
            ...color.options
              .filter((one) => !colors.includes(one))
              .map((one) => el(SDWAN_NS, 'color', one, { [OPERATION_ATTRIBUTE]: 'remove' })),
            // Each moved behind the one before (RFC 7950 §7.7.9), in the order that is wanted.
            ...colors.map((one) => el(SDWAN_NS, 'color', one, { [INSERT_ATTRIBUTE]: 'last' })),
            el(SDWAN_NS, 'strict', String(strict)),
          ]),
        ]),
      ),
    ),
  read: () => [],
  postConditions: ({ rule, colors, strict }, target) =>
    configShows(target, 'appRoutes', `steers ${rule} over ${colors.join(', ')}${strict ? ' only' : ''}`, (routes) =>
      routes.some((one) => one.name === rule && one.strict === strict && one.colors.join() === colors.join()),
    ),
});
