/** What the NETCONF server of a simulated device serves: the model's configuration and state as XML. */
import type { NetworkEvent } from '../../protocols/device/state.ts';
import { BASE_NS, RpcFailure } from '../../protocols/netconf/messages.ts';
import { el, type XmlNode } from '../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../protocols/yang/config-from-xml.ts';
import { configToXml } from '../../protocols/yang/config-to-xml.ts';
import { listKeys } from '../../protocols/yang/list-keys.ts';
import { readModule, YANG_MODULES } from '../../protocols/yang/module-list.ts';
import { SDWAN_NS } from '../../protocols/yang/namespaces.ts';
import { stateToXml } from '../../protocols/yang/state-to-xml.ts';
import type { DeviceRef, Network } from '../model/network.ts';
import type { NetconfBackend } from '../protocols/netconf/backend.ts';
import { deviceRpc } from './rpc.ts';

/** The device as its NETCONF server sees it. `validate` and `commit` take the parent of the top-level nodes. */
export function netconfView(network: Network, ref: DeviceRef): NetconfBackend {
  return {
    reachable: () => network.reachable(ref),
    now: () => network.now(),
    modules: YANG_MODULES,
    schema: readModule,
    listen: (onEvent) =>
      network.subscribe((tenant, event) => {
        if (tenant === ref.tenant && event.device === ref.device) onEvent(eventToXml(event));
      }),
    keys: listKeys,
    running: () => el(BASE_NS, 'data', configToXml(network.config(ref))),
    state: (names) =>
      el(
        BASE_NS,
        'data',
        stateToXml(network.config(ref), (key) => network.section(ref, key), names),
      ),
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

/** A `device-event` of wayleave-sdwan. */
function eventToXml({ name, resource, severity, detail }: NetworkEvent): XmlNode {
  const leaves = Object.entries({ name, resource, severity, detail: detail.slice(0, 255) });
  return el(
    SDWAN_NS,
    'device-event',
    leaves.map(([key, text]) => el(SDWAN_NS, key, text)),
  );
}
