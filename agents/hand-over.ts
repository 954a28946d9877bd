/** How one specialist hands over to another: a further task of the same conversation, with the person's question and time, and nothing else. */
import type { Conversation, Task } from './state.ts';
import { currentTask } from './state.ts';

/** Most tasks that one text of a person may become. */
const MOST_TASKS = 12;
/** Words by which a person asks for more than a report. */
const CAUSE = /\b(?:why|causes?|reasons?|diagnos\w+|investigat\w+|look into|find out|repair|fix)\b/i;

export const asksForCause = ({ question }: Task): boolean => CAUSE.test(question);

/** Words by which a person says that something is wrong; who names a place with them wants to know what it is. */
const TROUBLE = /\b(?:down|dead|dark|red|off|offline|broken|unreachable|gone|wrong|trouble|alarms?)\b/i;
export const tellsOfTrouble = ({ question, devices }: Task): boolean => devices.length > 0 && TROUBLE.test(question);

/**
 * The tasks with `next` behind the one at hand. Who takes it over acts with its own identity for the same person: it gets
 * the question, not a right.
 */
export function handOver(
  state: Conversation,
  next: Pick<Task, 'agent' | 'kind' | 'detail' | 'devices'> & Partial<Pick<Task, 'incident'>>,
): Pick<Conversation, 'tasks'> {
  const { tasks, at } = state;
  if (tasks.length >= MOST_TASKS) return { tasks };
  const task = currentTask(state);
  const added: Task = { ...task, ...next, id: `${task.id}+${tasks.length}` };
  return { tasks: [...tasks.slice(0, at + 1), added, ...tasks.slice(at + 1)] };
}
