/**
 * Two worker processes against one on work that waits for devices: so many jobs, each of which asks a device that takes a quarter
 * of a second. On the stores that more than one process can share: PostgreSQL (DATABASE_URL) and Redis (REDIS_URL).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { openQueue } from '../apps/jobs/queue.ts';
import { locateQueue } from '../apps/jobs/queue-location.ts';
import type { Figure } from './bench.ts';

const JOBS = 160;
const DEVICE_MS = 250;
/** What `wayleave worker` takes at a time, unless told otherwise. */
const CONCURRENCY = 4;

export async function benchWorkers(): Promise<readonly Figure[]> {
  const { DATABASE_URL: databaseUrl = '', REDIS_URL: redisUrl = '' } = process.env;
  const figures: Figure[] = [];
  for (const store of ['postgres', 'redis'] as const) {
    const queue = { redisUrl: '', databaseUrl: '', folder: '', name: '' };
    if ((store === 'redis' ? redisUrl : databaseUrl) === '') {
      console.error(`${store === 'redis' ? 'REDIS_URL' : 'DATABASE_URL'} is not set: ${store} is left out.`);
      continue;
    }
    const on = store === 'redis' ? { ...queue, redisUrl } : { ...queue, databaseUrl };
    const one = await secondsFor(1, on);
    const two = await secondsFor(2, on);
    figures.push(
      {
        what: `${store}: ${JOBS} jobs of ${DEVICE_MS} ms, one worker of ${CONCURRENCY} at a time`,
        value: one,
        unit: 's',
      },
      { what: `${store}: … two workers`, value: two, unit: 's' },
      { what: `${store}: two workers against one`, value: one / two, unit: '×', aim: '≥ 1.7' },
    );
  }
  return figures;
}

async function secondsFor(workers: number, store: Parameters<typeof locateQueue>[0]): Promise<number> {
  const settings = { ...store, name: `bench_${randomBytes(6).toString('hex')}` };
  const asked = new Map<string, number>();
  let done = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const device = createServer((request, response) => {
    setTimeout(() => {
      asked.set(request.url ?? '', (asked.get(request.url ?? '') ?? 0) + 1);
      response.end('well');
      if (asked.size === JOBS) done();
    }, DEVICE_MS);
  });
  await new Promise<void>((resolve) => device.listen(0, '127.0.0.1', resolve));
  const { port } = device.address() as AddressInfo;
  const told = { queue: settings, concurrency: CONCURRENCY, device: `http://127.0.0.1:${port}` };
  const children = await Promise.all(Array.from({ length: workers }, () => startWorker(JSON.stringify(told))));
  const queue = await openQueue(locateQueue(settings), {
    alarm: (error) => {
      throw error;
    },
  });
  try {
    const begun = performance.now();
    await Promise.all(Array.from({ length: JOBS }, (_, n) => queue.runNow('sch_bench', `run_${n}`)));
    await all;
    const seconds = (performance.now() - begun) / 1000;
    const twice = [...asked.values()].filter((times) => times > 1).length;
    if (twice > 0) throw new Error(`${twice} jobs ran twice`);
    return seconds;
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await queue.close();
    device.close();
    device.closeAllConnections();
  }
}

async function startWorker(told: string): Promise<ChildProcess> {
  const args = ['--import', 'tsx', 'bench/waiting-worker.ts', told];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => resolve());
    child.once('exit', (code) => reject(new Error(`a worker ended (${code})`)));
  });
  return child;
}
