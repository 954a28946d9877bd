/** A NETCONF 1.1 server over SSH for one simulated device: put together from listener, sessions and datastores. */
import type { Timers } from '../../../protocols/netconf/timers.ts';
import type { NetconfBackend, NetconfUser } from './backend.ts';
import { createDatastores } from './datastores.ts';
import { openServerSession, type ServerSession } from './session.ts';
import { type Carrier, type CarrierEvents, startSshListener } from './ssh-listener.ts';
import { createHolds, type Hold, type HoldPoint, type ReplyTrouble } from './trouble.ts';

export type { NetconfBackend, NetconfUser } from './backend.ts';
export type { Hold, HoldPoint, ReplyTrouble } from './trouble.ts';

export interface NetconfServerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** OpenSSH private key text. */
  readonly hostKey: string;
  readonly users: Readonly<Record<string, NetconfUser>>;
  readonly backend: NetconfBackend;
  readonly timers: Timers;
  /** Session ids, positive and never the same twice; counted from 1 when absent. */
  readonly nextSessionId?: () => number;
  readonly log?: (event: { readonly event: string; readonly session?: number; readonly user?: string }) => void;
}

export interface NetconfServer {
  readonly address: string;
  readonly port: number;
  /** Stops the next rpc of a name at a point of its life. */
  hold(point: HoldPoint): Hold;
  /** Spoils replies until told otherwise. */
  setTrouble(trouble: ReplyTrouble): void;
  /** Destroys all connections, e.g. at the moment that the device becomes unreachable. */
  dropConnections(): void;
  /** Stops as a device that loses power: an unconfirmed commit is reverted. */
  close(): Promise<void>;
}

export async function startNetconfServer(options: NetconfServerOptions): Promise<NetconfServer> {
  const { backend, timers, users, log } = options;
  const datastores = createDatastores(backend, timers);
  const holds = createHolds();
  const sessions = new Map<number, ServerSession>();
  let trouble: ReplyTrouble = 'none';
  let lastId = 0;
  const nextSessionId =
    options.nextSessionId ??
    (() => {
      lastId += 1;
      return lastId;
    });

  function killSession(id: number): boolean {
    const session = sessions.get(id);
    if (session === undefined) return false;
    // Its locks and its unconfirmed commit are gone before the reply says so (RFC 6241 §7.9).
    session.end();
    session.hangUp();
    return true;
  }

  function open(carrier: Carrier): CarrierEvents {
    const id = nextSessionId();
    const session = openServerSession({
      id,
      user: { name: carrier.user, access: users[carrier.user]?.access ?? 'read-only' },
      backend,
      datastores,
      holds,
      trouble: () => trouble,
      timers,
      killSession,
      onUnreachable: dropConnections,
      write: (bytes) => carrier.write(bytes),
      hangUp: () => carrier.hangUp(),
    });
    sessions.set(id, session);
    log?.({ event: 'session-start', session: id, user: carrier.user });
    return {
      onBytes: (bytes) => session.receive(bytes),
      onEnd: () => session.finish(),
      onGone() {
        if (!sessions.delete(id)) return;
        session.end();
        log?.({ event: 'session-end', session: id, user: carrier.user });
      },
    };
  }

  const listener = await startSshListener({ ...options, reachable: () => backend.reachable(), open });

  function dropConnections(): void {
    // The sockets' own `close` comes later; nobody may act through a dead session until then.
    for (const session of sessions.values()) session.end();
    listener.dropConnections();
  }

  return {
    address: listener.address,
    port: listener.port,
    hold: (point) => holds.hold(point),
    setTrouble(next) {
      trouble = next;
    },
    dropConnections,
    async close() {
      dropConnections();
      datastores.shutDown();
      holds.releaseAll();
      await listener.close();
    },
  };
}
