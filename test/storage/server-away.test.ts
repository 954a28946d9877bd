/** What a PostgreSQL that restarts says is told from what is wrong by itself, wherever in a chain of causes it stands. */
import { createServer } from 'node:net';
import pg from 'pg';
import { expect, it } from 'vitest';
import { isServerAway } from '../../storage/server-away.ts';

const failed = (message: string, code?: string): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

it('a server that is away, restarts or takes no more is away', () => {
  for (const code of [
    '57P01',
    '57P02',
    '57P03',
    '08006',
    '08P01',
    '53300',
    '53100',
    '58030',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
  ])
    expect([code, isServerAway(failed('x', code))]).toEqual([code, true]);
  for (const words of ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])
    expect(isServerAway(failed(words))).toBe(true);
  expect(isServerAway(new Error('fetch failed', { cause: failed('x', 'ECONNREFUSED') }))).toBe(true);
});

it('a statement that is wrong is not, nor what is no error', () => {
  for (const code of ['23505', '42P01', '28P01', '57014', '40001', '5P01', 'ENOENT'])
    expect([code, isServerAway(failed('x', code))]).toEqual([code, false]);
  const round = failed('x');
  round.cause = round;
  for (const value of [round, failed('no Connection terminated'), 'ECONNREFUSED', undefined, { code: '57P01' }])
    expect(isServerAway(value)).toBe(false);
});

it('is what node-postgres really throws where nobody listens, and where a connection breaks off', async () => {
  const server = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const connect = async (): Promise<unknown> => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: address.port, user: 'nobody' });
    const failure = await pool.query('SELECT 1').catch((error: unknown) => error);
    await pool.end();
    return failure;
  };
  expect(isServerAway(await connect())).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(isServerAway(await connect())).toBe(true);
});
