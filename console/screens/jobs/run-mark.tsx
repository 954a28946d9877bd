/** How a run came out, as a word with a colour. */
import type { ScheduleRun } from '../../api/schema.ts';
import { TEXT } from '../../text.ts';

const LOOK = { done: 'good', partial: 'wait', failed: 'bad', missed: 'dull', lost: 'bad' } as const;

export const RunMark = ({ run: { outcome } }: { readonly run: Pick<ScheduleRun, 'outcome'> }) => (
  <span className={`state ${outcome === undefined ? 'wait' : LOOK[outcome]}`}>
    {outcome === undefined ? TEXT.jobs.underWay : TEXT.jobs.outcomes[outcome]}
  </span>
);
