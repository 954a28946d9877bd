/** PostgreSQL and Redis of this run alone, in a folder that goes away: they can be killed and started again. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';

export interface OwnServer {
  readonly name: string;
  readonly url: string;
  /** SIGKILL to all of it, then a start on the same data; resolves when it answers. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export interface Postgres extends OwnServer {
  /** Stopped in order, which ends every session (57P01), and started again. */
  restart(): Promise<void>;
  /** Its disk has no room for so many milliseconds; absent where no disk of its own can be mounted. */
  readonly fillDisk?: (ms: number) => Promise<void>;
}

const POSTGRES = '/usr/lib/postgresql';
const ATTEMPTS = 600;
const PAUSE_MS = 100;
const REVIVALS = 50;

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Why there can be none here; undefined when there can. */
export function whyNoServers(): string | undefined {
  if (!existsSync(POSTGRES)) return 'PostgreSQL is not installed (Debian: postgresql)';
  if (!existsSync('/usr/bin/redis-server')) return 'Redis is not installed (Debian: redis-server)';
  return undefined;
}

/** The newest PostgreSQL of the machine. Root may not run it: then it is the system's user `postgres`. */
export async function startPostgres(folder: string): Promise<Postgres> {
  const bin = path.join(POSTGRES, readdirSync(POSTGRES).sort().at(-1) ?? '', 'bin');
  const port = await freePort();
  const data = path.join(folder, 'postgres');
  mkdirSync(data, { mode: 0o700 });
  const disk = mountDisk(data);
  const owner: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  // The user must reach its own folder through ours.
  if (owner.uid !== undefined) chmodSync(folder, 0o711);
  if (owner.uid !== undefined) chownSync(data, owner.uid, owner.gid ?? owner.uid);
  const options = { ...owner, cwd: data, stdio: 'ignore' as const };
  execFileSync(path.join(bin, 'initdb'), ['-D', data, '-U', 'wayleave', '-A', 'trust', '-E', 'UTF8'], options);
  const url = `postgres://wayleave@127.0.0.1:${port}/postgres`;
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    data,
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'max_connections=200',
    ...['-c', 'max_wal_size=64MB', '-c', 'min_wal_size=32MB'],
  ];
  const server = await keepServer(
    'postgres',
    url,
    () => spawn(path.join(bin, 'postgres'), args, { ...options, detached: true }),
    async () => {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
      client.on('error', () => undefined);
      await client.connect();
      try {
        await client.query('SELECT 1');
      } finally {
        await client.end();
      }
    },
  );
  return {
    ...server,
    stop: async () => {
      await server.stop();
      disk?.unmount();
    },
    ...(disk === undefined
      ? {}
      : {
          async fillDisk(ms) {
            disk.fill();
            await new Promise((resolve) => setTimeout(resolve, ms));
            disk.empty();
            // A server that could not write its log of changes has ended; one that only refused goes on.
            await server.revive();
          },
        }),
  };
}

const DISK = '512m';
const BLOCK = 1_000_000;

/** A small disk of its own below the data; undefined where nothing may be mounted. */
function mountDisk(data: string) {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=0700`, 'tmpfs', data], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const ballast = path.join(path.dirname(data), 'postgres', 'ballast');
  return {
    unmount: () => execFileSync('umount', ['-l', data], { stdio: 'ignore' }),
    empty: () => rmSync(ballast, { force: true }),
    fill: () => {
      const block = Buffer.alloc(BLOCK);
      try {
        for (;;) appendFileSync(ballast, block);
      } catch {
        // ENOSPC: full
      }
    },
  };
}

export async function startRedis(folder: string): Promise<OwnServer> {
  const port = await freePort();
  const data = path.join(folder, 'redis');
  mkdirSync(data);
  // What it acknowledged is on the disk: that is how docs/jobs.md wants it.
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', data, ...durable];
  const url = `redis://127.0.0.1:${port}`;
  return keepServer(
    'redis',
    url,
    () => spawn('redis-server', args, { stdio: 'ignore', detached: true }),
    async () => {
      const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await client.ping();
      } finally {
        client.disconnect();
      }
    },
  );
}

const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres']).toString());

async function keepServer(
  name: string,
  url: string,
  launch: () => ChildProcess,
  ping: () => Promise<void>,
): Promise<OwnServer & { restart(): Promise<void>; revive(): Promise<void> }> {
  let child = launch();
  const ready = async (): Promise<void> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await ping();
        return;
      } catch (error) {
        if (attempt >= ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const { pid } = child;
    if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // The whole group: a backend that outlives its postmaster keeps the data folder.
    process.kill(-pid, signal);
    await ended;
  };
  /** It may be recovering by itself. */
  const isUp = async (): Promise<boolean> => {
    for (let attempt = 0; attempt < REVIVALS && child.exitCode === null; attempt += 1) {
      const answers = await ping().then(
        () => true,
        () => false,
      );
      if (answers) return true;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return false;
  };
  await ready();
  return {
    name,
    url,
    async crash() {
      await end('SIGKILL');
      child = launch();
      await ready();
    },
    /** SIGINT to PostgreSQL's first process: a fast shutdown. */
    async restart() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
      child = launch();
      await ready();
    },
    async revive() {
      if (await isUp()) return;
      await end('SIGKILL');
      child = launch();
      await ready();
    },
    stop: () => end('SIGKILL'),
  };
}
