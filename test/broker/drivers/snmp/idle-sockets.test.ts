/** Sockets are used again for their own address only, and no more of them are kept than may be. */
import { expect, it } from 'vitest';
import type { Datagrams } from '../../../../broker/drivers/snmp/datagrams.ts';
import { createIdleSockets } from '../../../../broker/drivers/snmp/idle-sockets.ts';

const create = () => {
  const [exchange, nothing] = [async () => undefined, () => undefined];
  const socket = { failed: false, closed: 0, exchange, end: nothing, rest: nothing, close: () => {} };
  socket.close = () => {
    socket.closed += 1;
  };
  return socket satisfies Datagrams;
};
const A = { host: '127.0.0.1', port: 1 };
const B = { host: '127.0.0.1', port: 2 };

it('gives back what was put for the address, once', () => {
  const idle = createIdleSockets();
  const socket = create();
  idle.put(A, socket);
  expect(idle.take(B)).toBeUndefined();
  expect(idle.take(A)).toBe(socket);
  expect(idle.take(A)).toBeUndefined();
});

it('closes what failed, what is too much, and all at the end', () => {
  const idle = createIdleSockets(2);
  const [broken, oldest, second, third, late] = [create(), create(), create(), create(), create()];
  idle.put(A, broken);
  broken.failed = true;
  expect(idle.take(A)).toBeUndefined();
  expect(broken.closed).toBe(1);
  for (const socket of [oldest, second, third]) idle.put(A, socket);
  expect([oldest.closed, second.closed]).toEqual([1, 0]);
  idle.close();
  idle.put(A, late);
  expect([oldest, second, third, late].map(({ closed }) => closed)).toEqual([1, 1, 1, 1]);
});
