/** Doors in processes of their own, for networks with more devices than one process may have open files: see `serve-doors.ts`. */
import { type ChildProcess, fork } from 'node:child_process';
import { Socket } from 'node:net';
import type { DatagramDoor, Door, Doors, Peer } from './doors.ts';
import { newsForm, type Order } from './serve-doors.ts';

export interface ForkedDoors extends Doors {
  stop(): Promise<void>;
}

interface Waiting {
  readonly settle: (opened: { readonly address: string; readonly port: number } | string) => void;
  readonly onConnection?: (socket: Socket) => void;
  readonly onDatagram?: (bytes: Buffer, from: Peer) => void;
  onClosed?: () => void;
}

/** `entry` is the program whose process serves doors; `onLost` is told when it ends without being stopped. */
export function forkDoors(entry: string, onLost: () => void): ForkedDoors {
  const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: {} });
  const doors = new Map<number, Waiting>();
  let [last, stopping] = [0, false];
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const door of doors.values()) door.settle('the process of the ports ended');
      if (!stopping) onLost();
      resolve();
    });
  });
  child.on('error', () => undefined); // `exit` follows, or nothing could be sent to a process that is going
  child.on('message', (message, handle) => {
    const news = newsForm.parse(message);
    const door = doors.get(news.id);
    if (door === undefined) {
      if (handle instanceof Socket) handle.destroy();
    } else if (news.news === 'connection') {
      if (!(handle instanceof Socket)) return; // its client left on the way
      handle.setNoDelay(true);
      door.onConnection?.(handle);
    } else if (news.news === 'datagram') door.onDatagram?.(Buffer.from(news.bytes), news);
    else if (news.news === 'closed') door.onClosed?.();
    else door.settle(news.news === 'open' ? { address: news.address, port: news.port } : news.reason);
  });

  const open = (order: 'listen' | 'bind', at: Peer, callbacks: Omit<Waiting, 'settle' | 'onClosed'>) => {
    last += 1;
    const id = last;
    return new Promise<DatagramDoor>((resolve, reject) => {
      const settle: Waiting['settle'] = (opened) => {
        if (typeof opened === 'string') {
          doors.delete(id);
          reject(new Error(opened));
        } else resolve(doorOf(child, doors, id, opened));
      };
      doors.set(id, { settle, ...callbacks });
      tell(child, { order, id, host: at.host, port: at.port });
    });
  };
  return {
    listen: (host, port, onConnection): Promise<Door> => open('listen', { host, port }, { onConnection }),
    bind: (host, port, onDatagram) => open('bind', { host, port }, { onDatagram }),
    stop: () => {
      stopping = true;
      if (child.connected) child.disconnect();
      return ended;
    },
  };
}

function doorOf(
  child: ChildProcess,
  doors: Map<number, Waiting>,
  id: number,
  { address, port }: { readonly address: string; readonly port: number },
): DatagramDoor {
  return {
    address,
    port,
    send: (bytes, to) => tell(child, { order: 'send', id, bytes, host: to.host, port: to.port }),
    close: () =>
      new Promise((resolve) => {
        const door = doors.get(id);
        if (door === undefined || !child.connected) return resolve();
        door.onClosed = () => {
          doors.delete(id);
          resolve();
        };
        child.once('exit', () => resolve());
        tell(child, { order: 'close', id });
      }),
  };
}

function tell(child: ChildProcess, order: Order): void {
  if (child.connected) child.send(order, () => undefined);
}

/** Spreads doors over several processes in turn: those of one device may be in two of them. */
export function spreadDoors(all: readonly ForkedDoors[]): ForkedDoors {
  let turn = 0;
  const next = (): ForkedDoors => {
    turn += 1;
    const doors = all[turn % all.length];
    if (doors === undefined) throw new Error('there is no process for the ports');
    return doors;
  };
  return {
    listen: (host, port, onConnection) => next().listen(host, port, onConnection),
    bind: (host, port, onDatagram) => next().bind(host, port, onDatagram),
    stop: async () => {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}
