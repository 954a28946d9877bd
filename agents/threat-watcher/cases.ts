/**
 * The threats of one watch that something can be done about, one after the other: each has an incident, a change and an
 * approval of its own, so that nobody's decision about one holds up another. Pure.
 */
import { z } from 'zod';
import { afterAsking } from '../ask-for-change.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';

/** `new` was not asked for yet, `waiting` waits for people, `settled` is in place or will not be. */
const STANDINGS = ['new', 'waiting', 'settled'] as const;

const form = z.object({
  /** `Finding` and `Proposal` as JSON text, as the conversation holds those at hand. */
  finding: z.string(),
  proposal: z.string(),
  grounds: z.array(z.string()),
  suspect: z.string(),
  incidentIntent: z.string(),
  changeIntent: z.string(),
  incident: z.string().default(''),
  approval: z.string().default(''),
  knownIntent: z.string().default(''),
  outcome: z.string().default(''),
  standing: z.enum(STANDINGS).default('new'),
});
type Case = z.infer<typeof form>;
export type NewCase = z.input<typeof form>;

const readCases = ({ cases }: Pick<Conversation, 'cases'>): readonly Case[] =>
  cases === '' ? [] : z.array(form).parse(JSON.parse(cases));

/** Every approval that a run which is parked waits for: that of the case at hand, and those of the others. */
export const approvalsOf = ({ approval = '', cases = '' }: Partial<Conversation>): readonly string[] => {
  const others = readCases({ cases }).flatMap((one) => (one.standing === 'waiting' ? one.approval : []));
  return [...new Set([approval, ...others])].filter((id) => id !== '');
};

/** What the steps find of one case, as if it were the only one. */
function takeUp(cases: readonly Case[], at: number): ConversationUpdate {
  const one = cases[at];
  if (one === undefined) throw new RangeError('no threat at hand');
  const { standing: _, ...own } = one;
  return { ...own, cases: JSON.stringify(cases), caseAt: at };
}

/** Begins with the first of them; there must be one. */
export function beginCases(cases: readonly NewCase[]): ConversationUpdate {
  return takeUp(
    cases.map((one) => form.parse(one)),
    0,
  );
}

/** Keeps what became of the case at hand and goes on to the next that is not settled; after the last to the first that waits. */
export function nextCase(state: Conversation): ConversationUpdate {
  const { incident, approval, knownIntent, outcome } = state;
  const standing = afterAsking(state) === 'await' ? 'waiting' : 'settled';
  const cases = readCases(state).map((one, at) =>
    at === state.caseAt ? { ...one, incident, approval, knownIntent, outcome, standing } : one,
  ) satisfies readonly Case[];
  const open = (one: Case): boolean => one.standing !== 'settled';
  const next = cases.findIndex((one, at) => at > state.caseAt && open(one));
  if (next >= 0) return { ...takeUp(cases, next), phase: 'found' };
  const first = cases.findIndex(open);
  return first < 0 ? { cases: '', phase: 'answered' } : { ...takeUp(cases, first), phase: 'parked' };
}

/** Where a watch goes on that has just taken up a case: those that wait are asked for again, and then the run waits with them. */
export function afterNext(state: Conversation): 'open-incident' | 'submit' | 'await' | undefined {
  if (state.phase === 'answered') return undefined;
  if (state.phase === 'parked') return 'await';
  return readCases(state)[state.caseAt]?.standing === 'new' ? 'open-incident' : 'submit';
}
