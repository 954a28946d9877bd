/**
 * Readers of what a device reports over NETCONF, for hostile input: what is malformed, of the wrong type or out of range
 * is left out, the rest is kept, and nothing throws.
 */
import type { AccessListEntry } from '../device/config.ts';
import type { BgpState, InterfaceState, RouteState, SystemState, TunnelState, VrrpState } from '../device/state.ts';
import { BASE_NS } from '../netconf/messages.ts';
import { parseXml, type XmlNode } from '../netconf/xml.ts';
import { CONFIG } from './config-schema.ts';
import type { Field } from './schema.ts';
import { STATE } from './state-schema.ts';

/** Top-level data nodes of a reply: the text is a whole `<rpc-reply>`, its `<data>`, or only the children. Empty for anything else. */
export function parseData(xml: string): readonly XmlNode[] {
  let root: XmlNode;
  try {
    root = parseXml(`<data>${xml.replace(/^\s*<\?xml[^>]*\?>/, '')}</data>`);
  } catch {
    return [];
  }
  let nodes = root.children;
  for (const wrapper of ['rpc-reply', 'data']) {
    const [only, ...others] = nodes;
    if (only?.name === wrapper && (only.ns === BASE_NS || only.ns === '') && others.length === 0) nodes = only.children;
  }
  return nodes;
}

type Section = keyof typeof STATE;

/** One section of what a device reports; of a list only the entries that are right, undefined for what is not there. */
export const readSection = <Key extends Section>(data: readonly XmlNode[], key: Key) =>
  // Each section's field reads the section's own value; TypeScript cannot follow it through the index.
  read(data, STATE[key] as Field<ReturnType<(typeof STATE)[Key]['read']>>);

/** The same of the configuration. */
export const readConfigSection = <Key extends keyof typeof CONFIG>(data: readonly XmlNode[], key: Key) =>
  read(data, CONFIG[key] as Field<ReturnType<(typeof CONFIG)[Key]['read']>>);

function read<T>(data: readonly XmlNode[], field: Field<T>): T | undefined {
  const nodes = data.filter(({ name, ns }) => name === field.name && ns === field.ns);
  return nodes.length === 0 ? undefined : field.read(nodes, '', { list: [] });
}

export const readSystem = (data: readonly XmlNode[]): SystemState | undefined => read(data, STATE.system);
export const readInterfaceStates = (data: readonly XmlNode[]): readonly InterfaceState[] =>
  read(data, STATE.interfaces) ?? [];
export const readTunnels = (data: readonly XmlNode[]): readonly TunnelState[] => read(data, STATE.tunnels) ?? [];
export const readBgp = (data: readonly XmlNode[]): readonly BgpState[] => read(data, STATE.bgp) ?? [];
export const readRib = (data: readonly XmlNode[]): readonly RouteState[] => read(data, STATE.routes) ?? [];
export const readVrrp = (data: readonly XmlNode[]): readonly VrrpState[] => read(data, STATE.vrrp) ?? [];

/** Entries of all access lists, in order, with their counters (0 when the device reports none). */
export function readAccessLists(
  data: readonly XmlNode[],
): readonly { readonly list: string; readonly entry: AccessListEntry; readonly hits: number }[] {
  const hits = new Map((read(data, STATE.accessLists) ?? []).map((one) => [`${one.list}\n${one.entry}`, one.hits]));
  return (read(data, CONFIG.accessLists)?.accessLists ?? []).flatMap(({ name: list, entries }) =>
    entries.map((entry) => ({ list, entry, hits: hits.get(`${list}\n${entry.name}`) ?? 0 })),
  );
}
