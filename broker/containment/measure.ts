/**
 * What puts a measure in place at a device, and what takes just that back, computed from the configuration the device has
 * at that moment. Pure. Whatever else is in the configuration, before or by then, is left as it is.
 */
import { BlockList } from 'node:net';
import type { AccessListEntry, DeviceConfig, InterfaceConfig } from '../../protocols/device/config.ts';
import { OPERATION_ATTRIBUTE } from '../../protocols/netconf/edit.ts';
import { el, renderXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { INTERFACES_NS, SDWAN_NS } from '../../protocols/yang/namespaces.ts';
import type { Measure } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Trace } from './containment.ts';

/** The list of ports that have none of their own. It goes when the last entry goes. */
export const OWN_LIST = 'wayleave-containment';
/** Places an entry of a list ordered by user (RFC 7950 §7.8.6). */
const INSERT = '{urn:ietf:params:xml:ns:yang:1}insert';

type Filter = Extract<Measure, { readonly kind: 'deny-traffic' }>;

/** Name of the entry that an intent puts into lists: whoever finds it at a device finds the intent by it. */
export const entryName = (intent: string): string => `${ENTRY_PREFIX}${intent.slice(4)}`;
/** Entries of containments begin so. */
export const ENTRY_PREFIX = 'contain-';

export interface Placed {
  readonly edit: string;
  readonly trace: Trace;
}

/** The edit that puts it in place; throws `INPUT_INVALID` for what means nothing at this device. */
export function placeMeasure(config: DeviceConfig, device: string, measure: Measure, entry: string): Placed {
  if (measure.kind === 'disable-account') {
    const { account } = measure;
    const found = config.accounts.find(({ name }) => name === account);
    if (found === undefined) throw new WayleaveError('INPUT_INVALID', `${device} has no account ${account}.`);
    if (found.disabled === true)
      throw new WayleaveError('INPUT_INVALID', `${account} of ${device} is disabled already.`);
    return {
      edit: renderXml(accountEdit(account, leaf('disabled', 'true'))),
      trace: { device, measure, entry, lists: [] },
    };
  }
  const ports = filteredPorts(config, device, measure);
  const lists = [...new Set(ports.map((port) => port.accessListIn ?? OWN_LIST))];
  const unfiltered = ports.filter(({ accessListIn }) => accessListIn === undefined);
  const edit = [
    el(
      SDWAN_NS,
      'access-lists',
      lists.map((name) => listEdit(name, [entryNode(entryOf(measure, entry), { [INSERT]: 'first' })])),
    ),
    ...(unfiltered.length === 0 ? [] : [portsEdit(unfiltered, leaf('access-list-in', OWN_LIST))]),
  ];
  return { edit: edit.map((node) => renderXml(node)).join(''), trace: { device, measure, entry, lists } };
}

/** LAN ports that the filtered traffic enters by. */
function filteredPorts(config: DeviceConfig, device: string, { source }: Filter): readonly InterfaceConfig[] {
  const ports = config.interfaces.filter(
    ({ color, vrf, ipv4, enabled }) => color === undefined && vrf !== 0 && ipv4 !== undefined && enabled,
  );
  if (source === undefined) {
    if (ports.length === 0) throw new WayleaveError('INPUT_INVALID', `${device} has no LAN port.`);
    return ports;
  }
  if (config.interfaces.some(({ ipv4 }) => ipv4?.address === source) || isVirtual(config, source))
    throw new WayleaveError('INPUT_INVALID', `${source} is an address of ${device} itself.`);
  const found = ports.filter(({ ipv4 }) => ipv4 !== undefined && isInSubnet(ipv4, source));
  if (found.length === 0) throw new WayleaveError('INPUT_INVALID', `${source} is in no LAN of ${device}.`);
  return found;
}

function isInSubnet(subnet: NonNullable<InterfaceConfig['ipv4']>, address: string): boolean {
  const list = new BlockList();
  list.addSubnet(subnet.address, subnet.prefixLength, 'ipv4');
  return list.check(address, 'ipv4');
}

const isVirtual = ({ vrrp }: DeviceConfig, address: string): boolean =>
  vrrp.some(({ virtualAddress }) => virtualAddress === address);

/** What the reversal finds at a device. */
export interface TakeBack {
  /** Undefined: nothing of it is left. */
  readonly edit?: string;
  /** Ours by name, and somebody made something else of it: not ours to take away. */
  readonly altered: readonly string[];
}

/** The edit that takes back what is still there of it, and nothing that somebody else put there. */
export function takeBackMeasure(config: DeviceConfig, { measure, entry }: Trace): TakeBack {
  if (measure.kind === 'disable-account') {
    const found = config.accounts.find(({ name }) => name === measure.account);
    if (found?.disabled !== true) return { altered: [] };
    return { edit: renderXml(accountEdit(measure.account, leaf('disabled', '', 'remove'))), altered: [] };
  }
  const wanted = entryOf(measure, entry);
  const holding = config.accessLists.flatMap(({ name, entries }) => {
    const found = entries.find((one) => one.name === entry);
    return found === undefined ? [] : [{ name, found, last: entries.length === 1 }];
  });
  const ours = holding.filter(({ found }) => sameEntry(found, wanted));
  const altered = holding
    .filter((one) => !ours.includes(one))
    .map(({ name }) => `entry ${entry} of ${name} is no longer what was put there`);
  if (ours.length === 0) return { altered };
  const emptied = ours.some(({ name, last }) => name === OWN_LIST && last);
  const bound = emptied ? config.interfaces.filter(({ accessListIn }) => accessListIn === OWN_LIST) : [];
  const edit = [
    el(
      SDWAN_NS,
      'access-lists',
      ours.map(({ name, last }) =>
        name === OWN_LIST && last ? listEdit(name, [], 'delete') : listEdit(name, [deletedEntry(entry)]),
      ),
    ),
    ...(bound.length === 0 ? [] : [portsEdit(bound, leaf('access-list-in', '', 'remove'))]),
  ];
  return { edit: edit.map((node) => renderXml(node)).join(''), altered };
}

/** Whether all of it is in the configuration, as it was put there. */
export function isInPlace(config: DeviceConfig, { measure, entry, lists }: Trace): boolean {
  if (measure.kind === 'disable-account')
    return config.accounts.some(({ name, disabled }) => name === measure.account && disabled === true);
  return lists.every((list) => {
    const entries = config.accessLists.find(({ name }) => name === list)?.entries ?? [];
    const at = entries.findIndex((one) => one.name === entry && sameEntry(one, entryOf(measure, entry)));
    // What an earlier entry permits never meets ours.
    const isMet = at >= 0 && entries.slice(0, at).every(({ action }) => action === 'deny');
    return isMet && config.interfaces.some(({ accessListIn }) => accessListIn === list);
  });
}

/** A sentence for who approves it. */
export function sayTakeBack({ device, measure, entry, lists }: Trace): string {
  if (measure.kind === 'disable-account') return `enable the account ${measure.account} of ${device} again`;
  return `take the entry ${entry} out of ${lists.join(', ')} of ${device}`;
}

const entryOf = ({ source, destination, destinationPort }: Filter, name: string): AccessListEntry => ({
  ...{ name, action: 'deny', protocol: 'any' },
  ...(source === undefined ? {} : { source }),
  ...(destination === undefined ? {} : { destination }),
  ...(destinationPort === undefined ? {} : { destinationPort }),
});

const FIELDS = ['action', 'protocol', 'source', 'destination', 'destinationPort', 'icmpType', 'icmpCode'] as const;
const sameEntry = (a: AccessListEntry, b: AccessListEntry): boolean => FIELDS.every((field) => a[field] === b[field]);

const leaf = (name: string, text: string, operation?: 'remove'): XmlNode =>
  el(SDWAN_NS, name, text, operation === undefined ? {} : { [OPERATION_ATTRIBUTE]: operation });

const entryNode = (entry: AccessListEntry, attrs: Readonly<Record<string, string>>): XmlNode =>
  el(
    SDWAN_NS,
    'entry',
    [
      leaf('name', entry.name),
      leaf('action', entry.action),
      leaf('protocol', entry.protocol),
      ...(entry.source === undefined ? [] : [leaf('source', entry.source)]),
      ...(entry.destination === undefined ? [] : [leaf('destination', entry.destination)]),
      ...(entry.destinationPort === undefined ? [] : [leaf('destination-port', String(entry.destinationPort))]),
    ],
    attrs,
  );
const deletedEntry = (name: string): XmlNode =>
  el(SDWAN_NS, 'entry', [leaf('name', name)], { [OPERATION_ATTRIBUTE]: 'delete' });

const listEdit = (name: string, entries: readonly XmlNode[], operation?: 'delete'): XmlNode =>
  el(
    SDWAN_NS,
    'access-list',
    [leaf('name', name), ...entries],
    operation === undefined ? {} : { [OPERATION_ATTRIBUTE]: operation },
  );

const portsEdit = (ports: readonly InterfaceConfig[], change: XmlNode): XmlNode =>
  el(
    INTERFACES_NS,
    'interfaces',
    ports.map(({ name }) => el(INTERFACES_NS, 'interface', [el(INTERFACES_NS, 'name', name), change])),
  );

const accountEdit = (name: string, change: XmlNode): XmlNode =>
  el(SDWAN_NS, 'accounts', [el(SDWAN_NS, 'account', [leaf('name', name), change])]);

/** The configuration as it is once every containment at the device has ended. */
export function withoutContained(config: DeviceConfig): DeviceConfig {
  const accessLists = config.accessLists
    .map((list) => ({ ...list, entries: list.entries.filter(({ name }) => !name.startsWith(ENTRY_PREFIX)) }))
    .filter(({ name, entries }) => name !== OWN_LIST || entries.length > 0);
  const isGone = accessLists.every(({ name }) => name !== OWN_LIST);
  const interfaces = config.interfaces.map((port) => {
    const { accessListIn, ...rest } = port;
    return isGone && accessListIn === OWN_LIST ? rest : port;
  });
  return { ...config, accessLists, interfaces };
}
