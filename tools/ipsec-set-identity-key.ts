/** `ipsec.set-identity-key`: sets the public key by which a device proves itself to its tunnel peers. */
import { z } from 'zod';
import { el } from '../protocols/netconf/xml.ts';
import { publicKey } from '../protocols/yang/leaf-types.ts';
import { SDWAN_NS } from '../protocols/yang/namespaces.ts';
import { defineTool } from './define-tool.ts';
import { editConfig } from './operations.ts';
import { bgpEstablished, erpAnswers, tunnelsUp } from './post-conditions.ts';

export const ipsecSetIdentityKey = defineTool({
  name: 'ipsec.set-identity-key',
  domain: 'wan',
  effect: 'change',
  description: 'Sets the public identity key of a device for its IPsec tunnels; all its tunnels are negotiated anew.',
  targets: 'one',
  input: z.strictObject({
    key: z
      .string()
      .max(64)
      .refine((text) => publicKey.parse(text) === text, 'must be 32 bytes in base64')
      .describe('Public key, 32 bytes in base64'),
  }),
  plan: ({ key }, { devices }) =>
    devices.map((device) => editConfig(device, el(SDWAN_NS, 'ipsec', [el(SDWAN_NS, 'identity-key', key)]))),
  read: () => [],
  postConditions: (_input, target, context) => [
    ...tunnelsUp(target),
    ...bgpEstablished(target),
    ...erpAnswers(target, context),
  ],
});
