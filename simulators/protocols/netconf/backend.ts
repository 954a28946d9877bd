/** What a simulated device gives its NETCONF server: configuration, state, validation and its own RPCs. The server keeps no configuration but the candidate. */
import type { ListKeys } from '../../../protocols/netconf/list-keys.ts';
import type { RpcErrorFields } from '../../../protocols/netconf/messages.ts';
import type { XmlNode } from '../../../protocols/netconf/xml.ts';
import type { YangModule } from '../../../protocols/yang/module-list.ts';

export interface NetconfBackend {
  /** False when no packet gets to the device: connections are refused and open ones die. */
  reachable(): boolean;
  /** The device's own clock, epoch milliseconds. */
  now(): number;
  readonly modules: readonly YangModule[];
  /** Text of a module as published. */
  schema(module: YangModule): string;
  /** Calls back with each event of the device, as the content of a notification; returns a function that ends it. */
  listen(onEvent: (content: XmlNode) => void): () => void;
  readonly keys: ListKeys;
  /** The running configuration: children of `<data>`. The single source of truth. */
  running(): XmlNode;
  /** Configuration and operational state for `<get>`: children of `<data>`; with `names` at least those of these names. */
  state(names?: ReadonlySet<string>): XmlNode;
  /** Errors of a whole configuration; empty when it may run. */
  validate(config: XmlNode): readonly RpcErrorFields[];
  /** Makes `config` the running configuration at once and as a whole; what it throws is told as operation-failed. */
  commit(config: XmlNode, by: { readonly user: string }): void;
  /** Runs an RPC of the device's own; children of the reply are those of the returned node. Undefined: not supported. */
  rpc(request: XmlNode): XmlNode | undefined;
}

/** NACM-like access of a user (RFC 8341): reads and the device's own RPCs for all, locks and writes for read-write only. */
export interface NetconfUser {
  /** OpenSSH text, `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  readonly access: 'read-write' | 'read-only';
}
