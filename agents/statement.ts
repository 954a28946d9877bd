/** How a specialist that only reads reports: a finding whose statements each cite what was read. */
import type { Evidence } from '../broker/contract.ts';
import type { Finding, Proposal, Statement } from './events.ts';
import { quote } from './events.ts';
import { phraseAnswer } from './model/phrase-answer.ts';
import type { Conversation, Task } from './state.ts';
import type { Call, RunDeps, Talk } from './talk.ts';
import { createTalk } from './talk.ts';

/** Statements of one report; the rest is counted. */
const MAX_STATEMENTS = 20;

/** A statement that quotes one record. */
export function stateRecord(one: Evidence, says: string): Statement {
  return { text: `${one.resource} ${says} "${quote(String(one.value))}"`, evidence: [one.id] };
}

/** Reads for a report: the evidence, or nothing with the reason kept. */
export interface Reading {
  readonly evidence: readonly Evidence[];
  readonly unread: readonly string[];
}

/** Makes the calls one after the other. */
export async function readAll(talk: Talk, calls: readonly Call[]): Promise<Reading> {
  const evidence: Evidence[] = [];
  const unread: string[] = [];
  for (const call of calls) {
    const answer = await talk.read(call);
    if ('evidence' in answer) evidence.push(...answer.evidence);
    else unread.push(`${call.tool} ${(call.devices ?? []).join(', ')}: ${answer.code}, ${quote(answer.message)}`);
  }
  return { evidence, unread };
}

/** The verdict of a report without a diagnosis: something to look into, nothing found, or nothing read. */
function judge(statements: readonly Statement[], { evidence, unread }: Reading): Finding['verdict'] {
  if (statements.length > 0) return 'inconclusive';
  // The broker's own records say nothing about the network.
  return unread.length > 0 && evidence.every(({ source }) => source === 'records') ? 'blind' : 'healthy';
}

/** Runs a reading specialist: its calls, then its statements, as finding and text. */
export async function reportOn(
  deps: RunDeps,
  state: Conversation,
  calls: readonly Call[],
  report: (reading: Reading) => {
    readonly statements: readonly Statement[];
    readonly good: string;
    readonly bad: string;
    /** What would put it right; people submit it, and the broker decides. Without a tool it is for people to do. */
    readonly proposals?: readonly (Proposal & { readonly diff: readonly string[] })[];
  },
  /** What is to be read further, after a look at what was. */
  further: (evidence: readonly Evidence[]) => readonly Call[] = () => [],
): Promise<{ readonly events: { readonly [id: string]: string } }> {
  const talk = createTalk(deps, state);
  const first = await readAll(talk, calls);
  const second = await readAll(talk, further(first.evidence));
  const reading = {
    evidence: [...first.evidence, ...second.evidence],
    // What is read further makes an answer better; without it there is one as well.
    unread: first.unread,
  };
  const { statements, good, bad, proposals = [] } = report(reading);
  const because = statements.slice(0, MAX_STATEMENTS);
  const verdict = judge(statements, reading);
  talk.tell({
    type: 'finding',
    verdict,
    rootCauses: [],
    because: [...because],
    ruledOut: [],
    unread: [...reading.unread],
  });
  const known = reading.unread.length > 0 ? `Of what could be read: ${good}` : good;
  const opening = verdict === 'healthy' ? known : verdict === 'blind' ? 'Nothing could be read.' : bad;
  const more = statements.length - because.length;
  const said = [
    opening,
    ...because.map(({ text, evidence }) => `- ${text} [${evidence.join(', ')}]`),
    ...(more > 0 ? [`- and ${more} more`] : []),
    ...(reading.unread.length > 0 ? ['Not read:', ...reading.unread.map((text) => `- ${text}`)] : []),
  ].join('\n');
  const agent = calls[0]?.agent ?? 'router';
  talk.tell({ type: 'text', text: await phraseAnswer(deps.counsel, talk, agent, said, { rootCauses: [] }) });
  if (proposals.length > 0)
    talk.tell({ type: 'text', text: proposals.slice(0, MAX_PROPOSALS).map(describeProposal).join('\n') });
  return { events: talk.told() };
}

/** Remediations that are shown in full, and lines of the difference of one. */
const MAX_PROPOSALS = 10;
const MAX_DIFF = 20;

/** A remediation in words: what would be submitted, and what it would change. */
function describeProposal({ tool, target, input, why, diff }: Proposal & { readonly diff: readonly string[] }): string {
  const given = Object.entries(input).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join(',') : String(value)}`,
  );
  const more = diff.length > MAX_DIFF ? [`  and ${diff.length - MAX_DIFF} more lines`] : [];
  return [
    tool === ''
      ? `Remediation for people, ${why}`
      : `Remediation, not submitted: ${tool} ${given.join(' ')} on ${target.join(', ')}. ${why}`,
    ...diff.slice(0, MAX_DIFF).map((line) => `  ${quote(line)}`),
    ...more,
  ].join('\n');
}

/** Devices of a task, or all given when it names none. */
export function devicesOf(task: Task, all: readonly string[]): readonly string[] {
  return task.devices.length > 0 ? task.devices : all;
}
