/** Cases from stories: the timeline that each tells, its question, its people, and what it expects. */
import { REFNET_SIZES } from '../../simulators/topologies/refnet.ts';
import { loadCatalogue } from '../catalogue.ts';
import type { Story } from '../story.ts';
import type { CaseFault, Pair, ReplayCase, Verdict } from './case.ts';
import { familiesOf } from './families.ts';
import { ASKS, isCondition, type Setting } from './plan.ts';

/** Seeds also move the onset against polls, renewals and rekeys. */
const shift = (seed: number): number => ((seed * 7_919) % 600) * 1_000;

export function storyCases(stories: readonly Story[], settings: readonly Setting[]): readonly ReplayCase[] {
  const equivalents = new Map(loadCatalogue().incidents.map((one) => [one.id, one.accept_equivalent]));
  return settings.flatMap((setting) => stories.map((story) => toCase(story, setting, equivalents.get(story.id) ?? [])));
}

function toCase(story: Story, setting: Setting, known: readonly string[]): ReplayCase {
  const { size, network, seed, baselines, wire } = setting;
  const { expect } = story;
  const pair = ({ type, resource }: Story['faults'][number]): Pair => ({ resource, fault_type: type });
  const broken = story.faults.filter(({ type, neutral }) => !neutral && !isCondition(type, story.id));
  const naming: readonly Verdict[] = ['root-cause', 'not-the-network', 'blind'];
  const small = tooSmall(story, size);
  return {
    ...{ id: story.id, title: story.title, seed, size, network, baselines, wire },
    onset: new Date(Date.parse(story.starts) + shift(seed)).toISOString(),
    ...(small === undefined ? {} : { too_small: small }),
    ...{ needs: story.needs, tenants: story.tenants, planted: story.planted, script: story.script },
    faults: strikes(story),
    question: story.question,
    through: setting.leaveOut ? 'engine' : (setting.through ?? 'chat'),
    without: setting.leaveOut ? [...familiesOf(broken.map(({ type }) => type))] : [],
    asks: story.asks ?? [...ASKS],
    repair: story.people === 'away' ? 'no' : story.people,
    expect: {
      verdicts:
        expect === undefined ? [...(broken.length > 0 ? naming : ['healthy' as const])] : [expect.verdict].flat(),
      causes: expect?.causes ?? broken.map(pair),
      equivalent: [...new Set([...known, ...(expect?.as_good ?? [])])],
      neutral: story.faults.filter(({ neutral }) => neutral).map(pair),
      repair: expect?.repair ?? 'any',
    },
  };
}

const strikes = ({ faults, maintenance, noise }: Story): CaseFault[] => [
  ...faults.map(({ type, resource, after, intensity, lasts }) => ({
    ...{ type, resource, after },
    ...(intensity === undefined ? {} : { intensity }),
    ...(lasts === undefined ? {} : { lasts }),
  })),
  ...maintenance.map(({ resource, work, after }) => ({ type: work, resource, after })),
  ...noise,
];

function tooSmall({ min_size: least }: Story, size: string): string | undefined {
  const branches: Readonly<Record<string, number>> = REFNET_SIZES;
  const here = branches[size];
  return here !== undefined && here < REFNET_SIZES[least] ? `it means something from size ${least} on` : undefined;
}
