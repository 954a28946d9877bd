/**
 * A `pg.Pool` over one PGlite session: every pooled client is a logical connection, and they take turns.
 *
 * PGlite is a single PostgreSQL session. A logical connection holds it from its first message until the server says
 * `ReadyForQuery` with status idle (PostgreSQL protocol 3.0, message format `Z`), so a transaction keeps it and all
 * else waits. What belongs to a session is therefore shared: `SET`, temporary tables and session-level advisory
 * locks do not separate clients (transaction-level ones do, by the turn).
 */
import type { PGlite } from '@electric-sql/pglite';
import { PglitePgConnection } from '@electric-sql/pglite/node-postgres';
import pg from 'pg';

/** Matches `LISTEN x` and `UNLISTEN x`; the channel is folded as PostgreSQL folds identifiers. */
const LISTEN = /^\s*(UN)?LISTEN\s+(?:"([^"]+)"|([\w$*]+))\s*;?\s*$/i;

/** The one session, and who has it. */
class SharedSession {
  readonly pglite: PGlite;
  readonly connections = new Set<LogicalConnection>();
  #tail: Promise<void> = Promise.resolve();

  constructor(pglite: PGlite) {
    this.pglite = pglite;
    pglite.onNotification((channel, payload) => {
      for (const connection of this.connections) connection.deliver(channel, payload);
    });
  }

  /** Waits for the turn; the result gives it up. */
  async acquire(): Promise<() => void> {
    const before = this.#tail;
    let release = (): void => undefined;
    this.#tail = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    // PGlite runs in this thread and resolves in microtasks: without a yield it starves timers and sockets.
    await new Promise((resolve) => setImmediate(resolve));
    return release;
  }
}

/** The wire of one pooled client: sends only in its turn. */
class LogicalConnection extends PglitePgConnection {
  readonly #session: SharedSession;
  readonly #channels = new Set<string>();
  #waiting: (() => void)[] | undefined;
  #release: (() => void) | undefined;
  #open = true;

  constructor(session: SharedSession) {
    super({ pglite: session.pglite });
    this.#session = session;
    session.connections.add(this);
    this.on('readyForQuery', (message?: { readonly status?: string }) => {
      if (message?.status === 'I') this.#giveUp();
    });
  }

  /** Hands a notification to this client if it listens. */
  deliver(channel: string, payload: string): void {
    if (!this.#channels.has(channel)) return;
    queueMicrotask(() => super.emit('notification', { channel, payload, processId: 0 }));
  }

  /** PGlite reports a notification to whichever client happens to run; `deliver` brings it to those that listen. */
  override emit(event: string | symbol, ...values: unknown[]): boolean {
    return event === 'notification' ? false : super.emit(event, ...values);
  }

  override query(text: string): void {
    const own = this.#subscribe(text);
    this.#send(() => super.query(own));
  }
  override parse(query: { readonly text: string }): void {
    const own = { ...query, text: this.#subscribe(query.text) };
    this.#send(() => super.parse(own));
  }
  override bind(config: unknown): void {
    this.#send(() => super.bind(config));
  }
  override execute(config: unknown): void {
    this.#send(() => super.execute(config));
  }
  override describe(message: unknown): void {
    this.#send(() => super.describe(message));
  }
  override close(message: unknown): void {
    this.#send(() => super.close(message));
  }
  override flush(): void {
    this.#send(() => super.flush());
  }
  override sync(): void {
    this.#send(() => super.sync());
  }

  /** A client that goes away inside a transaction must not leave it to the next one. */
  override end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#session.connections.delete(this);
    const release = this.#release;
    this.#release = undefined;
    this.#waiting = undefined;
    super.end();
    if (release === undefined) return;
    // Behind what was sent already: after an error the server ignores everything up to the Sync that is still on its way.
    this.once('end', () => void this.#session.pglite.exec('ROLLBACK').then(release, release));
  }

  #send(message: () => void): void {
    if (this.#release !== undefined) {
      message();
    } else if (this.#waiting !== undefined) {
      this.#waiting.push(message);
    } else {
      this.#waiting = [message];
      void this.#session.acquire().then((release) => this.#start(release));
    }
  }

  #start(release: () => void): void {
    if (!this.#open) {
      release();
      return;
    }
    const messages = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#release = release;
    for (const message of messages) message();
  }

  #giveUp(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }

  /** Keeps who listens to what; the session itself goes on listening, since others may still want the channel. */
  #subscribe(text: string): string {
    const match = LISTEN.exec(text);
    if (match === null) return text;
    const channel = match[2] ?? match[3]?.toLowerCase() ?? '';
    if (match[1] === undefined) {
      this.#channels.add(channel);
      return text;
    }
    if (channel === '*') this.#channels.clear();
    else this.#channels.delete(channel);
    return 'SELECT WHERE false';
  }
}

/** A pool of logical connections onto `pglite`, which the caller closes after `pool.end()`. */
export function createPglitePool(pglite: PGlite, options: { readonly max: number }): pg.Pool {
  const session = new SharedSession(pglite);
  class LogicalClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(Object.assign({}, config, { connection: new LogicalConnection(session) }));
    }
  }
  return new pg.Pool({ Client: LogicalClient, max: options.max, idleTimeoutMillis: 0 });
}
