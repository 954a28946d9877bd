/** Worked example of a specialist: it reads two tables through the broker and reports what is not as it should be, with its evidence. */
import type { Conversation, ConversationUpdate } from '../../agents/state.ts';
import { currentTask } from '../../agents/state.ts';
import { reportOn, stateRecord } from '../../agents/statement.ts';
import type { Call, RunDeps } from '../../agents/talk.ts';

const AGENT = 'health-monitor';

/** A node of the graph: gets the state of the conversation, gives back what it changes. */
export function watchSessions(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const { devices } = currentTask(state);
  const call = (tool: string): Call => ({ agent: AGENT, domain: 'diagnostics', tool, devices });
  return reportOn(deps, state, [call('bgp.read'), call('control.read')], ({ evidence }) => ({
    statements: evidence
      .filter(({ signal, value }) => signal === 'bgp.state' && value !== 'established')
      .map((record) => stateRecord(record, 'is in state')),
    good: 'Every session is up.',
    bad: 'These sessions are down:',
  }));
}
