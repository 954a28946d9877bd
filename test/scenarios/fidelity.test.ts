/** Fidelity, the short form: every incident at one size, with a seed that changes daily and is printed; `npm run fidelity` does all. */
import { describe, expect, it } from 'vitest';
import { playStory } from '../../scenarios/fidelity/play.ts';
import { mapBranch, topologyOf } from '../../scenarios/fidelity/stage.ts';
import { loadStory, STORY_IDS } from '../../scenarios/story.ts';
import { REFNET_SIZES } from '../../simulators/topologies/refnet.ts';

const DAY_MS = 86_400_000;
const SEED = Number(process.env['WAYLEAVE_TEST_SEED'] ?? 1 + (Math.floor(Date.now() / DAY_MS) % 1_000));
const SIZE = 'm';

describe(`at size ${SIZE}, seed ${SEED} (WAYLEAVE_TEST_SEED=${SEED} repeats it)`, () => {
  const topology = topologyOf(SIZE, SEED);
  it.each(STORY_IDS)('%s shows what it tells, and only then', (id) => {
    const branch = mapBranch(loadStory(id).branch, REFNET_SIZES[SIZE]);
    expect(playStory(loadStory(id, branch), topology, SEED)).toEqual({ deviations: [] });
  });
});

it('notices a symptom that never comes, one that is always there, and health that is lost', () => {
  const story = loadStory('T01');
  const never = {
    ...story.symptoms[0],
    says: 'never',
    signal: 'if.oper',
    at: 'interface/br1_edge/ge0/1',
    within: 5,
    every: { is: 'down' },
  } as const;
  const always = { ...never, says: 'always', every: { is: 'up' } } as const;
  const lost = { ...never, says: 'lost', at: 'interface/br1_edge/ge0/0', every: { is: 'up' } } as const;
  const { deviations } = playStory(
    { ...story, symptoms: [never, always], stays_healthy: [lost] },
    topologyOf('s', 1),
    1,
  );
  expect(deviations).toEqual([
    expect.stringMatching(/^symptom not seen: never/),
    expect.stringMatching(/^not healthy after \d+ s: lost/),
    expect.stringMatching(/^not healthy after \d+ s: lost/),
    expect.stringMatching(/^not healthy after \d+ s: lost/),
    expect.stringMatching(/^symptom shows without the incident: always/),
  ]);
});

it('says why a story has no counterpart in a network', () => {
  const story = loadStory('D03', mapBranch(4, 2));
  expect(playStory(story, topologyOf('s', 1), 1)).toEqual({
    deviations: [],
    notApplicable: 'there is no node/br2_edge_b',
  });
});
