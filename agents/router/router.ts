/** The router: reads the inventory, understands the questions, and hands each to its specialist. */

import { quote } from '../events.ts';
import type { Inventory } from '../inventory.ts';
import { readInventory } from '../inventory.ts';
import { rephraseQuestion } from '../model/rephrase-question.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { RunDeps, Talk } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { isNameIn } from './name-index.ts';
import { type Planned, planTasks } from './plan-tasks.ts';
import { parseReading } from './reading.ts';

const AGENT = 'router';

/** Understands the text of this turn against the tenant's inventory as it is now. */
export async function routeStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const devices = await talk.read({ agent: AGENT, domain: 'inventory', tool: 'inventory.devices' });
  const topology = await talk.read({ agent: AGENT, domain: 'inventory', tool: 'inventory.topology' });
  const broken = [devices, topology].find((answer) => !('evidence' in answer));
  if (!('evidence' in devices) || !('evidence' in topology)) {
    if (broken && 'code' in broken) talk.tell({ type: 'error', ...broken });
    return { events: talk.told(), tasks: [], at: 0 };
  }
  const inventory: Inventory = readInventory([...devices.evidence, ...topology.evidence]);
  // The broker's clock: agents have none of their own.
  const now = Date.parse(devices.evidence[0]?.collectedAt ?? '') || 0;
  const before = state.understood === '' ? undefined : parseReading(state.understood);
  const planned = planTasks(state.question, inventory, state.turn, { before, now });
  const { tasks, last } = planned.understood
    ? planned
    : await planAgain(
        deps,
        talk,
        planned,
        (text) => planTasks(text, inventory, state.turn, { before, now }),
        inventory,
      );
  for (const { agent, question, devices: about } of tasks) {
    talk.tell({ type: 'route', agent: agent === 'none' ? AGENT : agent, question, about: [...about] });
  }
  const understood = last === undefined ? '' : JSON.stringify(last);
  return { events: talk.told(), inventory: JSON.stringify(inventory), understood, tasks, at: 0 };
}

/** What was not understood is understood by a language model, if there is one: as a question that is then planned like any other. */
async function planAgain(
  deps: RunDeps,
  talk: Talk,
  planned: Planned,
  plan: (text: string) => Planned,
  inventory: Inventory,
): Promise<Planned> {
  const [task] = planned.tasks;
  if (deps.counsel === undefined || task === undefined) return planned;
  const rephrased = await rephraseQuestion(deps.counsel, talk, task.question, isNameIn(inventory));
  if (rephrased === undefined) return planned;
  if ('ask' in rephrased) return { ...planned, tasks: [{ ...task, detail: rephrased.ask }] };
  const again = plan(rephrased.question);
  // A change is asked for by people, in words that the router reads itself.
  if (!again.understood || again.changes) return planned;
  const { provider, name } = deps.counsel.model;
  talk.tell({ type: 'text', text: `Read as: "${rephrased.question}" (${provider}:${name}).` });
  return again;
}

/** Says what the router can say itself, or lists the incidents. */
export async function answerStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const task = currentTask(state);
  if (task.kind !== 'list') {
    talk.tell({ type: 'text', text: task.detail });
    return { events: talk.told() };
  }
  const answer = await talk.read({ agent: AGENT, domain: 'inventory', tool: 'incident.list' });
  if (!('evidence' in answer)) {
    talk.tell({ type: 'error', ...answer });
    return { events: talk.told() };
  }
  const lines = answer.evidence.map(({ id, resource, value }) => `- ${resource}: ${quote(String(value))} [${id}]`);
  talk.tell({ type: 'text', text: lines.length > 0 ? ['Incidents:', ...lines].join('\n') : 'There are no incidents.' });
  return { events: talk.told() };
}
