/** What holds a threat at the network, for a while: the narrowest tool that does, or who has to act where no edge can. */
import type { Proposal } from '../events.ts';
import type { Threat, ThreatType } from './threats.ts';

export type Measures =
  | { readonly kind: 'contain'; readonly proposal: Proposal }
  | { readonly kind: 'advice'; readonly text: string };

/** The most that the shipped policies let an agent ask for, and devices of one containment. */
const FOUR_HOURS = 14_400;
const MAX_DEVICES = 2;

const SAYS: Readonly<Record<ThreatType, string>> = {
  syn_flood: 'floods a server with connections that it never completes',
  lateral_scan: 'tries the ports of addresses that it has no business with',
  c2_beacon: 'calls an address that nobody knows at a fixed interval',
  exfiltration: 'sends large volumes to an address that nobody knows',
  unauthorised_change: 'was changed by somebody who guessed until he was in',
  arp_poisoning: 'has one hardware address answering for many neighbours',
  rogue_dhcp: 'has a DHCP server in its LAN that nobody put there, and whose gateway is not there',
};

/** A sentence for people. */
export const sayThreat = ({ type, resource }: Pick<Threat, 'type' | 'resource'>): string =>
  `${resource} ${SAYS[type]} (${type})`;

export function chooseMeasure(threat: Threat, seconds: number = FOUR_HOURS): Measures {
  const { type, address, account, devices, resource } = threat;
  const target = devices.slice(0, MAX_DEVICES);
  const why = `${sayThreat(threat)}.`;
  if (type === 'arp_poisoning')
    return {
      kind: 'advice',
      text: `${resource}: ask hands on site to find the port of that hardware address and shut it. It stays inside its LAN, which no edge can filter.`,
    };
  if (type === 'rogue_dhcp')
    return {
      kind: 'advice',
      text: `${resource}: ask hands on site to take a lease there, find the port of the server that it names, and shut it; then have the clients renew. It stays inside its LAN, which no edge can filter.`,
    };
  if (target.length === 0)
    return {
      kind: 'advice',
      text: `${resource}: no device of the inventory has it in a LAN, so that nothing can hold it.`,
    };
  if (type === 'unauthorised_change')
    return account === undefined
      ? {
          kind: 'advice',
          text: `${resource}: ask the security team which account was used; none that was added can be seen.`,
        }
      : { kind: 'contain', proposal: { tool: 'account.disable', target, input: { account, seconds }, why } };
  if (address === undefined) return { kind: 'advice', text: `${resource}: its address is not known.` };
  return { kind: 'contain', proposal: { tool: 'host.quarantine', target, input: { address, seconds }, why } };
}
