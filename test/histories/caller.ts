/** Whoever wants a change: calls, loses answers, calls again, doubles calls, and sometimes sends something else under the same key. */
import type { Answer } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { Incarnation } from './incarnation.ts';
import { CALLERS, type World } from './world.ts';

export interface Job {
  readonly human: string;
  readonly key: string;
  readonly devices: readonly string[];
  readonly port: string;
  /** What the port is to show: no two jobs want the same. */
  readonly value: string;
}

/** What a caller heard: an answer, the code of a refusal, or nothing. */
export type Heard = Answer | { readonly status: 'refused'; readonly code: string } | { readonly status: 'silence' };

const TOOL = 'interface.set-description';
/** A caller stops waiting for one answer after so long. */
const PATIENCE_MS = 300_000;

interface Call {
  readonly human: string;
  readonly key: string;
  readonly value: string;
}

/** One call as it reaches one broker. */
export async function callOnce(
  world: World,
  { broker, process }: Incarnation,
  job: Job,
  { human, key, value }: Call = job,
): Promise<Heard> {
  const { timeline } = world;
  const open = { human, since: timeline.now() };
  world.calls.add(open);
  try {
    return await Promise.race([
      broker.call({ scheme: 'Bearer', token: human }, 'wan', TOOL, {
        target: { devices: job.devices },
        input: { interface: job.port, description: value },
        purpose: 'chat:1',
        intent: key,
      }),
      process.gone,
      timeline.sleep(PATIENCE_MS).then(() => ({ status: 'silence' }) as const),
    ]);
  } catch (error) {
    return error instanceof WayleaveError ? { status: 'refused', code: error.code } : { status: 'silence' };
  } finally {
    // What the call had sent may still be on its way.
    timeline.after(1000, () => world.calls.delete(open));
  }
}

/** Until the history is over: a caller does not know what became of its calls. */
export async function pursue(world: World, job: Job, serving: () => readonly Incarnation[]): Promise<void> {
  const { timeline, random } = world;
  let ends = 0;
  while (!world.well && ends < 3) {
    await timeline.sleep(random.next() * (random.chance(0.5) ? 3_000 : 25_000));
    const brokers = serving();
    if (brokers.length === 0 || random.chance(0.1)) continue; // dropped on its way
    const odd = random.next();
    const stranger = random.pick(CALLERS.filter((human) => human !== job.human));
    const call: Call = {
      ...job,
      ...(odd < 0.04 ? { human: stranger, value: `${job.value} of ${stranger}` } : {}),
      ...(odd > 0.93 ? { value: `${job.value} and more` } : {}),
    };
    const calls = Array.from({ length: random.chance(0.2) ? 2 : 1 }, async (_, copy) => {
      await timeline.sleep(copy * random.next() * (random.chance(0.5) ? 20 : 20_000));
      const broker = random.pick(brokers);
      return broker.process.dead() ? ({ status: 'silence' } as const) : callOnce(world, broker, job, call);
    });
    const [heard] = await Promise.all(calls);
    if (random.chance(0.1)) continue; // the answer is lost
    // It is over, and asked again all the same now and then.
    if (heard?.status === 'done') ends += 1;
  }
}
