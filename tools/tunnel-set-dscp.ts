/** `tunnel.set-dscp`: whether a tunnel keeps the code points of what it carries, or rewrites them to one. */
import { z } from 'zod';
import { OPERATION_ATTRIBUTE } from '../protocols/netconf/edit.ts';
import { el } from '../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../protocols/yang/namespaces.ts';
import { configName } from './config-names.ts';
import { defineTool } from './define-tool.ts';
import { editConfig } from './operations.ts';
import { configShows } from './post-conditions.ts';

export const tunnelSetDscp = defineTool({
  name: 'tunnel.set-dscp',
  domain: 'experience',
  effect: 'change',
  description: 'Lets a tunnel of a device keep the code points of its packets, or rewrite all of them to one.',
  targets: 'one',
  input: z.strictObject({
    tunnel: configName.describe('Name of the tunnel interface'),
    // RFC 2474 §3.
    dscp: z.int().min(0).max(63).exactOptional().describe('Code point for all packets; absent: each keeps its own'),
  }),
  plan: ({ tunnel, dscp }, { devices }) =>
    devices.map((device) =>
      editConfig(
        device,
        el(SDWAN_NS, 'tunnels', [
          el(SDWAN_NS, 'tunnel', [
            el(SDWAN_NS, 'name', tunnel),
            dscp === undefined
              ? el(SDWAN_NS, 'dscp-rewrite', '', { [OPERATION_ATTRIBUTE]: 'remove' })
              : el(SDWAN_NS, 'dscp-rewrite', String(dscp)),
          ]),
        ]),
      ),
    ),
  read: () => [],
  postConditions: ({ tunnel, dscp }, target) =>
    configShows(
      target,
      'tunnels',
      `${dscp === undefined ? 'keeps the code points' : `rewrites code points to ${dscp}`} on ${tunnel}`,
      (all) => all.some((one) => one.name === tunnel && one.dscpRewrite === (dscp === undefined ? undefined : dscp)),
    ),
});
