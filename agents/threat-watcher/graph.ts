/** The threat watcher: looks, says what means ill, proposes to hold the worst of it for a while, and waits for people. */
import { END, START, StateGraph } from '@langchain/langgraph';
import { afterAsking, askForChange, awaitPeople } from '../ask-for-change.ts';
import type { Conversation } from '../state.ts';
import { ConversationState } from '../state.ts';
import type { RunDeps } from '../talk.ts';
import { incidentStep } from '../troubleshooter/repair.ts';
import { AGENT, afterwardsStep, watchStep } from './watch.ts';

/** Compiled as a subgraph: its checkpoints belong to the conversation that runs it. */
export function createThreatWatcher(deps: RunDeps) {
  return new StateGraph(ConversationState)
    .addNode('watch', (state: Conversation) => watchStep(deps, state))
    .addNode('open-incident', (state: Conversation) => incidentStep(deps, state, AGENT))
    .addNode('submit', (state: Conversation) => askForChange(deps, state, { agent: AGENT, domain: 'security' }))
    .addNode('await', awaitPeople)
    .addNode('verify', (state: Conversation) => afterwardsStep(deps, state))
    .addEdge(START, 'watch')
    .addConditionalEdges('watch', ({ phase }) => (phase === 'found' ? 'open-incident' : END), ['open-incident', END])
    .addEdge('open-incident', 'submit')
    .addConditionalEdges('submit', (state: Conversation) => afterAsking(state) ?? END, ['await', 'verify', END])
    .addEdge('await', 'submit')
    .addEdge('verify', END)
    .compile();
}
