/** A UDP socket that is connected to one agent: the kernel drops datagrams from any other address (RFC 3414 leaves that open). */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { DriverError } from '../driver.ts';
import type { IdleSocket } from './idle-sockets.ts';

export interface Datagrams extends IdleSocket {
  /**
   * Sends and waits for the first datagram that `accept` makes something of; undefined when `waitMs` pass without one.
   * One at a time. Rejects with what `accept` throws, with UNREACHABLE when nobody listens there, with what `end` was given.
   */
  exchange<T>(bytes: Buffer, waitMs: number, accept: (bytes: Buffer) => T | undefined): Promise<T | undefined>;
  /** Gives up what waits, and whatever would be sent after it: the socket is of no more use. */
  end(error: DriverError): void;
}

export async function openDatagrams(
  { host, port }: { readonly host: string; readonly port: number },
  timers: Timers,
): Promise<Datagrams> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    await connect(socket, host, port);
  } catch {
    socket.close();
    throw new DriverError('UNREACHABLE', 'no path to the SNMP agent');
  }
  /** The exchange that waits: listeners are there once, for all that follow each other. */
  let waiting: Waiting | undefined;
  let ended: DriverError | undefined;
  const settle = (act: (one: Waiting) => void): void => {
    const one = waiting;
    if (one === undefined) return;
    waiting = undefined;
    one.cancel();
    act(one);
  };
  const end = (error: DriverError): void => {
    ended ??= error;
    settle(({ reject }) => reject(error));
  };
  const onError = (): void => end(new DriverError('UNREACHABLE', 'nobody listens at the address of the SNMP agent'));
  socket.on('error', onError);
  socket.on('message', (received) => {
    try {
      const accepted = waiting?.accept(received);
      if (accepted !== undefined) settle(({ resolve }) => resolve(accepted));
    } catch (error) {
      settle(({ reject }) => reject(error));
    }
  });
  const onSent = (error: Error | null): void => {
    if (error) onError();
  };
  const onSilence = (): void => settle(({ resolve }) => resolve(undefined));
  return {
    exchange: <T>(bytes: Buffer, waitMs: number, accept: (bytes: Buffer) => T | undefined) =>
      new Promise<T | undefined>((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        // What `accept` makes is what the promise is of.
        waiting = { accept, resolve: resolve as Waiting['resolve'], reject, cancel: timers.set(waitMs, onSilence) };
        socket.ref();
        socket.send(bytes, onSent);
      }),
    end,
    get failed() {
      return ended !== undefined;
    },
    rest: () => void socket.unref(),
    close: () => socket.close(),
  };
}

interface Waiting {
  readonly accept: (bytes: Buffer) => unknown;
  readonly resolve: (accepted: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly cancel: () => void;
}

const connect = (socket: Socket, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
