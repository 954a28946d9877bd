/** Renders what a device reports as rows of its MIB tables, in the order in which an SNMP agent walks them. */
import type { DeviceConfig } from '../device/config.ts';
import type { DeviceState } from '../device/state.ts';
import {
  APP_ROUTE,
  BFD,
  BFD_STATES,
  BGP,
  BGP_STATES,
  INTERFACES,
  PORT_STATES,
  SYSTEM,
  VRRP,
  VRRP_STATES,
} from './oids.ts';

/** One variable. Octet strings are bytes, addresses dotted quads, everything else numbers. */
export type MibRow = { readonly oid: readonly number[] } & (
  | { readonly type: 'integer' | 'gauge32' | 'counter32' | 'counter64' | 'timeticks'; readonly value: number }
  | { readonly type: 'string'; readonly value: Uint8Array }
  | { readonly type: 'oid' | 'ip'; readonly value: string }
);

type Variable = MibRow extends infer Row ? (Row extends MibRow ? Omit<Row, 'oid'> : never) : never;

const ENTERPRISE = '1.3.6.1.4.1.41916.1';
const MAX_32 = 0xffff_ffff;

const text = (value: string): Variable => ({ type: 'string', value: new TextEncoder().encode(value) });
const integer = (value: number): Variable => ({ type: 'integer', value: Math.round(value) });
/** Gauges latch at their greatest value (RFC 2578 §7.1.7). */
const gauge = (value: number): Variable => ({
  type: 'gauge32',
  value: Math.min(MAX_32, Math.max(0, Math.round(value))),
});
/** Counters wrap (RFC 2578 §7.1.6). */
const counter32 = (value: number): Variable => ({ type: 'counter32', value: Math.floor(value) % (MAX_32 + 1) });
const counter64 = (value: number): Variable => ({ type: 'counter64', value: Math.floor(value) });
/** Hundredths of a second, wrapping after 497 days (RFC 2578 §7.1.8). */
const ticks = (ms: number): Variable => ({ type: 'timeticks', value: Math.floor(Math.max(0, ms) / 10) % (MAX_32 + 1) });

export const parseOid = (dotted: string): readonly number[] => dotted.split('.').map(Number);

/** Lexicographic order of object identifiers (RFC 3416 §4.2.2). */
export function compareOids(a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** All rows of the device at epoch milliseconds `now`, sorted by object identifier. */
export function mibRows(config: DeviceConfig, state: DeviceState, now: number): readonly MibRow[] {
  const rows: MibRow[] = [];
  const add = (column: string, index: readonly number[], variable: Variable): void => {
    rows.push({ oid: [...parseOid(column), ...index], ...variable });
  };
  const bootedAt = now - state.system.uptimeMs;

  add(SYSTEM.descr, [0], text(`Wayleave SD-WAN ${config.role}`));
  add(SYSTEM.objectId, [0], { type: 'oid', value: ENTERPRISE });
  add(SYSTEM.upTime, [0], ticks(state.system.uptimeMs));
  add(SYSTEM.name, [0], text(state.hostname));
  add(SYSTEM.location, [0], text(config.site));

  for (const port of state.interfaces) {
    const index = [port.index];
    add(INTERFACES.descr, index, text(port.name));
    add(INTERFACES.mtu, index, integer(port.mtu));
    add(INTERFACES.speed, index, gauge(port.speedBps));
    add(INTERFACES.admin, index, integer(PORT_STATES[port.admin]));
    add(INTERFACES.oper, index, integer(PORT_STATES[port.oper]));
    // 0 when the last change was before the device booted (RFC 2863 §6).
    add(INTERFACES.lastChange, index, ticks(port.lastChange - bootedAt));
    add(INTERFACES.inErrors, index, counter32(port.inErrors));
    add(INTERFACES.outDiscards, index, counter32(port.outDiscards));
    add(INTERFACES.name, index, text(port.name));
    add(INTERFACES.inOctets, index, counter64(port.inOctets));
    add(INTERFACES.outOctets, index, counter64(port.outOctets));
    add(INTERFACES.highSpeed, index, gauge(port.speedBps / 1e6));
    add(INTERFACES.alias, index, text(port.description));
  }
  for (const peer of state.bgp) {
    const index = parseOid(peer.neighbor);
    add(BGP.state, index, integer(BGP_STATES[peer.state]));
    add(BGP.remoteAddress, index, { type: 'ip', value: peer.neighbor });
    const lastError = Uint8Array.of(peer.lastErrorCode, peer.lastErrorSubcode);
    add(BGP.lastError, index, { type: 'string', value: lastError });
    add(BGP.establishedTime, index, gauge(peer.state === 'established' ? (now - peer.since) / 1000 : 0));
  }
  for (const group of state.vrrp) {
    const port = state.interfaces.find(({ name }) => name === group.interface);
    if (port !== undefined) add(VRRP.state, [port.index, group.group], integer(VRRP_STATES[group.state]));
  }
  for (const tunnel of state.tunnels) {
    const end = config.tunnels.find(
      ({ peer, color, peerColor }) => peer === tunnel.peer && color === tunnel.color && peerColor === tunnel.peerColor,
    );
    if (end === undefined) continue;
    const index = parseOid(end.remoteAddress);
    add(BFD.state, index, integer(BFD_STATES[tunnel.bfd]));
    add(BFD.txInterval, index, gauge(tunnel.txIntervalMs));
    add(BFD.transitions, index, counter32(tunnel.bfdTransitions));
    add(APP_ROUTE.loss, index, gauge(tunnel.lossPct));
    add(APP_ROUTE.latency, index, gauge(tunnel.latencyMs));
    add(APP_ROUTE.jitter, index, gauge(tunnel.jitterMs));
  }
  return rows.sort((a, b) => compareOids(a.oid, b.oid));
}
