/** What is done to a running installation: every process killed, servers crashed, restarted and filled up, devices slow and silent, clocks moved. */
import type { Installation } from '../../apps/installation.ts';
import type { Child } from '../../apps/supervise.ts';
import type { Clocks } from './clocks.ts';
import { pause, simulatorsOf } from './load.ts';
import type { OwnServer, Postgres } from './servers.ts';

export interface Stage {
  readonly installation: Installation;
  readonly postgres: Postgres;
  readonly redis: OwnServer;
  readonly worker: { child: Child };
  readonly clocks: Clocks;
  readonly startWorker: () => Promise<Child>;
  readonly random: () => number;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

type Way = readonly [name: string, act: () => Promise<unknown>];

/** Between two injuries, milliseconds, at random up to twice as long. */
const CALM_MS = 1_500;

/** One after the other, in an order and at moments of the seed; what was killed is started again. Tells how often each was done. */
export async function injure(stage: Stage): Promise<{ readonly [what: string]: number }> {
  const { random, seconds, say } = stage;
  const ways = [...killProcesses(stage), ...hurtServers(stage), ...hurtDevices(stage), ...moveClocks(stage)];
  const end = Date.now() + 1000 * seconds;
  const counts: { [what: string]: number } = {};
  // Each once in a shuffled order, then again: a run that is long enough has seen them all.
  let order: number[] = [];
  while (Date.now() < end) {
    if (order.length === 0) order = ways.map((_, at) => at).sort(() => random() - 0.5);
    const [name, act] = ways[order.pop() ?? 0] ?? ['', async () => undefined];
    await pause(2 * CALM_MS * random());
    say(name);
    await act();
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const BROKERS = ['broker', 'broker-2'];

function killProcesses({ installation, worker, startWorker }: Stage): readonly Way[] {
  const kill = async (name: string, restart: () => Promise<unknown>): Promise<void> => {
    const child = installation.children[name];
    child?.kill('SIGKILL');
    await child?.ended;
    await restart();
  };
  return [
    ...BROKERS.map((name) => [`kill ${name}`, () => kill(name, () => installation.restartBroker(name))] as const),
    ['kill agents', () => kill('agents', () => installation.restartAgents())],
    ['kill witness', () => kill('witness', () => installation.restartWitness())],
    [
      'kill worker',
      async () => {
        worker.child.kill('SIGKILL');
        await worker.child.ended;
        worker.child = await startWorker();
      },
    ],
  ];
}

const hurtServers = ({ postgres, redis }: Stage): readonly Way[] => [
  ['crash PostgreSQL', () => postgres.crash()],
  ['restart PostgreSQL', () => postgres.restart()],
  ['crash Redis', () => redis.crash()],
  ...(postgres.fillDisk === undefined
    ? []
    : [['fill the disk of PostgreSQL', () => postgres.fillDisk?.(CALM_MS) ?? Promise.resolve()] as const]),
];

const SLOW_DEVICE = { tenant: 'acme', device: 'br1_edge' };

function hurtDevices({ installation }: Stage): readonly Way[] {
  const behave = async (persona: string): Promise<void> => {
    const { url, token } = simulatorsOf(installation);
    await fetch(new URL('/persona', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...SLOW_DEVICE, persona }),
    });
  };
  const simulators = installation.children['simulators'];
  return [
    [
      'slow device',
      async () => {
        await behave('slow');
        await pause(CALM_MS);
        await behave('none');
      },
    ],
    [
      'all devices silent',
      async () => {
        simulators?.kill('SIGSTOP');
        await pause(CALM_MS);
        simulators?.kill('SIGCONT');
      },
    ],
  ];
}

/** Within the life of what waits for an answer: a proposal that time alone ended would be no fault. */
const LONGEST_JUMP_MS = 600_000;

/** One broker's clock against that of the other, of the servers, the agents and the devices; then back again. */
const moveClocks = ({ installation, clocks, random }: Stage): readonly Way[] =>
  BROKERS.flatMap((name) =>
    ([-1, 1] as const).map((sign): Way => {
      const set = (offsetMs: number): void =>
        clocks.set(name, offsetMs, () => installation.children[name]?.kill('SIGUSR2'));
      return [
        `clock of ${name} ${sign < 0 ? 'back' : 'forward'}`,
        async () => {
          set(sign * Math.round(LONGEST_JUMP_MS * random()));
          await pause(CALM_MS);
          set(0);
        },
      ];
    }),
  );
