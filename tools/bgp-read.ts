/** `bgp.read`: the BGP sessions of devices, from BGP4-MIB and NETCONF. */
import { z } from 'zod';
import { bgpSessionName } from '../protocols/device/names.ts';
import { BGP } from '../protocols/mib/oids.ts';
import { readBgpPeers } from '../protocols/mib/read-routing.ts';
import { readBgp } from '../protocols/yang/state-from-xml.ts';
import { defineTool } from './define-tool.ts';
import { getStateOf, snmpWalk } from './operations.ts';
import { peersInput } from './peers.ts';
import { deviceOf, observeAll, varbindsOf, xmlOf } from './replies.ts';

export const bgpRead = defineTool({
  name: 'bgp.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Reads state, last error (code/subcode of RFC 4271) and received prefixes of all BGP sessions of devices.',
  targets: 'many',
  input: z.strictObject({ peers: peersInput }),
  plan: ({ peers }, { devices }) =>
    devices.flatMap((device) => [
      snmpWalk(device, [BGP.state, BGP.lastError]),
      getStateOf(device, 'bgp', { list: 'neighbor', leaf: 'peer', ...(peers === undefined ? {} : { values: peers }) }),
    ]),
  read: (replies) => {
    // The MIB knows neighbours by address only; NETCONF tells which device that is.
    const peers = new Map<string, string>();
    for (const reply of replies)
      for (const { neighbor, peer } of readBgp(xmlOf(reply))) peers.set(`${deviceOf(reply)} ${neighbor}`, peer);
    const told = new Set<string>();
    return replies.flatMap((reply) => {
      const device = deviceOf(reply);
      const walked = readBgpPeers(varbindsOf(reply)).flatMap((row) => {
        const peer = peers.get(`${device} ${row.neighbor}`);
        if (peer === undefined || row.state === undefined) return [];
        told.add(`${device} ${row.neighbor}`);
        return observeAll(reply, bgpSessionName(device, peer), {
          'bgp.state': row.state,
          'bgp.last_error':
            row.lastErrorCode === undefined ? undefined : `${row.lastErrorCode}/${row.lastErrorSubcode}`,
        });
      });
      const got = readBgp(xmlOf(reply)).flatMap((session) => {
        const walkedToo = told.has(`${device} ${session.neighbor}`);
        return observeAll(reply, bgpSessionName(device, session.peer), {
          'bgp.state': walkedToo ? undefined : session.state,
          'bgp.last_error': walkedToo ? undefined : `${session.lastErrorCode}/${session.lastErrorSubcode}`,
          'bgp.prefixes_rx': session.prefixesReceived,
        });
      });
      return [...walked, ...got];
    });
  },
});
