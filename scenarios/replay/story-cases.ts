/** Cases from stories: what each tells of faults, question and repair, at its own branch or the one that stands for it. */
import { loadCatalogue } from '../catalogue.ts';
import type { Story } from '../story.ts';
import type { Pair, ReplayCase } from './case.ts';
import { ASKS, isCondition, type Setting } from './plan.ts';

/** Seeds also move the onset against polls, renewals and rekeys. */
const shift = (seed: number): number => ((seed * 7_919) % 600) * 1_000;

export function storyCases(stories: readonly Story[], settings: readonly Setting[]): readonly ReplayCase[] {
  const equivalents = new Map(loadCatalogue().incidents.map((one) => [one.id, one.accept_equivalent]));
  return settings.flatMap((setting) => stories.map((story) => toCase(story, setting, equivalents.get(story.id) ?? [])));
}

function toCase(story: Story, setting: Setting, equivalent: readonly string[]): ReplayCase {
  const { size, network, seed } = setting;
  const pair = ({ type, resource }: Story['faults'][number]): Pair => ({ resource, fault_type: type });
  const broken = story.faults.filter(({ type, neutral }) => !neutral && !isCondition(type, story.id));
  return {
    ...{ id: story.id, title: story.title, seed, size, network },
    onset: new Date(Date.parse(story.starts) + shift(seed)).toISOString(),
    needs: story.needs,
    faults: story.faults.map(({ type, resource, after, intensity }) => ({
      ...{ type, resource, after },
      ...(intensity === undefined ? {} : { intensity }),
    })),
    question: story.question,
    asks: [...ASKS],
    repair: 'approve',
    baselines: setting.baselines,
    expect: {
      verdicts: broken.length > 0 ? ['root-cause', 'not-the-network', 'blind'] : ['healthy'],
      causes: broken.map(pair),
      equivalent: [...equivalent],
      neutral: story.faults.filter(({ neutral }) => neutral).map(pair),
    },
  };
}
