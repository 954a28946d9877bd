/** A UDP socket that is connected to one agent: the kernel drops datagrams from any other address (RFC 3414 leaves that open). */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { DriverError } from '../driver.ts';
import type { IdleSocket } from './idle-sockets.ts';

export interface Datagrams extends IdleSocket {
  /**
   * Sends and waits for the first datagram that `accept` makes something of; undefined when `waitMs` pass without one.
   * Rejects with what `accept` throws, with UNREACHABLE when nobody listens there, with the reason of the signal.
   */
  exchange<T>(
    bytes: Buffer,
    waitMs: number,
    accept: (bytes: Buffer) => T | undefined,
    signal: AbortSignal,
  ): Promise<T | undefined>;
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
  let failed = false;
  socket.on('error', () => {
    failed = true;
  });
  return {
    exchange: (bytes, waitMs, accept, signal) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void): void => {
          cancel();
          socket.off('message', onMessage).off('error', onError);
          signal.removeEventListener('abort', onAbort);
          act();
        };
        const onMessage = (received: Buffer): void => {
          try {
            const accepted = accept(received);
            if (accepted !== undefined) settle(() => resolve(accepted));
          } catch (error) {
            settle(() => reject(error));
          }
        };
        const onError = (): void =>
          settle(() => reject(new DriverError('UNREACHABLE', 'nobody listens at the address of the SNMP agent')));
        const onAbort = (): void => settle(() => reject(signal.reason));
        const cancel = timers.set(waitMs, () => settle(() => resolve(undefined)));
        if (signal.aborted) return onAbort();
        if (failed) return onError();
        socket.ref();
        socket.on('message', onMessage).once('error', onError);
        signal.addEventListener('abort', onAbort, { once: true });
        socket.send(bytes, (error) => {
          if (error) onError();
        });
      }),
    get failed() {
      return failed;
    },
    rest: () => void socket.unref(),
    close: () => socket.close(),
  };
}

const connect = (socket: Socket, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
