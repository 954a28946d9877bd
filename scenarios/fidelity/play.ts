/** Plays a story beside a healthy twin of the same seed and says where what is seen deviates from what is told. */
import { ModelError, type Topology } from '../../simulators/model/network.ts';
import { type Assertion, holds, type Reading, relevant } from '../assert.ts';
import { readSignal } from '../signals/signals.ts';
import type { Story } from '../story.ts';
import type { Surface } from '../surface.ts';
import { type Stage, setStage, strike } from './stage.ts';

export interface Played {
  /** Why the story does not apply to the network. */
  readonly notApplicable?: string;
  /** One sentence each; none when all is as told. */
  readonly deviations: readonly string[];
}

/** Reads each signal once an instant. */
export function createReader(surface: Surface, onset: number): (ask: Assertion) => readonly Reading[] {
  let at = Number.NaN;
  const known = new Map<string, readonly Reading[]>();
  return (ask) => {
    if (at !== surface.now()) known.clear();
    at = surface.now();
    const key = ask.signal.startsWith('probe.') ? JSON.stringify([ask.signal, ask.at, ask.with]) : ask.signal;
    const readings = known.get(key) ?? readSignal(surface, ask, onset);
    known.set(key, readings);
    return readings;
  };
}

/** Seconds after the onset at which a symptom is looked for: soon, and again until its time is over. */
const looksAt = ({ within }: Assertion): readonly number[] => [
  ...new Set(
    [1, within / 8, within / 4, within / 2, within].map((at) => Math.min(within, Math.max(1, Math.round(at)))),
  ),
];

/** Seconds at which what stays healthy is looked at. */
const watchesAt = ({ lasts }: Story): readonly number[] =>
  [...new Set([Math.min(30, lasts), Math.round(lasts / 2), lasts])].sort((a, b) => a - b);

const MAX_REASON = 120;

interface Pending {
  readonly symptom: Assertion;
  /** When it was seen first, seconds. */
  seenAt?: number;
}

export function playStory(story: Story, topology: Topology, seed: number): Played {
  const stage = setStage(topology, seed, story);
  const read = createReader(stage.surface, stage.onset);
  const all = [...story.symptoms, ...story.stays_healthy];
  const before = new Map(all.map((ask) => [ask, read(ask)]));
  let notApplicable: string | undefined;
  try {
    notApplicable = strike(stage, story);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { deviations: [`the incident cannot happen: ${error.message.slice(0, MAX_REASON)}`] };
  }
  if (notApplicable !== undefined) return { notApplicable, deviations: [] };

  const deviations: string[] = [];
  const pending: readonly Pending[] = story.symptoms.map((symptom) => ({ symptom }));
  const healthyAt = watchesAt(story);
  const instants = [...new Set([...story.symptoms.flatMap(looksAt), ...healthyAt])].sort((a, b) => a - b);
  for (const instant of instants) {
    stage.network.advanceTo(stage.onset + instant * 1_000);
    for (const one of pending) {
      if (one.seenAt !== undefined || !looksAt(one.symptom).includes(instant)) continue;
      if (holds(one.symptom, read(one.symptom), before.get(one.symptom))) one.seenAt = instant;
      else if (instant === Math.max(...looksAt(one.symptom))) {
        deviations.push(`symptom not seen: ${one.symptom.says} (${describe(one.symptom, read(one.symptom))})`);
      }
    }
    if (!healthyAt.includes(instant)) continue;
    for (const healthy of story.stays_healthy) {
      if (!holds(healthy, read(healthy), before.get(healthy))) {
        deviations.push(`not healthy after ${instant} s: ${healthy.says} (${describe(healthy, read(healthy))})`);
      }
    }
  }
  return { deviations: [...deviations, ...findEmpty(pending, setStage(topology, seed, story))] };
}

/** A symptom that also shows in the healthy twin tells nothing. */
function findEmpty(pending: readonly Pending[], stage: Stage): readonly string[] {
  const read = createReader(stage.surface, stage.onset);
  const before = new Map(pending.map(({ symptom }) => [symptom, read(symptom)]));
  const looks = pending.flatMap(({ symptom, seenAt }) => (seenAt === undefined ? [] : [{ symptom, at: seenAt }]));
  return looks
    .sort((a, b) => a.at - b.at)
    .flatMap(({ symptom, at }) => {
      stage.network.advanceTo(stage.onset + at * 1_000);
      const shown = holds(symptom, read(symptom), before.get(symptom));
      return shown ? [`symptom shows without the incident: ${symptom.says} (${describe(symptom, read(symptom))})`] : [];
    });
}

const SHOWN = 4;

/** What was there instead. */
function describe(ask: Assertion, readings: readonly Reading[]): string {
  const here = relevant(ask, readings);
  const shown = here.slice(0, SHOWN).map((one) => `${one.resource} = ${one.value}`);
  return `${ask.signal}: ${here.length} readings: ${shown.join('; ')}`;
}
