/** The SSH side of the simulated device: public-key authentication and the `netconf` subsystem (RFC 6242 §3), nothing else. */
import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection } from 'ssh2';
import { generateSshKeyPair } from '../../../protocols/netconf/ssh-key.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import type { NetconfUser } from './backend.ts';
import type { Behaviour } from './personas.ts';

/** Open connections a device can have. */
const MAX_CONNECTIONS = 64;

/** Sessions that one connection may ask for in its life. */
const MAX_CHANNELS = 16;

/** How long a client may take to prove who it is. */
const LOGIN_MS = 30_000;

/** How long a client may take to close its side. */
const LINGER_MS = 5_000;

/** Carrier of one session. */
export interface Carrier {
  readonly user: string;
  write(bytes: Buffer): void;
  /** Sends what was written, then closes. */
  hangUp(): void;
}

export interface CarrierEvents {
  onBytes(bytes: Buffer): void;
  /** The client will send no more, and may still listen. */
  onEnd(): void;
  /** When the carrier is gone; may come twice. */
  onGone(): void;
}

export interface SshAcceptorOptions {
  /** OpenSSH private key text, or what makes it when the first client comes. */
  readonly hostKey: string | (() => string);
  readonly users: Readonly<Record<string, NetconfUser>>;
  readonly timers: Timers;
  readonly reachable: () => boolean;
  /** How the device behaves now; as it should when absent. */
  readonly behaviour?: () => Behaviour;
  readonly open: (carrier: Carrier) => CarrierEvents;
}

export interface SshAcceptor {
  /** Takes a connection over that has come in. */
  accept(socket: Socket): void;
  /** Whether anybody is connected. */
  readonly inUse: boolean;
  /** Destroys every connection without a word, as a cut cable does. */
  dropConnections(): void;
}

export function createSshAcceptor(options: SshAcceptorOptions): SshAcceptor {
  const sockets = new Set<Socket>();
  const dropConnections = (): void => {
    for (const socket of [...sockets]) socket.destroy();
  };
  const serveWith = (hostKey: string): ssh2.Server => {
    const ssh = new ssh2.Server({ hostKeys: [hostKey] });
    ssh.on('connection', (connection: Connection) => serveConnection(connection, options));
    return ssh;
  };
  // Made when they are first needed: a connection may be turned away before.
  const own = once(() => serveWith(typeof options.hostKey === 'string' ? options.hostKey : options.hostKey()));
  const replaced = once(() => serveWith(generateSshKeyPair().privateKey));
  // A socket of our own in front: an unreachable device must not even say its SSH version.
  const accept = (socket: Socket): void => {
    socket.on('error', () => undefined); // `close` follows
    if (!options.reachable()) {
      socket.destroy();
      dropConnections();
      return;
    }
    if (sockets.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    const { banner, otherHostKey } = options.behaviour?.() ?? {};
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (banner !== undefined) socket.end(banner);
    else (otherHostKey ? replaced() : own()).injectSocket(socket);
  };
  return {
    accept,
    get inUse() {
      return sockets.size > 0;
    },
    dropConnections,
  };
}

function serveConnection(connection: Connection, { users, timers, open }: SshAcceptorOptions): void {
  let user: string | undefined;
  let channels = 0;
  const gone: (() => void)[] = [];
  connection.on('error', () => undefined); // `close` follows
  connection.on('end', () => connection.end());
  const cancelLogin = timers.set(LOGIN_MS, () => connection.end());
  connection.on('close', () => {
    cancelLogin();
    for (const each of gone) each();
  });
  connection.on('authentication', (context) => {
    if (!authenticate(context, users)) return context.reject(['publickey']);
    user = context.username;
    cancelLogin();
    context.accept();
  });
  connection.on('session', (accept, reject) => {
    if (user === undefined || channels >= MAX_CHANNELS) return reject();
    channels += 1;
    const name = user;
    const session = accept();
    session.on('subsystem', (acceptSubsystem, rejectSubsystem, info) => {
      if (info.name !== 'netconf') return rejectSubsystem();
      const channel = acceptSubsystem();
      let cancelLinger: () => void = () => undefined;
      const events = open({
        user: name,
        write: (bytes) => {
          if (!channel.destroyed && channel.writable) channel.write(bytes);
        },
        hangUp: () => {
          // The channel first: a client may drop what it has not read yet when it gets the disconnect message.
          channel.close();
          cancelLinger();
          cancelLinger = timers.set(LINGER_MS, () => connection.end());
        },
      });
      channel.on('error', () => undefined); // `close` follows
      channel.on('data', (bytes: Buffer) => events.onBytes(bytes));
      channel.on('end', () => events.onEnd());
      channel.on('close', () => {
        cancelLinger();
        events.onGone();
        connection.end();
      });
      gone.push(() => {
        cancelLinger();
        events.onGone();
      });
    });
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Whether the context proves a user's own key; without a signature ssh2 asks only whether the key would do (RFC 4252 §7). */
function authenticate(context: AuthContext, users: Readonly<Record<string, NetconfUser>>): boolean {
  const known = Object.hasOwn(users, context.username) ? users[context.username] : undefined;
  if (known === undefined || context.method !== 'publickey') return false;
  const key = ssh2.utils.parseKey(known.publicKey);
  if (key instanceof Error) return false;
  const expected = key.getPublicSSH();
  if (context.key.data.length !== expected.length || !timingSafeEqual(context.key.data, expected)) return false;
  if (context.signature === undefined) return true;
  return context.blob !== undefined && key.verify(context.blob, context.signature, context.hashAlgo) === true;
}
