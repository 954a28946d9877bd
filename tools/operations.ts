/** The protocol operations that tools plan, in short form. */
import type { Operation } from '../broker/contract.ts';
import { el, renderXml, type XmlNode } from '../protocols/netconf/xml.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { STATE } from '../protocols/yang/state-schema.ts';

interface Named {
  readonly ns: string;
  readonly name: string;
}

/** A subtree filter (RFC 6241 §6) that selects whole top-level nodes. */
export const selectAll = (...fields: readonly Named[]): string =>
  fields.map(({ ns, name }) => renderXml(el(ns, name))).join('');

export const netconfGet = (device: string, filter: string): Operation => ({
  protocol: 'netconf',
  kind: 'get',
  device,
  filter,
});

export const getState = (device: string, ...parts: readonly (keyof typeof STATE)[]): Operation =>
  netconfGet(device, selectAll(...parts.map((part) => STATE[part])));

/**
 * The entries of a list of the state whose `leaf` is one of `values` (RFC 6241 §6.2.5, content match), or all of it where
 * there are none: of a hub with a thousand tunnels those to a few sites.
 */
export const getStateOf = (
  device: string,
  part: keyof typeof STATE,
  { list, leaf, values = [] }: { readonly list: string; readonly leaf: string; readonly values?: readonly string[] },
): Operation => {
  const { ns, name } = STATE[part];
  const entries = values.map((value) => el(ns, list, [el(ns, leaf, value)]));
  return netconfGet(device, renderXml(el(ns, name, entries)));
};

export const getRunning = (device: string, ...sections: readonly (keyof typeof CONFIG)[]): Operation => ({
  protocol: 'netconf',
  kind: 'get-config',
  device,
  source: 'running',
  filter: selectAll(...sections.map((section) => CONFIG[section])),
});

export const editConfig = (device: string, config: XmlNode): Operation => ({
  protocol: 'netconf',
  kind: 'edit-config',
  device,
  config: renderXml(config),
});

export const callRpc = (device: string, request: XmlNode): Operation => ({
  protocol: 'netconf',
  kind: 'rpc',
  device,
  request: renderXml(request),
});

export const snmpWalk = (device: string, columns: readonly string[]): Operation => ({
  protocol: 'snmp',
  kind: 'walk',
  device,
  columns,
});

/** Where the director answers the configuration that it intends for a device. */
export const ATTACHED_CONFIG = '/dataservice/template/device/config/attached';

/** What the director knows of one device. */
export const askDirector = (device: string, path: string): Operation => ({
  protocol: 'rest',
  kind: 'get',
  device,
  path,
  query: { deviceId: device },
});

/** Devices of one question to the director: its address stays far below what servers take. */
const MOST_ASKED = 50;

/** What the director knows of several devices, in as few questions as there may be; each is asked by way of the first of its devices. */
export const askDirectorOf = (devices: readonly string[], path: string): readonly Operation[] =>
  Array.from({ length: Math.ceil(devices.length / MOST_ASKED) }, (_, at): Operation => {
    const some = devices.slice(at * MOST_ASKED, (at + 1) * MOST_ASKED);
    const query = { deviceId: some.join(',') };
    return { protocol: 'rest', kind: 'get', device: some[0] ?? '', path, query };
  });
