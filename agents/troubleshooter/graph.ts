/** The troubleshooter: reads until the cause stands out, proves it, proposes, waits for people, and verifies. */
import { END, START, StateGraph } from '@langchain/langgraph';
import { afterAsking, askForChange, awaitPeople } from '../ask-for-change.ts';
import type { Conversation } from '../state.ts';
import { ConversationState } from '../state.ts';
import type { RunDeps } from '../talk.ts';
import { beginStep, concludeStep, lookStep } from './diagnose.ts';
import { incidentStep, proposeStep, verifyStep } from './repair.ts';
import { isOpen, surveyStep } from './survey.ts';

/** Compiled as a subgraph: its checkpoints belong to the conversation that runs it. */
export function createTroubleshooter(deps: RunDeps) {
  return new StateGraph(ConversationState)
    .addNode('begin', (state: Conversation) => beginStep(deps, state))
    .addNode('look', (state: Conversation) => lookStep(deps, state))
    .addNode('conclude', (state: Conversation) => concludeStep(deps, state))
    .addNode('open-incident', (state: Conversation) => incidentStep(deps, state))
    .addNode('propose', (state: Conversation) => proposeStep(deps, state))
    .addNode('submit', (state: Conversation) => askForChange(deps, state, { agent: 'troubleshooter', domain: 'wan' }))
    .addNode('await', awaitPeople)
    .addNode('verify', (state: Conversation) => verifyStep(deps, state))
    .addEdge(START, 'begin')
    .addNode('survey', (state: Conversation) => surveyStep(deps, state))
    .addConditionalEdges('begin', (state) => (state.proposal ? 'submit' : isOpen(state) ? 'survey' : 'look'), [
      'submit',
      'survey',
      'look',
    ])
    .addConditionalEdges('survey', ({ phase }) => (phase === 'found' ? 'open-incident' : END), ['open-incident', END])
    .addConditionalEdges('look', ({ phase }) => (phase === 'looking' ? 'look' : 'conclude'), ['look', 'conclude'])
    .addConditionalEdges('conclude', ({ phase }) => (phase === 'found' ? 'open-incident' : END), ['open-incident', END])
    .addEdge('open-incident', 'propose')
    .addConditionalEdges('propose', ({ proposal }) => (proposal ? 'submit' : END), ['submit', END])
    .addConditionalEdges('submit', (state: Conversation) => afterAsking(state) ?? END, ['await', 'verify', END])
    .addEdge('await', 'submit')
    .addEdge('verify', END)
    .compile();
}
