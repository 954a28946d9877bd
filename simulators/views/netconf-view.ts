/** What the NETCONF server of a simulated device serves: the model's configuration and state as XML. */
import type { ListKeys } from '../../protocols/netconf/list-keys.ts';
import { BASE_NS, type RpcErrorFields, RpcFailure } from '../../protocols/netconf/messages.ts';
import { el, type XmlNode } from '../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../protocols/yang/config-from-xml.ts';
import { configToXml } from '../../protocols/yang/config-to-xml.ts';
import { listKeys } from '../../protocols/yang/list-keys.ts';
import { MODULES } from '../../protocols/yang/namespaces.ts';
import { stateToXml } from '../../protocols/yang/state-to-xml.ts';
import type { DeviceRef, Network } from '../model/network.ts';
import { deviceRpc } from './rpc.ts';

/** Has the form that `simulators/protocols/netconf` asks of a device. */
export interface NetconfView {
  reachable(): boolean;
  readonly modules: readonly string[];
  readonly keys: ListKeys;
  /** `<data>` with the running configuration. */
  running(): XmlNode;
  /** `<data>` with configuration and state. */
  state(): XmlNode;
  /** Errors of a whole configuration, given as its parent element; empty when it may run. */
  validate(config: XmlNode): readonly RpcErrorFields[];
  /** @throws {RpcFailure} when the configuration is not valid */
  commit(config: XmlNode, by: { readonly user: string }): void;
  /** @throws {RpcFailure} when its input is wrong */
  rpc(request: XmlNode): XmlNode | undefined;
}

export function netconfView(network: Network, ref: DeviceRef): NetconfView {
  return {
    reachable: () => network.reachable(ref),
    modules: MODULES,
    keys: listKeys,
    running: () => el(BASE_NS, 'data', configToXml(network.config(ref))),
    state: () => el(BASE_NS, 'data', stateToXml(network.config(ref), network.state(ref))),
    validate(config) {
      try {
        xmlToConfig(config.children);
        return [];
      } catch (error) {
        if (error instanceof RpcFailure) return error.errors;
        throw error;
      }
    },
    commit: (config, { user }) => network.commit(ref, xmlToConfig(config.children), user),
    rpc: (request) => deviceRpc(network, ref, request),
  };
}
