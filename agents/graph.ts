/** The conversation as one graph: router, then each question to its specialist, one after the other. */
import type { BaseCheckpointSaver } from '@langchain/langgraph';
import { END, START, StateGraph } from '@langchain/langgraph';
import { auditCompliance } from './compliance-auditor/audit.ts';
import { createExperienceOptimizer } from './experience-optimizer/graph.ts';
import { sweepHealth } from './health-monitor/sweep.ts';
import { answerStep, routeStep } from './router/router.ts';
import type { Conversation } from './state.ts';
import { ConversationState } from './state.ts';
import type { RunDeps } from './talk.ts';
import { createThreatWatcher } from './threat-watcher/graph.ts';
import { createTroubleshooter } from './troubleshooter/graph.ts';

const SPECIALISTS = [
  'troubleshooter',
  'health-monitor',
  'compliance-auditor',
  'threat-watcher',
  'experience-optimizer',
  'answer',
] as const;

function dispatch({ tasks, at }: Conversation): (typeof SPECIALISTS)[number] | typeof END {
  const agent = tasks[at]?.agent;
  if (agent === undefined) return END;
  return agent === 'none' ? 'answer' : agent;
}

/** Built anew for each run around the caller's broker: neither token nor socket is ever in a checkpoint. */
export function createGraph(deps: RunDeps, checkpointer: BaseCheckpointSaver) {
  return new StateGraph(ConversationState)
    .addNode('route', (state: Conversation) => routeStep(deps, state))
    .addNode('troubleshooter', createTroubleshooter(deps))
    .addNode('health-monitor', (state: Conversation) => sweepHealth(deps, state))
    .addNode('compliance-auditor', (state: Conversation) => auditCompliance(deps, state))
    .addNode('threat-watcher', createThreatWatcher(deps))
    .addNode('experience-optimizer', createExperienceOptimizer(deps))
    .addNode('answer', (state: Conversation) => answerStep(deps, state))
    .addNode('next', ({ at }: Conversation) => ({ at: at + 1 }))
    .addEdge(START, 'route')
    .addConditionalEdges('route', dispatch, [...SPECIALISTS, END])
    .addEdge('troubleshooter', 'next')
    .addEdge('health-monitor', 'next')
    .addEdge('compliance-auditor', 'next')
    .addEdge('threat-watcher', 'next')
    .addEdge('experience-optimizer', 'next')
    .addEdge('answer', 'next')
    .addConditionalEdges('next', dispatch, [...SPECIALISTS, END])
    .compile({ checkpointer });
}
