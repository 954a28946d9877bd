/** NETCONF messages as values: hello, rpc, rpc-reply and rpc-error, built from and parsed to XML trees (RFC 6241 §4, §8.1). */
import { child, children, childText, el, type XmlNode } from './xml.ts';

export const BASE_NS = 'urn:ietf:params:xml:ns:netconf:base:1.0';

/** Capabilities by their URIs (RFC 6241 §8). */
export const CAPABILITIES = {
  base10: 'urn:ietf:params:netconf:base:1.0',
  base11: 'urn:ietf:params:netconf:base:1.1',
  candidate: 'urn:ietf:params:netconf:capability:candidate:1.0',
  confirmedCommit: 'urn:ietf:params:netconf:capability:confirmed-commit:1.1',
  rollbackOnError: 'urn:ietf:params:netconf:capability:rollback-on-error:1.0',
  validate: 'urn:ietf:params:netconf:capability:validate:1.1',
} as const;

/** RFC 6241 §8.2: running can be written directly. Kept apart because no device of ours that has a candidate offers it. */
export const WRITABLE_RUNNING = 'urn:ietf:params:netconf:capability:writable-running:1.0';

/** The peer's message is well-formed XML but not the NETCONF message that was due. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

export interface Hello {
  readonly capabilities: readonly string[];
  /** Present in a server's hello only (RFC 6241 §8.1). */
  readonly sessionId?: number;
}

/** Error tags of RFC 6241 appendix A. */
export type RpcErrorTag =
  | 'in-use'
  | 'invalid-value'
  | 'too-big'
  | 'missing-attribute'
  | 'bad-attribute'
  | 'unknown-attribute'
  | 'missing-element'
  | 'bad-element'
  | 'unknown-element'
  | 'unknown-namespace'
  | 'access-denied'
  | 'lock-denied'
  | 'resource-denied'
  | 'rollback-failed'
  | 'data-exists'
  | 'data-missing'
  | 'operation-not-supported'
  | 'operation-failed'
  | 'malformed-message';

/** RFC 6241 §4.3. */
export interface RpcErrorFields {
  readonly type: 'transport' | 'rpc' | 'protocol' | 'application';
  /** One of `RpcErrorTag`, or whatever else a peer sent. */
  readonly tag: RpcErrorTag | (string & {});
  readonly severity: 'error' | 'warning';
  readonly appTag?: string;
  readonly path?: string;
  readonly message?: string;
  /** Children of `<error-info>`. */
  readonly info?: readonly XmlNode[];
}

/** An rpc that cannot be done, thrown towards whoever writes the reply. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly errors: readonly RpcErrorFields[];
  constructor(...errors: readonly RpcErrorFields[]) {
    super(errors.map(({ tag, message }) => message ?? tag).join('; '));
    this.errors = errors;
  }
}

/** An error of the protocol layer, the most common kind. */
export function rpcError(tag: RpcErrorTag, message: string, more: Partial<RpcErrorFields> = {}): RpcErrorFields {
  return { type: 'protocol', severity: 'error', message, ...more, tag };
}

export function buildHello({ capabilities, sessionId }: Hello): XmlNode {
  const list = el(
    BASE_NS,
    'capabilities',
    capabilities.map((uri) => el(BASE_NS, 'capability', uri)),
  );
  return el(BASE_NS, 'hello', sessionId === undefined ? [list] : [list, el(BASE_NS, 'session-id', String(sessionId))]);
}

/** @throws {MessageError} when it is no hello, or one without capabilities, or its session-id is not a positive 32-bit number. */
export function parseHello(node: XmlNode): Hello {
  const list = child(node, 'capabilities', BASE_NS);
  if (node.ns !== BASE_NS || node.name !== 'hello' || list === undefined) throw new MessageError('a hello is due');
  const capabilities = children(list, 'capability', BASE_NS).map(({ text }) => text.trim());
  const id = childText(node, 'session-id', BASE_NS);
  if (id === undefined) return { capabilities };
  const sessionId = /^[1-9]\d{0,9}$/.test(id) ? Number(id) : 0;
  if (sessionId < 1 || sessionId > 0xffff_ffff) throw new MessageError('a session-id is out of range');
  return { capabilities, sessionId };
}

export function buildRpc(messageId: string, operation: XmlNode): XmlNode {
  return el(BASE_NS, 'rpc', [operation], { 'message-id': messageId });
}

export interface Rpc {
  /** Undefined when the peer left it out, which is an error to be told (RFC 6241 §4.1). */
  readonly messageId: string | undefined;
  readonly operation: XmlNode;
  /** Attributes of the rpc element: the reply repeats all of them (RFC 6241 §4.1). */
  readonly attrs: Readonly<Record<string, string>>;
}

/** @throws {MessageError} when it is not an rpc with exactly one operation. */
export function parseRpc(node: XmlNode): Rpc {
  const [operation, ...others] = node.children;
  if (node.ns !== BASE_NS || node.name !== 'rpc' || operation === undefined || others.length > 0)
    throw new MessageError('an rpc with one operation is due');
  return { messageId: node.attrs['message-id'], operation, attrs: node.attrs };
}

/** `content` is `ok`, the children of the reply (usually one `<data>`), or the errors. */
export function buildReply(
  attrs: Readonly<Record<string, string>>,
  content: 'ok' | { readonly nodes: readonly XmlNode[] } | { readonly errors: readonly RpcErrorFields[] },
): XmlNode {
  if (content === 'ok') return el(BASE_NS, 'rpc-reply', [el(BASE_NS, 'ok')], attrs);
  return el(BASE_NS, 'rpc-reply', 'nodes' in content ? content.nodes : content.errors.map(buildRpcError), attrs);
}

export interface RpcReply {
  readonly messageId: string | undefined;
  readonly ok: boolean;
  /** `<data>` of get and get-config. */
  readonly data: XmlNode | undefined;
  /** What is neither ok nor an error. */
  readonly nodes: readonly XmlNode[];
  readonly errors: readonly RpcErrorFields[];
  readonly warnings: readonly RpcErrorFields[];
}

/** @throws {MessageError} when it is no rpc-reply. */
export function parseReply(node: XmlNode): RpcReply {
  if (node.ns !== BASE_NS || node.name !== 'rpc-reply') throw new MessageError('an rpc-reply is due');
  let ok = false;
  let data: XmlNode | undefined;
  const nodes: XmlNode[] = [];
  const errors: RpcErrorFields[] = [];
  const warnings: RpcErrorFields[] = [];
  for (const each of node.children) {
    const name = each.ns === BASE_NS ? each.name : undefined;
    if (name === 'ok') ok = true;
    else if (name === 'rpc-error') {
      const error = parseRpcError(each);
      (error.severity === 'warning' ? warnings : errors).push(error);
    } else {
      if (name === 'data') data ??= each;
      nodes.push(each);
    }
  }
  return { messageId: node.attrs['message-id'], ok, data, nodes, errors, warnings };
}

function buildRpcError(error: RpcErrorFields): XmlNode {
  const leaves: readonly [string, string | undefined][] = [
    ['error-type', error.type],
    ['error-tag', error.tag],
    ['error-severity', error.severity],
    ['error-app-tag', error.appTag],
    ['error-path', error.path],
    ['error-message', error.message],
  ];
  const nodes = leaves.flatMap(([name, text]) => (text === undefined ? [] : [el(BASE_NS, name, text)]));
  return el(BASE_NS, 'rpc-error', error.info === undefined ? nodes : [...nodes, el(BASE_NS, 'error-info', error.info)]);
}

function parseRpcError(node: XmlNode): RpcErrorFields {
  const type = childText(node, 'error-type', BASE_NS);
  const appTag = childText(node, 'error-app-tag', BASE_NS);
  const path = childText(node, 'error-path', BASE_NS);
  const message = childText(node, 'error-message', BASE_NS);
  const info = child(node, 'error-info', BASE_NS)?.children;
  return {
    type: type === 'transport' || type === 'rpc' || type === 'protocol' ? type : 'application',
    tag: childText(node, 'error-tag', BASE_NS) ?? 'operation-failed',
    // Only what says that it is a warning is one: an error without severity stays an error.
    severity: childText(node, 'error-severity', BASE_NS) === 'warning' ? 'warning' : 'error',
    ...(appTag !== undefined && { appTag }),
    ...(path !== undefined && { path }),
    ...(message !== undefined && { message }),
    ...(info !== undefined && { info }),
  };
}
