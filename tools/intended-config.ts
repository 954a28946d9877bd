/** What the director intends for devices, out of its answers, which are not trusted: text that is no configuration is none. */
import type { OperationReply } from '../broker/contract.ts';
import { attachedConfigRow } from '../protocols/controller/endpoints/device.ts';
import { parseXml, type XmlNode } from '../protocols/netconf/xml.ts';
import { ATTACHED_CONFIG } from './operations.ts';
import { deviceOf, rowsOf } from './replies.ts';

/** Top-level nodes by device. A row about another device than the one that was asked for counts for nobody. Never throws. */
export function readIntended(replies: readonly OperationReply[]): ReadonlyMap<string, readonly XmlNode[]> {
  const intended = new Map<string, readonly XmlNode[]>();
  for (const reply of replies) {
    for (const { deviceId, config } of rowsOf(reply, ATTACHED_CONFIG, attachedConfigRow)) {
      const nodes = deviceId === deviceOf(reply) ? parseConfig(config) : undefined;
      if (nodes !== undefined) intended.set(deviceId, nodes);
    }
  }
  return intended;
}

function parseConfig(xml: string): readonly XmlNode[] | undefined {
  try {
    return parseXml(xml).children;
  } catch {
    return undefined;
  }
}
