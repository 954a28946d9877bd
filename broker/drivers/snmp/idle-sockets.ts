/** Sockets between two operations: to open one costs more than a question, and each speaks to one address for good. */
/** Kept at most, of all devices together; the one that waits longest is closed first. */
const MOST = 256;

interface Address {
  readonly host: string;
  readonly port: number;
  /** With version 2c, which a socket is for just as well. */
  readonly community?: string;
}
export interface IdleSocket {
  /** Whether an error was seen: the socket is of no more use. */
  readonly failed: boolean;
  /** While it is kept for the next operation it holds no process alive, and what arrives is nobody's. */
  rest(): void;
  close(): void;
}
export interface IdleSockets<S extends IdleSocket> {
  /** One that is connected to the address and free, which is then the caller's. */
  take(address: Address): S | undefined;
  put(address: Address, socket: S): void;
  /** Closes all, and from now on what is put. */
  close(): void;
}

export function createIdleSockets<S extends IdleSocket>(most = MOST): IdleSockets<S> {
  /** All that are kept, the one that waits longest first, with the name of their address. */
  const idle = new Map<S, string>();
  const free = new Map<string, S[]>();
  let closed = false;
  const nameOf = ({ host, port, community = '' }: Address): string => `${host} ${port} ${community}`;
  const closeOldest = (): void => {
    for (const [oldest, name] of idle) {
      idle.delete(oldest);
      const rest = (free.get(name) ?? []).filter((one) => one !== oldest);
      if (rest.length === 0) free.delete(name);
      else free.set(name, rest);
      oldest.close();
      return;
    }
  };
  return {
    take(address) {
      const name = nameOf(address);
      const waiting = free.get(name) ?? [];
      for (let socket = waiting.pop(); socket !== undefined; socket = waiting.pop()) {
        if (waiting.length === 0) free.delete(name);
        idle.delete(socket);
        if (!socket.failed) return socket;
        socket.close();
      }
      return undefined;
    },
    put(address, socket) {
      if (closed || socket.failed) return socket.close();
      socket.rest();
      const name = nameOf(address);
      idle.set(socket, name);
      const waiting = free.get(name);
      if (waiting === undefined) free.set(name, [socket]);
      else waiting.push(socket);
      if (idle.size > most) closeOldest();
    },
    close() {
      closed = true;
      for (const socket of idle.keys()) socket.close();
      idle.clear();
      free.clear();
    },
  };
}
