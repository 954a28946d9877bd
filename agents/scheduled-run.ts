/** One run of a schedule: its specialist at work for the person who ordered it, with nobody there, within a budget. */
import { type BaseCheckpointSaver, MemorySaver } from '@langchain/langgraph';
import { WayleaveError } from '../broker/errors.ts';
import type { BrokerClient } from './broker/broker-client.ts';
import type { DueSchedule } from './broker/worker-client.ts';
import { createConversations } from './conversations.ts';
import type { ChatEvent } from './events.ts';
import type { MakeId } from './ids.ts';

/** What each specialist is asked; the router takes it as it takes a person's words. */
export const QUESTIONS: { readonly [Agent in DueSchedule['agent']]?: string } = {
  'health-monitor': 'Is everything healthy?',
  'threat-watcher': 'Anything suspicious?',
  'compliance-auditor': 'Any config drift?',
  'experience-optimizer': 'How is the user experience?',
};

export interface RunOutcome {
  readonly calls: number;
  /** What the specialist said, or why it could not. */
  readonly said: string;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface ScheduledRunDeps {
  readonly client: Pick<BrokerClient, 'callTool'>;
  readonly ids: MakeId;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told after every call how far it is; false ends the run. */
  readonly onCall: (calls: number, what: string) => boolean;
  readonly saver?: BaseCheckpointSaver;
}

const MAX_SAID = 4_000;

/** Never throws: what goes wrong is the outcome. */
export async function runSchedule(deps: ScheduledRunDeps, schedule: DueSchedule, run: string): Promise<RunOutcome> {
  const { agent, id, owner, tenant, budget } = schedule;
  const question = QUESTIONS[agent];
  if (question === undefined)
    return { calls: 0, said: '', failure: { code: 'USAGE', message: `${agent} runs by no schedule.` } };
  const until = deps.now() + budget.minutes * 60_000;
  let calls = 0;
  const events: ChatEvent[] = [];
  const conversations = createConversations({ saver: deps.saver ?? new MemorySaver(), ids: deps.ids });
  await conversations.chat({
    ...{ human: owner, tenant, thread: run, text: question },
    emit: (event) => events.push(event),
    broker: {
      // All is asked as the schedule's own agent, whose rights the token has, and for this schedule as its purpose.
      async call(_agent, domain, tool, args) {
        if (calls >= budget.calls) throw new WayleaveError('LIMITED', `The run used up its ${budget.calls} calls.`);
        if (deps.now() >= until) throw new WayleaveError('LIMITED', `The run used up its ${budget.minutes} minutes.`);
        calls += 1;
        if (!deps.onCall(calls, tool))
          throw new WayleaveError('UNAUTHENTICATED', 'Nobody waits for this run any more.');
        return deps.client.callTool({ agent, schedule: id }, domain, tool, { ...args, purpose: id });
      },
    },
  });
  const said = events
    .flatMap((event) => (event.type === 'text' ? [event.text] : []))
    .join('\n')
    .slice(0, MAX_SAID);
  const problem = events.find((event) => event.type === 'error');
  return {
    calls,
    said,
    ...(problem === undefined ? {} : { failure: { code: problem.code, message: problem.message } }),
  };
}
