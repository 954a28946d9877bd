/** Cases from stories of recordings: there is nothing to set up, and seeds and sizes mean nothing to them. */
import type { ReplayCase } from '../replay/case.ts';
import type { RecordedStory } from './recorded-story.ts';

/** What stands where other cases have their size. */
const SIZE = 'recorded';

export const recordedCases = (stories: readonly RecordedStory[]): readonly ReplayCase[] =>
  stories.map(({ id, title, file, question, expect }) => ({
    ...{ id, title, question, recording: file, seed: 0, size: SIZE, network: SIZE, onset: '1970-01-01T00:00:00Z' },
    ...{ needs: [], faults: [], tenants: ['acme'], planted: [], script: [], without: [], asks: [1] },
    ...{ through: 'engine', repair: 'no', baselines: false, wire: false },
    ...(expect === undefined ? { unscored: 'It is not scored: the story has no `expect` that says what was so.' } : {}),
    expect: {
      verdicts: [expect?.verdict ?? 'inconclusive'].flat(),
      causes: expect?.causes ?? [],
      equivalent: expect?.as_good ?? [],
      neutral: [],
      repair: 'any',
    },
  }));
