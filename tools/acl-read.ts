/** `acl.read`: the entries of all access lists, in order, with how often each was hit. */
import { z } from 'zod';
import { policyName } from '../protocols/device/names.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { readAccessLists } from '../protocols/yang/state-from-xml.ts';
import { STATE } from '../protocols/yang/state-schema.ts';
import { defineTool } from './define-tool.ts';
import { netconfGet, selectAll } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

export const aclRead = defineTool({
  name: 'acl.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads the entries of all access lists of devices with their hit counters.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) =>
    devices.map((device) => netconfGet(device, selectAll(CONFIG.accessLists, STATE.accessLists))),
  read: (replies) =>
    replies.flatMap((reply) =>
      readAccessLists(xmlOf(reply)).map(({ list, entry, hits }) =>
        observe(
          reply,
          policyName(deviceOf(reply), list),
          'acl.hits',
          [
            entry.name,
            entry.action,
            entry.protocol,
            entry.source ?? 'any',
            entry.destination ?? 'any',
            entry.destinationPort ?? 'any',
            'hits',
            hits,
          ].join(' '),
        ),
      ),
    ),
});
