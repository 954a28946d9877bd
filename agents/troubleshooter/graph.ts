/** The troubleshooter: reads until the cause stands out, proves it, proposes, waits for people, and verifies. */
import { END, START, StateGraph } from '@langchain/langgraph';
import { afterAsking, askForChange, awaitPeople } from '../ask-for-change.ts';
import type { Conversation } from '../state.ts';
import { ConversationState } from '../state.ts';
import type { RunDeps } from '../talk.ts';
import { beginStep, diagnoseStep } from './diagnose.ts';
import { incidentStep, proposeStep, verifyStep } from './repair.ts';

/** Compiled as a subgraph: its checkpoints belong to the conversation that runs it. */
export function createTroubleshooter(deps: RunDeps) {
  return new StateGraph(ConversationState)
    .addNode('begin', (state: Conversation) => beginStep(deps, state))
    .addNode('diagnose', (state: Conversation) => diagnoseStep(deps, state))
    .addNode('open-incident', (state: Conversation) => incidentStep(deps, state))
    .addNode('propose', (state: Conversation) => proposeStep(deps, state))
    .addNode('submit', (state: Conversation) => askForChange(deps, state, { agent: 'troubleshooter', domain: 'wan' }))
    .addNode('await', awaitPeople)
    .addNode('verify', (state: Conversation) => verifyStep(deps, state))
    .addEdge(START, 'begin')
    .addConditionalEdges('begin', ({ proposal }) => (proposal ? 'submit' : 'diagnose'), ['submit', 'diagnose'])
    .addConditionalEdges('diagnose', ({ phase }) => (phase === 'found' ? 'open-incident' : END), ['open-incident', END])
    .addEdge('open-incident', 'propose')
    .addConditionalEdges('propose', ({ proposal }) => (proposal ? 'submit' : END), ['submit', END])
    .addConditionalEdges('submit', (state: Conversation) => afterAsking(state) ?? END, ['await', 'verify', END])
    .addEdge('await', 'submit')
    .addEdge('verify', END)
    .compile();
}
