/** `acl.remove-entry`: takes one entry out of an access list. */
import { z } from 'zod';
import { OPERATION_ATTRIBUTE } from '../protocols/netconf/edit.ts';
import { el } from '../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../protocols/yang/namespaces.ts';
import { configName } from './config-names.ts';
import { defineTool } from './define-tool.ts';
import { editConfig } from './operations.ts';
import { bgpEstablished, erpAnswers } from './post-conditions.ts';

export const aclRemoveEntry = defineTool({
  name: 'acl.remove-entry',
  domain: 'wan',
  effect: 'change',
  description:
    'Removes one named entry from an access list, on every named device; one that has no such entry refuses.',
  targets: 'many',
  input: z.strictObject({
    list: configName.describe('Name of the access list'),
    entry: configName.describe('Name of the entry'),
  }),
  plan: ({ list, entry }, { devices }) =>
    devices.map((device) =>
      editConfig(
        device,
        el(SDWAN_NS, 'access-lists', [
          el(SDWAN_NS, 'access-list', [
            el(SDWAN_NS, 'name', list),
            el(SDWAN_NS, 'entry', [el(SDWAN_NS, 'name', entry)], { [OPERATION_ATTRIBUTE]: 'delete' }),
          ]),
        ]),
      ),
    ),
  read: () => [],
  postConditions: (_input, target, context) => [...bgpEstablished(target), ...erpAnswers(target, context)],
});
