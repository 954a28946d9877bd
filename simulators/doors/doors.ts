/** The ports that simulated devices are reached at and speak from, each on an address of its own. */
import { createSocket } from 'node:dgram';
import { createServer, isIPv6, type Socket } from 'node:net';

export interface Doors {
  /** Waits for TCP connections; rejects when the address cannot be had. Port 0 is any free one. */
  listen(host: string, port: number, onConnection: (socket: Socket) => void): Promise<Door>;
  /** Waits for datagrams. */
  bind(host: string, port: number, onDatagram: (bytes: Buffer, from: Peer) => void): Promise<DatagramDoor>;
}

export interface Door {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface DatagramDoor extends Door {
  /** Lost is lost. */
  send(bytes: Buffer, to: Peer): void;
}

export interface Peer {
  readonly host: string;
  readonly port: number;
}

/** Doors of this process: two open files a device. */
export const ownDoors: Doors = {
  listen: (host, port, onConnection) => listenFor(host, port, onConnection, false),

  async bind(host, port, onDatagram) {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.on('message', (bytes, from) => onDatagram(bytes, { host: from.address, port: from.port }));
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, () => {
        socket.off('error', reject);
        resolve();
      });
    });
    socket.on('error', () => undefined); // an ICMP error about an answer is the asker's to see
    const bound = socket.address();
    let open = true;
    return {
      address: bound.address,
      port: bound.port,
      send: (bytes, to) => {
        if (open) socket.send(bytes, to.port, to.host, () => undefined);
      },
      close: () => {
        open = false;
        return new Promise((resolve) => socket.close(() => resolve()));
      },
    };
  },
};

/** With `unread` nothing is read of a connection, so that another process can take it over. */
export async function listenFor(
  host: string,
  port: number,
  onConnection: (socket: Socket) => void,
  unread: boolean,
): Promise<Door> {
  const server = createServer({ noDelay: true, pauseOnConnect: unread }, onConnection);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', () => undefined); // failed accepts are the client's to see
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the listener has no address');
  return {
    address: bound.address,
    port: bound.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
