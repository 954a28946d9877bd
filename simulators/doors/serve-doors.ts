/**
 * Doors for another process: listens where it is told, hands every connection over unread, and carries datagrams. It
 * knows no device and no protocol, so that however many of these there are the network is one.
 */
import { z } from 'zod';
import { type DatagramDoor, type Door, listenFor, ownDoors } from './doors.ts';

const id = z.int().min(1);
const host = z.string();
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const port = z.int().min(0).max(65_535);
/** What the process with the network says. */
export const orderForm = z.discriminatedUnion('order', [
  z.strictObject({ order: z.literal('listen'), id, host, port }),
  z.strictObject({ order: z.literal('bind'), id, host, port }),
  z.strictObject({ order: z.literal('send'), id, bytes, host, port }),
  z.strictObject({ order: z.literal('close'), id }),
]);
export type Order = z.infer<typeof orderForm>;

/** What it hears; a connection comes with its socket. */
export const newsForm = z.discriminatedUnion('news', [
  z.strictObject({ news: z.literal('open'), id, address: z.string(), port }),
  z.strictObject({ news: z.literal('failed'), id, reason: z.string() }),
  z.strictObject({ news: z.literal('closed'), id }),
  z.strictObject({ news: z.literal('connection'), id }),
  z.strictObject({ news: z.literal('datagram'), id, bytes, host, port }),
]);
export type News = z.infer<typeof newsForm>;

/** Datagrams on their way to the other process; a full queue drops, as that of a socket does. */
const MAX_WAITING = 5_000;

/** The process's own channel to the one that forked it. */
export type DoorChannel = Pick<NodeJS.Process, 'send' | 'on'>;

export function serveDoors(channel: DoorChannel): void {
  const doors = new Map<number, Door | DatagramDoor>();
  let waiting = 0;
  const say = (news: News): void => void channel.send?.(news);

  const listen = (order: Extract<Order, { order: 'listen' }>): Promise<Door> =>
    listenFor(
      order.host,
      order.port,
      (socket) => {
        socket.on('error', () => undefined); // gone before it was handed over
        const news: News = { news: 'connection', id: order.id };
        channel.send?.(news, socket, { keepOpen: false }, () => undefined);
      },
      true,
    );
  const bind = (order: Extract<Order, { order: 'bind' }>): Promise<DatagramDoor> =>
    ownDoors.bind(order.host, order.port, (bytes, from) => {
      if (waiting >= MAX_WAITING) return;
      waiting += 1;
      const news: News = { news: 'datagram', id: order.id, bytes, host: from.host, port: from.port };
      channel.send?.(news, undefined, {}, () => {
        waiting -= 1;
      });
    });
  const open = async (order: Extract<Order, { order: 'listen' | 'bind' }>): Promise<void> => {
    try {
      const door = order.order === 'listen' ? await listen(order) : await bind(order);
      doors.set(order.id, door);
      say({ news: 'open', id: order.id, address: door.address, port: door.port });
    } catch (error) {
      say({ news: 'failed', id: order.id, reason: error instanceof Error ? error.message : 'unknown' });
    }
  };

  channel.on('message', (message: unknown) => {
    const order = orderForm.parse(message);
    if (order.order === 'listen' || order.order === 'bind') {
      void open(order);
      return;
    }
    const door = doors.get(order.id);
    if (door === undefined) return;
    if (order.order === 'close') {
      doors.delete(order.id);
      void door.close().then(() => say({ news: 'closed', id: order.id }));
    } else if ('send' in door) door.send(Buffer.from(order.bytes), { host: order.host, port: order.port });
  });
}
