/** The NETCONF driver: reads and probes over pooled sessions, changes over write sessions (RFC 6241, RFC 6242). */

import type { RpcErrorFields, RpcReply } from '../../../protocols/netconf/messages.ts';
import { systemTimers, type Timers } from '../../../protocols/netconf/timers.ts';
import type { XmlNode } from '../../../protocols/netconf/xml.ts';
import type { Operation } from '../../contract.ts';
import { type DeviceEndpoint, type DeviceWarning, DriverError, type NotificationDriver } from '../driver.ts';
import { createConnectGate } from './connect-gate.ts';
import type { NetconfEndpoint } from './connection.ts';
import { NETCONF_DEADLINES, type NetconfDeadlines } from './deadlines.ts';
import { createReadPool } from './read-pool.ts';
import { demandData, demandNodes, printable } from './replies.ts';
import { deviceRpc, get, getConfig } from './rpcs.ts';
import { openSession } from './session.ts';
import { subscribe } from './subscribe.ts';
import { openWriteSession } from './write-session.ts';

export interface NetconfDriverOptions {
  readonly timers?: Timers;
  readonly deadlines?: Partial<NetconfDeadlines>;
  /** Hears every warning; the rpc that brought it succeeds. */
  readonly onWarning?: (warning: DeviceWarning) => void;
}

/** `run` takes `get`, `get-config` and device `rpc` operations; its reply is the XML of the children of `<data>` or of the reply. */
export function createNetconfDriver(options: NetconfDriverOptions = {}): NotificationDriver {
  const timers = options.timers ?? systemTimers;
  const deadlines: NetconfDeadlines = { ...NETCONF_DEADLINES, ...options.deadlines };
  const gate = createConnectGate();
  const pool = createReadPool(deadlines, timers, gate);
  const hear =
    ({ tenant, device }: DeviceEndpoint) =>
    ({ tag, message = '' }: RpcErrorFields): void =>
      options.onWarning?.({ tenant, device, tag: printable(tag), message: printable(message) });
  const held = new Set<{ destroy(): void }>();
  let closed = false;

  return {
    protocol: 'netconf',
    async run(endpoint, operation, signal) {
      const target = demandEndpoint(endpoint);
      const { rpc, read } = compile(operation);
      const reply = await pool.use(target, signal, (session, given) => session.rpc(rpc, deadlines.readMs, given));
      if (reply.warnings.length > 0) reply.warnings.forEach(hear(endpoint));
      return { protocol: 'netconf', xml: read(reply) };
    },
    async openWriteSession(endpoint, signal, lowest) {
      if (closed) throw new DriverError('UNREACHABLE', 'the driver is closed');
      const session = await gate(
        () => openWriteSession(demandEndpoint(endpoint), deadlines, timers, signal, hear(endpoint), lowest),
        signal,
      );
      if (closed) {
        session.destroy();
        throw new DriverError('UNREACHABLE', 'the driver is closed');
      }
      held.add(session);
      session.onClosed(() => held.delete(session));
      return session;
    },
    async subscribe(endpoint, since, onNotice, signal) {
      if (closed) throw new DriverError('UNREACHABLE', 'the driver is closed');
      const session = await gate(() => openSession(demandEndpoint(endpoint), deadlines, timers, signal), signal);
      held.add(session);
      session.onClosed(() => held.delete(session));
      return subscribe(session, deadlines, since, onNotice);
    },
    async close() {
      closed = true;
      pool.close();
      for (const session of [...held]) session.destroy();
    },
  };
}

function demandEndpoint({ device, netconf }: DeviceEndpoint): NetconfEndpoint {
  if (netconf === undefined) throw new DriverError('UNSUPPORTED', `${device} has no NETCONF endpoint`);
  return netconf;
}

function compile(operation: Operation): { readonly rpc: XmlNode; readonly read: (reply: RpcReply) => string } {
  if (operation.protocol === 'netconf') {
    if (operation.kind === 'get') return { rpc: get(operation.filter), read: demandData };
    if (operation.kind === 'get-config')
      return { rpc: getConfig(operation.source, operation.filter), read: demandData };
    if (operation.kind === 'rpc') return { rpc: deviceRpc(operation.request), read: demandNodes };
  }
  throw new DriverError('UNSUPPORTED', 'the NETCONF driver runs get, get-config and device rpcs');
}
