/**
 * Events of devices as SNMP notifications (RFC 3416 §4.2.6): sysUpTime.0 and snmpTrapOID.0 first, then what the event says.
 *
 * The vendor's own variables are not public; decided here: 32473, the enterprise number of examples (RFC 5612), then
 * resource, severity, detail, sequence and time by the device's clock, each with instance 0.
 */
import type { NetworkEvent } from '../device/state.ts';
import { IF_TABLE, PORT_STATES } from '../mib/oids.ts';
import { SIGNALS } from '../signals.ts';
import type { Oid } from './ber.ts';
import type { MibRow, MibValue } from './mib.ts';
import { compareOids, formatOid, parseOid } from './oid.ts';
import type { PduVarbind } from './pdu.ts';
import { showOctets } from './varbind.ts';

export const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];
export const SNMP_TRAP_OID: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
const EXAMPLE: Oid = [1, 3, 6, 1, 4, 1, 32473, 1];
const OBJECTS = { resource: 1, severity: 2, detail: 3, sequence: 4, time: 5 } as const;
const oidOf = (name: keyof typeof OBJECTS): Oid => [...EXAMPLE, OBJECTS[name], 0];
/** Longest text of a variable, characters. */
const MAX_TEXT = 255;

const TRAPS: ReadonlyMap<string, string> = new Map(
  Object.entries(SIGNALS).flatMap(([name, source]) => ('trap' in source ? [[name, source.trap] as const] : [])),
);
const NAMES: ReadonlyMap<string, string> = new Map([...TRAPS].map(([name, oid]) => [oid, name]));
const SEVERITIES: readonly NetworkEvent['severity'][] = ['critical', 'major', 'minor', 'warning', 'info', 'cleared'];

/** The notification's name; undefined for events that are told by syslog only. */
export const trapOid = (event: string): Oid | undefined => parseOid(TRAPS.get(event) ?? '');

export interface PortFacts {
  readonly index: number;
  readonly admin: 'up' | 'down';
  readonly oper: 'up' | 'down';
}

/**
 * The varbinds of an event; undefined when it has no notification. `upTimeMs` is the time since the device's boot, `at`
 * its own clock. linkUp and linkDown carry the port's index and states (RFC 2863 §6).
 */
export function notifyEvent(
  event: NetworkEvent,
  device: { readonly upTimeMs: number; readonly at: number; readonly port?: PortFacts | undefined },
): readonly MibRow[] | undefined {
  const name = trapOid(event.name);
  if (name === undefined) return undefined;
  const text = (value: string): MibValue => ({ type: 'string', value: value.slice(0, MAX_TEXT) });
  const link = event.name === 'trap.linkDown' || event.name === 'trap.linkUp' ? device.port : undefined;
  return [
    { oid: SYS_UP_TIME, value: { type: 'timeticks', value: Math.floor(device.upTimeMs / 10) } },
    { oid: SNMP_TRAP_OID, value: { type: 'oid', value: name } },
    ...(link === undefined ? [] : linkRows(link)),
    { oid: oidOf('resource'), value: text(event.resource) },
    { oid: oidOf('severity'), value: text(event.severity) },
    { oid: oidOf('detail'), value: text(event.detail) },
    { oid: oidOf('sequence'), value: { type: 'gauge32', value: event.seq } },
    { oid: oidOf('time'), value: text(new Date(device.at).toISOString()) },
  ];
}

function linkRows({ index, admin, oper }: PortFacts): readonly MibRow[] {
  const row = (column: string, value: number): MibRow => ({
    oid: [...(parseOid(column) ?? []), index],
    value: { type: 'integer', value },
  });
  return [row(IF_TABLE.index, index), row(IF_TABLE.admin, PORT_STATES[admin]), row(IF_TABLE.oper, PORT_STATES[oper])];
}

/**
 * The event that varbinds tell of. A notification that is none of ours keeps its object identifier as name and its other
 * variables as detail. Undefined when the first two are not what they must be.
 */
export function readNotification(
  varbinds: readonly PduVarbind[],
  device: string,
  receivedAt: number,
): NetworkEvent | undefined {
  const [upTime, trap, ...others] = varbinds;
  if (upTime?.value.type !== 'timeticks' || compareOids(upTime.oid, SYS_UP_TIME) !== 0) return undefined;
  if (trap?.value.type !== 'oid' || compareOids(trap.oid, SNMP_TRAP_OID) !== 0) return undefined;
  const oid = formatOid(trap.value.value);
  const find = (name: keyof typeof OBJECTS): PduVarbind['value'] | undefined =>
    others.find((one) => compareOids(one.oid, oidOf(name)) === 0)?.value;
  const text = (name: keyof typeof OBJECTS): string => {
    const value = find(name);
    return value?.type === 'string' ? showOctets(value.value).slice(0, MAX_TEXT) : '';
  };
  const sequence = find('sequence');
  const at = Date.parse(text('time'));
  return {
    seq: sequence?.type === 'gauge32' ? sequence.value : 0,
    at: Number.isNaN(at) ? receivedAt : at,
    name: NAMES.get(oid) ?? oid,
    device,
    resource: text('resource') || `node/${device}`,
    severity: SEVERITIES.find((one) => one === text('severity')) ?? 'info',
    detail: text('detail') || describe(others),
  };
}

/** Variables of a stranger's notification, cut. */
const describe = (varbinds: readonly PduVarbind[]): string =>
  varbinds
    .slice(0, 16)
    .map(({ oid, value }) => `${formatOid(oid)}=${'value' in value ? showValue(value) : value.type}`)
    .join(' ')
    .slice(0, MAX_TEXT);

const showValue = ({ type, value }: MibValue): string =>
  type === 'string' ? showOctets(value) : type === 'oid' ? formatOid(value) : String(value);
