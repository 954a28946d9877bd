/** `bgp.set-local-as`: sets the AS number by which a device presents itself. */
import { z } from 'zod';
import { el } from '../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../protocols/yang/namespaces.ts';
import { defineTool } from './define-tool.ts';
import { editConfig } from './operations.ts';
import { bgpEstablished, erpAnswers } from './post-conditions.ts';

export const bgpSetLocalAs = defineTool({
  name: 'bgp.set-local-as',
  domain: 'wan',
  effect: 'change',
  description: 'Sets the local AS number of the BGP process of a device; all its sessions start anew.',
  targets: 'one',
  // RFC 6793: four octets; 0 is reserved (RFC 7607), as is the last number (RFC 7300).
  input: z.strictObject({ localAs: z.int().min(1).max(4_294_967_294).describe('AS number') }),
  plan: ({ localAs }, { devices }) =>
    devices.map((device) => editConfig(device, el(SDWAN_NS, 'bgp', [el(SDWAN_NS, 'local-as', String(localAs))]))),
  read: () => [],
  postConditions: (_input, target, context) => [...bgpEstablished(target), ...erpAnswers(target, context)],
});
