/** The threat watcher: looks, says what means ill, proposes to hold each of it for a while, and waits for people. */
import { END, START, StateGraph } from '@langchain/langgraph';
import { askForChange, awaitPeople } from '../ask-for-change.ts';
import type { Conversation } from '../state.ts';
import { ConversationState } from '../state.ts';
import type { RunDeps } from '../talk.ts';
import { incidentStep } from '../troubleshooter/repair.ts';
import { afterNext, nextCase } from './cases.ts';
import { AGENT, afterwardsStep, watchStep } from './watch.ts';

/** The change was decided, and the run does not wait for people: what came of it is to be written down. */
const isDecided = ({ approval, outcome }: Conversation): boolean => approval === '' && OUTCOMES.has(outcome);
const OUTCOMES = new Set(['succeeded', 'failed', 'reverted', 'unknown', 'rejected']);

/** Compiled as a subgraph: its checkpoints belong to the conversation that runs it. */
export function createThreatWatcher(deps: RunDeps) {
  return new StateGraph(ConversationState)
    .addNode('watch', (state: Conversation) => watchStep(deps, state))
    .addNode('open-incident', (state: Conversation) => incidentStep(deps, state, AGENT))
    .addNode('submit', (state: Conversation) => askForChange(deps, state, { agent: AGENT, domain: 'security' }))
    .addNode('verify', (state: Conversation) => afterwardsStep(deps, state))
    .addNode('next', nextCase)
    .addNode('await', awaitPeople)
    .addEdge(START, 'watch')
    .addConditionalEdges('watch', ({ phase }) => (phase === 'found' ? 'open-incident' : END), ['open-incident', END])
    .addEdge('open-incident', 'submit')
    .addConditionalEdges('submit', (state: Conversation) => (isDecided(state) ? 'verify' : 'next'), ['verify', 'next'])
    .addEdge('verify', 'next')
    .addConditionalEdges('next', (state: Conversation) => afterNext(state) ?? END, [
      'open-incident',
      'submit',
      'await',
      END,
    ])
    .addEdge('await', 'submit')
    .compile();
}
