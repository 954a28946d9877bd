/** Checks that a run proposes the intent that its story wants and then waits for people, and notes which approval that is. */
import type { ChatEvent } from '../../../agents/events.ts';
import type { Narrator } from '../step.ts';
import { pick, type Tour } from '../tour.ts';

/** `says` names the check of the proposal; `tool` is what must be proposed. */
export function checkParked(
  { found }: Pick<Tour, 'found'>,
  { check }: Pick<Narrator, 'check'>,
  events: readonly ChatEvent[],
  says: string,
  tool: string,
): void {
  const proposal = pick(events, 'proposal');
  check(
    says,
    proposal?.tool === tool,
    proposal === undefined ? 'nothing proposed' : `${proposal.tool} ${JSON.stringify(proposal.input)}: ${proposal.why}`,
  );
  const pending = pick(events, 'pending');
  check('the run is parked, waiting for people', pending !== undefined, pending?.approval ?? 'not pending');
  if (pending === undefined) return;
  found.approval = pending.approval;
  found.intent = pending.intent;
}
