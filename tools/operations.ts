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
