/** Opens the `netconf` subsystem over SSH (RFC 6242 §3): pinned host key first, then public-key authentication, nothing else. */
import { Socket } from 'node:net';
import ssh2, { type ClientChannel } from 'ssh2';
import { matchesFingerprint } from '../../../protocols/netconf/ssh-key.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { type DeviceEndpoint, DriverError } from '../driver.ts';
import type { NetconfDeadlines } from './deadlines.ts';

export type NetconfEndpoint = NonNullable<DeviceEndpoint['netconf']>;

/** An open subsystem channel with its connection. */
export interface Connection {
  readonly channel: ClientChannel;
  /** Tears everything down at once; harmless when it is down. */
  destroy(): void;
  /** Called once when the connection or the channel is gone; at once if it already is. */
  onGone(run: () => void): void;
}

/** Rejects with UNREACHABLE, HOST_KEY or AUTHENTICATION: no rpc has been sent in any of these cases. */
export function openConnection(
  endpoint: NetconfEndpoint,
  deadlines: NetconfDeadlines,
  timers: Timers,
  signal?: AbortSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    const client = new ssh2.Client();
    const listeners: (() => void)[] = [];
    let gone = false;
    let hostKeyRefused = false;

    const destroy = (): void => {
      client.destroy();
      socket.destroy();
      leave();
    };
    const leave = (): void => {
      if (gone) return;
      gone = true;
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      for (const run of listeners.splice(0)) run();
    };
    const fail = (error: DriverError): void => {
      reject(error); // without effect once resolved
      destroy();
    };
    const onAbort = (): void => fail(new DriverError('UNREACHABLE', 'given up before the session was open'));
    const onError = (error: Error & { readonly level?: string }): void => {
      if (hostKeyRefused) fail(new DriverError('HOST_KEY', 'the SSH host key is not the pinned one'));
      else if (error.level === 'client-authentication')
        fail(new DriverError('AUTHENTICATION', 'the device refused the public key'));
      else fail(new DriverError('UNREACHABLE', 'no SSH connection'));
    };
    let cancelTimer = timers.set(deadlines.connectMs, () =>
      fail(new DriverError('UNREACHABLE', 'no TCP connection in time')),
    );

    if (signal?.aborted === true) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    client.on('error', onError);
    client.on('end', destroy);
    client.on('close', () => onError(new Error('closed')));
    socket.on('error', onError);
    socket.on('close', () => onError(new Error('closed')));
    client.on('ready', () => {
      client.subsys('netconf', (error, channel) => {
        if (error !== undefined) return fail(new DriverError('UNREACHABLE', 'the device has no netconf subsystem'));
        if (gone) return channel.destroy();
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
        channel.on('error', destroy);
        channel.on('close', destroy);
        channel.on('end', destroy);
        channel.stderr.resume();
        resolve({
          channel,
          destroy,
          onGone: (run) => {
            if (gone) run();
            else listeners.push(run);
          },
        });
      });
    });

    socket.once('connect', () => {
      cancelTimer();
      cancelTimer = timers.set(deadlines.helloMs, () => fail(new DriverError('UNREACHABLE', 'no SSH session in time')));
      try {
        client.connect({
          sock: socket,
          username: endpoint.user,
          privateKey: endpoint.privateKey,
          authHandler: ['publickey'],
          readyTimeout: 0, // the timer above, which tests can move
          // A peer that vanished without a word is found out by silence (RFC 4254 §4).
          keepaliveInterval: deadlines.keepAliveMs,
          keepaliveCountMax: 3,
          // Runs before authentication; a mismatch ends the key exchange, so that no user name is ever sent.
          hostVerifier: (key: Buffer) => {
            const matches = matchesFingerprint(key, endpoint.hostKey);
            hostKeyRefused ||= !matches;
            return matches;
          },
        });
      } catch {
        fail(new DriverError('AUTHENTICATION', 'the private key cannot be read'));
      }
    });
    socket.setNoDelay(true);
    socket.connect(endpoint.port, endpoint.host);
  });
}
