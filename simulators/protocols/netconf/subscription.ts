/** Subscriptions to notifications (RFC 5277 §2.1.1): the one stream NETCONF, without replay, filtered by subtree. */
import { filterSubtree } from '../../../protocols/netconf/filter.ts';
import type { ListKeys } from '../../../protocols/netconf/list-keys.ts';
import { BASE_NS, RpcFailure, rpcError } from '../../../protocols/netconf/messages.ts';
import {
  INTERLEAVE_CAPABILITY,
  NOTIFICATION_CAPABILITY,
  NOTIFICATION_NS,
} from '../../../protocols/netconf/notification.ts';
import { child, childText, el, type XmlNode } from '../../../protocols/netconf/xml.ts';

/** Capabilities of a server that sends notifications and still takes rpcs meanwhile (RFC 5277 §3.1.1, §6). */
export const NOTIFICATION_CAPABILITIES: readonly string[] = [NOTIFICATION_CAPABILITY, INTERLEAVE_CAPABILITY];

export interface Subscription {
  /** Whether the content of a notification passes the filter. */
  wants(content: XmlNode): boolean;
}

/** @throws {RpcFailure} for another stream, a replay, or a filter that is no subtree */
export function parseSubscription(rpc: XmlNode, keys: ListKeys): Subscription {
  const bad = (name: string, message: string): RpcFailure =>
    new RpcFailure(rpcError('invalid-value', message, { info: [el(BASE_NS, 'bad-element', name)] }));
  const stream = childText(rpc, 'stream', NOTIFICATION_NS) ?? 'NETCONF';
  if (stream !== 'NETCONF') throw bad('stream', 'there is no such stream');
  if (child(rpc, 'startTime', NOTIFICATION_NS) !== undefined)
    throw new RpcFailure(rpcError('operation-not-supported', 'the stream keeps nothing to replay'));
  if (child(rpc, 'stopTime', NOTIFICATION_NS) !== undefined)
    throw new RpcFailure(
      rpcError('missing-element', 'stopTime needs startTime', { info: [el(BASE_NS, 'bad-element', 'startTime')] }),
    );
  const filter = child(rpc, 'filter', NOTIFICATION_NS);
  if (filter === undefined) return { wants: () => true };
  const type = filter.attrs['type'] ?? filter.attrs[`{${BASE_NS}}type`] ?? 'subtree';
  if (type !== 'subtree') throw bad('filter', 'only subtree filters are supported');
  return { wants: (content) => filterSubtree(el('', 'stream', [content]), filter, keys).children.length > 0 };
}
