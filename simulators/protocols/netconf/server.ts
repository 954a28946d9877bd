/** A NETCONF 1.1 server over SSH for one simulated device: put together from port, SSH, sessions and datastores. */
import type { Socket } from 'node:net';
import { CAPABILITIES, WRITABLE_RUNNING } from '../../../protocols/netconf/messages.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import type { XmlNode } from '../../../protocols/netconf/xml.ts';
import { capabilityOf, type YangModule } from '../../../protocols/yang/module-list.ts';
import { type Doors, ownDoors } from '../../doors/doors.ts';
import type { NetconfBackend, NetconfUser } from './backend.ts';
import { createDatastores } from './datastores.ts';
import { createHolds, type Hold, type HoldPoint, type Holds } from './holds.ts';
import {
  buildModulesState,
  buildNetconfState,
  buildYangLibrary,
  contentIdOf,
  createCounters,
  type ServerFigures,
} from './management-state.ts';
import { buildDatastoreNotice, buildSessionEnd, buildSessionStart } from './notices.ts';
import { type Behaviour, behaviourOf, type Persona } from './personas.ts';
import { openServerSession, type ServerSession } from './session.ts';
import { type Carrier, type CarrierEvents, createSshAcceptor } from './ssh-acceptor.ts';
import { NOTIFICATION_CAPABILITIES } from './subscription.ts';

export type { NetconfBackend, NetconfUser } from './backend.ts';
export type { Hold, HoldPoint } from './holds.ts';
export type { Persona } from './personas.ts';

export interface NetconfServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** OpenSSH private key text, or what makes it when the first client comes. */
  readonly hostKey: string | (() => string);
  readonly users: Readonly<Record<string, NetconfUser>>;
  /** The device behind it, or what makes it when the first client comes. */
  readonly backend: NetconfBackend | (() => NetconfBackend);
  /** When the device started by its own clock, epoch milliseconds; now when absent. */
  readonly startedAt?: number;
  readonly timers: Timers;
  /** Of the device's own clock, by which a confirmed commit lapses; `timers` when absent. */
  readonly deviceTimers?: Timers;
  /** Where it listens; in this process when absent. */
  readonly doors?: Doors;
  /** Session ids, positive and never the same twice; counted from 1 when absent. */
  readonly nextSessionId?: () => number;
  readonly log?: (event: { readonly event: string; readonly session?: number; readonly user?: string }) => void;
}

export interface NetconfServer {
  readonly address: string;
  readonly port: number;
  /** Whether anybody is connected. */
  readonly inUse: boolean;
  /** Stops the next rpc of a name at a point of its life. */
  hold(point: HoldPoint): Hold;
  /** Makes the device behave so until told otherwise. */
  setPersona(persona: Persona): void;
  /** Destroys all connections, e.g. at the moment that the device becomes unreachable. */
  dropConnections(): void;
  /** Stops as a device that loses power: an unconfirmed commit is reverted. */
  close(): Promise<void>;
}

export async function startNetconfServer(options: NetconfServerOptions): Promise<NetconfServer> {
  const startedAt = options.startedAt ?? (typeof options.backend === 'function' ? 0 : options.backend.now());
  let made: Device | undefined;
  // Nothing but the port until the first client comes: most of many devices have none.
  const device = (): Device => {
    made ??= createDevice({ ...options, startedAt });
    return made;
  };
  const door = await (options.doors ?? ownDoors).listen(options.host, options.port, (socket) =>
    device().accept(socket),
  );
  return {
    address: door.address,
    port: door.port,
    get inUse() {
      return made?.inUse() === true;
    },
    hold: (point) => device().holds.hold(point),
    setPersona: (persona) => device().setPersona(persona),
    dropConnections: () => made?.dropConnections(),
    close() {
      const closed = door.close();
      made?.shutDown();
      return closed;
    },
  };
}

const HONEST: Persona = { name: 'none' };

/** What stands behind the port. */
interface Device {
  readonly holds: Holds;
  accept(socket: Socket): void;
  inUse(): boolean;
  setPersona(persona: Persona): void;
  dropConnections(): void;
  shutDown(): void;
}

function createDevice(options: NetconfServerOptions & { readonly startedAt: number }): Device {
  const { hostKey, users, timers, deviceTimers = timers, log, startedAt } = options;
  const backend = typeof options.backend === 'function' ? options.backend() : options.backend;
  let present: Persona = HONEST;
  const persona = (): Persona => present;
  const datastores = createDatastores(backend, deviceTimers, {
    tell: (event) => announce(buildDatastoreNotice(event)),
    keepsWhileLocked: () => behaviourOf(persona()).keepsWhileLocked === true,
  });
  const holds = createHolds();
  const sessions = new Map<number, ServerSession>();
  // Only while somebody could be told: most of many devices have no session.
  let endListening: (() => void) | undefined;
  const capabilities = capabilitiesOf(backend.modules);
  const totals = createCounters();
  let [inBadHellos, inSessions, droppedSessions] = [0, 0, 0];
  let lastId = 0;
  const nextSessionId =
    options.nextSessionId ??
    (() => {
      lastId += 1;
      return lastId;
    });

  const figures = (): ServerFigures => ({
    startedAt,
    inBadHellos,
    inSessions,
    droppedSessions,
    counters: totals,
    sessions: [...sessions.values()].map((session) => session.figures),
  });

  /** Sends a notification to every session that asked for such. */
  function announce(content: XmlNode): void {
    if (!backend.reachable()) return;
    const at = backend.now();
    for (const session of sessions.values()) session.notify(at, content);
  }

  function killSession(id: number, killedBy: number): boolean {
    const session = sessions.get(id);
    if (session === undefined) return false;
    // Its locks and its unconfirmed commit are gone before the reply says so (RFC 6241 §7.9).
    session.end('killed', killedBy);
    session.hangUp();
    return true;
  }

  /** Loses power and starts again: what is open dies, and an unconfirmed commit is rolled back. */
  function reboot(): void {
    dropConnections();
    datastores.shutDown();
  }

  function dropConnections(): void {
    // The sockets' own `close` comes later; nobody may act through a dead session until then.
    for (const session of [...sessions.values()]) session.end('dropped');
    ssh.dropConnections();
  }

  function open(carrier: Carrier): CarrierEvents {
    const id = nextSessionId();
    const by = { user: carrier.user, session: id };
    const session = openServerSession({
      id,
      user: { name: carrier.user, access: users[carrier.user]?.access ?? 'read-only' },
      backend,
      datastores,
      holds,
      persona,
      timers,
      capabilities: capabilitiesFor(behaviourOf(persona()), capabilities),
      totals,
      management: {
        'netconf-state': () => buildNetconfState(capabilities, backend, datastores, figures()),
        'yang-library': () => buildYangLibrary(backend.modules),
        'modules-state': () => buildModulesState(backend.modules),
      },
      killSession: (other) => killSession(other, id),
      reboot,
      onEnded(reason, killedBy) {
        sessions.delete(id);
        if (sessions.size === 0) {
          endListening?.();
          endListening = undefined;
        }
        if (reason === 'bad-hello') inBadHellos += 1;
        if (reason !== 'closed' && reason !== 'bad-hello') droppedSessions += 1;
        announce(buildSessionEnd(by, reason, killedBy));
        log?.({ event: 'session-end', session: id, user: carrier.user });
      },
      onUnreachable: dropConnections,
      write: (bytes) => carrier.write(bytes),
      hangUp: () => carrier.hangUp(),
    });
    sessions.set(id, session);
    endListening ??= backend.listen(announce);
    inSessions += 1;
    announce(buildSessionStart(by));
    log?.({ event: 'session-start', session: id, user: carrier.user });
    return {
      onBytes: (bytes) => session.receive(bytes),
      onEnd: () => session.finish(),
      onGone: () => session.end('dropped'),
    };
  }

  const ssh = createSshAcceptor({
    ...{ hostKey, users, timers, open },
    reachable: () => backend.reachable(),
    behaviour: () => behaviourOf(present),
  });
  return {
    holds,
    accept: (socket) => ssh.accept(socket),
    inUse: () => ssh.inUse,
    setPersona(given) {
      present = given;
    },
    dropConnections,
    shutDown: () => {
      dropConnections();
      datastores.shutDown();
      holds.releaseAll();
    },
  };
}

/** Without what a persona lacks. */
function capabilitiesFor({ lacks = [] }: Behaviour, all: readonly string[]): readonly string[] {
  const { candidate, confirmedCommit, validate } = CAPABILITIES;
  const gone = lacks.includes('candidate') ? [candidate, confirmedCommit, validate] : [confirmedCommit];
  if (lacks.length === 0) return all;
  return [
    ...all.filter((uri) => !gone.some((one) => one === uri)),
    ...(lacks.includes('candidate') ? [WRITABLE_RUNNING] : []),
  ];
}

/** What the hello says (RFC 6241 §8.1): protocol, notifications, the YANG library (RFC 8525 §2), then the modules. */
function capabilitiesOf(modules: readonly YangModule[]): readonly string[] {
  return [
    ...Object.values(CAPABILITIES),
    ...NOTIFICATION_CAPABILITIES,
    `urn:ietf:params:netconf:capability:yang-library:1.1?revision=2019-01-04&content-id=${contentIdOf(modules)}`,
    ...modules.filter((one) => one.implemented).map(capabilityOf),
  ];
}
