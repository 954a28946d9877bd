/** What a reply means: a success, or the `DriverError` that reports the device's rpc-errors (RFC 6241 §4.3, §4.4). */
import type { RpcErrorFields, RpcReply } from '../../../protocols/netconf/messages.ts';
import { renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import { DriverError } from '../driver.ts';

/** Device text in a message; driver.ts states the limit. */
const MAX_DEVICE_TEXT = 200;

/** Any rpc-error of severity error fails the rpc, whatever stands beside it; warnings do not. */
export function demandSuccess(reply: RpcReply): void {
  const [first, ...others] = reply.errors;
  if (first === undefined) return;
  const count = others.length === 0 ? '' : ` (first of ${others.length + 1} errors)`;
  throw new DriverError('RPC_ERROR', `${describeError(first)}${count}`, printable(first.tag));
}

/** For rpcs that return nothing. A reply of warnings alone counts: RFC 6241 §4.4 sends `<ok>` only without them. */
export function demandOk(reply: RpcReply): void {
  demandSuccess(reply);
  if (!reply.ok && reply.warnings.length === 0)
    throw new DriverError('PROTOCOL', 'a reply that says neither ok nor error');
}

/** Children of `<data>`, as text. */
export function demandData(reply: RpcReply): string {
  demandSuccess(reply);
  if (reply.data === undefined) throw new DriverError('PROTOCOL', 'a reply without data');
  return renderAll(reply.data.children);
}

/** Children of the reply to an RPC of the device's own; '' when it said just ok. */
export function demandNodes(reply: RpcReply): string {
  demandSuccess(reply);
  return renderAll(reply.nodes);
}

function renderAll(nodes: readonly XmlNode[]): string {
  return nodes.map((node) => renderXml(node)).join('');
}

/** Bounded and printable. */
export const describeError = ({ tag, path, message }: RpcErrorFields): string =>
  printable(`${tag}${path === undefined ? '' : ` at ${path}`}${message === undefined ? '' : `: ${message}`}`);

/** Device text as it may stand in a message. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, MAX_DEVICE_TEXT);
}
