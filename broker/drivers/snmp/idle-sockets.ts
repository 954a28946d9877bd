/** Sockets between two operations: to open one costs more than a question, and each speaks to one address for good. */
import type { Datagrams } from './datagrams.ts';

/** Kept at most, of all devices together; the one that waits longest is closed first. */
const MOST = 256;

interface Address {
  readonly host: string;
  readonly port: number;
}
export interface IdleSockets {
  /** One that is connected to the address and free, which is then the caller's. */
  take(address: Address): Datagrams | undefined;
  put(address: Address, socket: Datagrams): void;
  /** Closes all, and from now on what is put. */
  close(): void;
}

export function createIdleSockets(most = MOST): IdleSockets {
  const idle = new Map<Datagrams, string>();
  const free = new Map<string, Datagrams[]>();
  let closed = false;
  const nameOf = ({ host, port }: Address): string => `${host} ${port}`;
  const forget = (socket: Datagrams): void => {
    const name = idle.get(socket) ?? '';
    idle.delete(socket);
    const rest = (free.get(name) ?? []).filter((one) => one !== socket);
    if (rest.length === 0) free.delete(name);
    else free.set(name, rest);
  };
  return {
    take(address) {
      for (const socket of [...(free.get(nameOf(address)) ?? [])]) {
        forget(socket);
        if (!socket.failed) return socket;
        socket.close();
      }
      return undefined;
    },
    put(address, socket) {
      if (closed || socket.failed) return socket.close();
      socket.rest();
      idle.set(socket, nameOf(address));
      free.set(nameOf(address), [...(free.get(nameOf(address)) ?? []), socket]);
      const [oldest] = idle.keys();
      if (idle.size <= most || oldest === undefined) return;
      forget(oldest);
      oldest.close();
    },
    close() {
      closed = true;
      for (const socket of idle.keys()) socket.close();
      idle.clear();
      free.clear();
    },
  };
}
