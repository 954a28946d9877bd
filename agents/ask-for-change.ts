/** How an agent asks for a change: under the same intent each time, and parked while people decide. It decides nothing. */
import { interrupt } from '@langchain/langgraph';
import type { AgentName, Domain } from '../broker/contract.ts';
import type { Proposal } from './events.ts';
import { proposal } from './events.ts';
import type { Conversation, ConversationUpdate } from './state.ts';
import type { RunDeps } from './talk.ts';
import { createTalk } from './talk.ts';

/** Final answers of the approval: the change will not happen under this intent. */
const REJECTIONS = new Set(['APPROVAL_REJECTED', 'APPROVAL_EXPIRED', 'APPROVAL_CLOSED', 'DRIFT']);

/** The outcome of a change that waits for the second factor of the person who asked. */
const STEP_UP = 'step-up';

/** The proposal that the state holds. */
export const readProposal = ({ proposal: text }: Pick<Conversation, 'proposal'>): Proposal =>
  proposal.parse(JSON.parse(text));

/** Asks the broker for the proposed change: the same intent id each time, so that asking again never does it again. */
export async function askForChange(
  deps: RunDeps,
  state: Conversation,
  { agent, domain }: { readonly agent: AgentName; readonly domain: Domain },
): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const { tool, target, input } = readProposal(state);
  const result = await talk.call({
    ...{ agent, domain, tool, devices: target, input },
    purpose: state.incident || `chat:${state.thread}`,
    evidence: state.grounds,
    intent: state.changeIntent,
  });
  if (!result.ok) {
    const { code, message, hint } = result.problem;
    if (REJECTIONS.has(code)) {
      talk.tell({ type: 'outcome', outcome: 'rejected', steps: [], detail: `${message} ${hint}` });
      return { events: talk.told(), approval: '', outcome: 'rejected' };
    }
    talk.tell({ type: 'error', code, message, hint });
    // Nothing is lost: who then shows a second factor resumes, and the same intent is asked for again.
    if (code === 'STEP_UP_REQUIRED') return { events: talk.told(), outcome: STEP_UP };
    return { events: talk.told(), approval: '', outcome: '' };
  }
  const { answer } = result;
  if (answer.status === 'pending') {
    const { approval, intent, summary } = answer;
    talk.tell({ type: 'pending', approval, intent, summary: JSON.stringify(summary) });
    return { events: talk.told(), approval, knownIntent: intent, outcome: '' };
  }
  const { receipt } = answer;
  const outcome = receipt?.outcome ?? 'unknown';
  talk.tell({
    type: 'outcome',
    outcome,
    steps: (receipt?.steps ?? []).map(({ device, step, ok, detail }) => ({ device, step, ok, detail })),
    detail: receipt?.detail ?? 'The broker gave no receipt.',
  });
  return { events: talk.told(), approval: '', outcome, knownIntent: answer.intent };
}

/** Parks the run until somebody resumes it. Nothing happens in this step: it runs again on resumption. */
export function awaitPeople({ approval, knownIntent }: Conversation): ConversationUpdate {
  interrupt({ approval, intent: knownIntent });
  return {};
}

/** Where a run goes on that has just asked: to wait, to verify, or to its end when it was refused. */
export const afterAsking = ({ approval, outcome }: Conversation): 'await' | 'verify' | undefined =>
  approval || outcome === STEP_UP ? 'await' : outcome ? 'verify' : undefined;
