/** One history: brokers, callers, approvers and misfortunes of one seed, from the first start until everything is well again and nothing is left to do. */
import { createRandom } from '../broker/policy/differential/random.ts';
import { decide } from './approver.ts';
import { callOnce, type Job, pursue } from './caller.ts';
import { type Incarnation, startIncarnation } from './incarnation.ts';
import { DEVICES, PORTS } from './lab.ts';
import { drawFates, strikeWorld } from './misfortune.ts';
import { createProcess } from './process.ts';
import { tellStory } from './story.ts';
import { createTimeline } from './timeline.ts';
import { judge } from './verdict.ts';
import { APPROVERS, CALLERS, createWorld } from './world.ts';

const START = Date.parse('2026-01-01T00:00:00.000Z');
/** Virtual time in which things go wrong, in which they are well again, and after which no intent may be executed any more. */
const TROUBLED_MS = 240_000;
const WELL_MS = 420_000;
const EXPIRED_MS = 31 * 60_000;
/** Brokers that one history sees at most. */
const MOST_BROKERS = 6;

export interface History {
  readonly seed: number;
  readonly violations: readonly string[];
  /** What the intents came to. */
  readonly outcomes: readonly string[];
  readonly brokers: number;
  /** Told only when it is asked for. */
  readonly story: () => readonly string[];
}

export async function runHistory(seed: number): Promise<History> {
  const random = createRandom(seed);
  const timeline = createTimeline(START);
  const world = createWorld(timeline, random);
  const brokers: Incarnation[] = [];
  let lastId = 0;
  const ids = { id: (prefix: string) => `${prefix}_${String(++lastId).padStart(12, '0')}` };
  let coming = 0;

  const start = async (): Promise<void> => {
    const fates = brokers.length < MOST_BROKERS ? drawFates(world, random, startLater) : [];
    const process = createProcess(`broker ${brokers.length + 1}`, { timeline, random }, fates);
    const started = startIncarnation(world, process, ids);
    started.catch(() => process.kill());
    const broker = await Promise.race([started, process.gone]).catch(() => undefined);
    if (broker !== undefined) brokers.push(broker);
  };
  function startLater(ms: number): void {
    coming += 1;
    timeline.after(ms, () => {
      coming -= 1;
      void start();
    });
  }
  const serving = (): readonly Incarnation[] => brokers.filter((one) => one.ready && !one.process.dead());

  const jobs = drawJobs();
  startLater(0);
  strikeWorld(world, TROUBLED_MS);
  for (const job of jobs) void pursue(world, job, serving);
  for (const human of [...APPROVERS, CALLERS[0]]) void decide(world, human, serving);
  await timeline.runUntil(START + TROUBLED_MS);

  world.well = true;
  for (const device of world.devices.values()) device.silentUntil = 0;
  await timeline.runUntil(START + TROUBLED_MS + 5_000);
  if (coming === 0 && brokers.at(-1)?.process.dead() !== false) startLater(0);
  await timeline.runUntil(START + TROUBLED_MS + WELL_MS);

  world.calm = true;
  const violations: string[] = [];
  // Each caller asks once more, and again when no intent of that time may be executed any more; both times it hears something.
  for (const end of [WELL_MS, WELL_MS + EXPIRED_MS]) {
    await timeline.runUntil(START + TROUBLED_MS + end);
    const last = serving().at(-1);
    if (last === undefined) {
      violations.push('no broker serves though everything is well');
      break;
    }
    for (const job of jobs)
      void callOnce(world, last, job).then((heard) => {
        if (heard.status === 'silence') violations.push(`${job.value}: is not answered`);
      });
    await timeline.runUntil(START + TROUBLED_MS + end + 400_000);
  }
  violations.push(...(await judge(world, jobs)));
  for (const { process } of brokers) process.kill();
  return {
    seed,
    violations,
    outcomes: [...world.durable.records.intents.values()].map(({ state, receipt }) => receipt?.outcome ?? state),
    brokers: brokers.length,
    story: () => tellStory(world),
  };

  function drawJobs(): readonly Job[] {
    // The first port is for others.
    return PORTS.slice(1, random.chance(0.4) ? 3 : 2).map((port, at) => ({
      human: random.pick(CALLERS),
      key: `int_${'abc'[at]?.repeat(8)}`,
      devices: random.pick([['br1_edge'], ['br2_edge'], [...DEVICES], [...DEVICES].reverse()]),
      port,
      value: `job ${at}`,
    }));
  }
}
