/** One run of a schedule, or of a part: its specialist at work for the person who ordered it, with nobody there, within a budget. */
import { MemorySaver } from '@langchain/langgraph';
import type { Answer, CallArguments, Domain } from '../broker/contract.ts';
import { WayleaveError } from '../broker/errors.ts';
import { type BrokerClient, BrokerRefusal } from './broker/broker-client.ts';
import type { DueSchedule } from './broker/worker-client.ts';
import { createConversations } from './conversations.ts';
import type { ChatEvent } from './events.ts';
import { isForesight } from './health-monitor/foresee.ts';
import type { MakeId } from './ids.ts';
import { keepRecords } from './keep-records.ts';
import { INVENTORY_TOOLS, type InventoryAnswers } from './site-view.ts';

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
  /** What there is to look at, one line each; empty when all is well. */
  readonly findings: readonly string[];
  /** What could not be read, one line each. */
  readonly unread: readonly string[];
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface ScheduledRunDeps {
  readonly client: Pick<BrokerClient, 'callTool'>;
  readonly ids: MakeId;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told before every call how many there were; false ends the run. */
  readonly onCall: (calls: number, what: string) => boolean;
  /** Waits so many milliseconds. */
  readonly pause: (ms: number) => Promise<void>;
  /** Told when the broker said that this tenant asks too much at once, with the time until it may ask again. */
  readonly onLimited?: (ms: number) => void;
}

const MAX_SAID = 4_000;
const NOTHING_AHEAD = 'No certificate ends soon, and no capacity will be used up in the time that can be foreseen.';
/** A call that comes too soon waits as long as the broker says, at most so long and so often. */
const LONGEST_WAIT_MS = 10_000;
const WAITS = 12;

/** What one run may still do, and how it asks. */
export interface Errand {
  readonly calls: () => number;
  call(domain: Domain, tool: string, args: CallArguments): Promise<Answer>;
}

/** Calls as the schedule's own agent, whose rights the token has, and for this schedule as its purpose. */
function startErrand(deps: ScheduledRunDeps, { agent, id, budget }: DueSchedule): Errand {
  const until = deps.now() + budget.minutes * 60_000;
  let calls = 0;
  return {
    calls: () => calls,
    async call(domain, tool, args) {
      for (let waits = 0; ; waits += 1) {
        if (calls >= budget.calls) throw new WayleaveError('LIMITED', `The run used up its ${budget.calls} calls.`);
        if (deps.now() >= until) throw new WayleaveError('LIMITED', `The run used up its ${budget.minutes} minutes.`);
        calls += 1;
        if (!deps.onCall(calls, tool))
          throw new WayleaveError('UNAUTHENTICATED', 'Nobody waits for this run any more.');
        try {
          return await deps.client.callTool({ agent, schedule: id }, domain, tool, { ...args, purpose: id });
        } catch (error) {
          const seconds = error instanceof BrokerRefusal ? error.retryAfterSeconds : undefined;
          if (seconds === undefined || waits >= WAITS) throw error;
          calls -= 1; // it was not carried out
          const ms = Math.min(seconds * 1000, LONGEST_WAIT_MS);
          deps.onLimited?.(ms);
          await deps.pause(ms);
        }
      }
    },
  };
}

/** The tenant's inventory, read once for all parts of a run. Throws what the broker refuses with. */
export async function readFleet(
  deps: ScheduledRunDeps,
  schedule: DueSchedule,
): Promise<{ readonly answers: InventoryAnswers; readonly calls: number }> {
  const errand = startErrand(deps, schedule);
  const read = async (tool: (typeof INVENTORY_TOOLS)[number]): Promise<InventoryAnswers[typeof tool]> => {
    const answer = await errand.call('inventory', tool, { input: {}, purpose: schedule.id });
    return answer.status === 'done' ? answer.evidence : [];
  };
  const answers = {
    'inventory.devices': await read('inventory.devices'),
    'inventory.topology': await read('inventory.topology'),
  };
  return { answers, calls: errand.calls() };
}

/** Never throws: what goes wrong is the outcome. With `inventory` that is all it knows of the tenant. */
export async function runSchedule(
  deps: ScheduledRunDeps,
  schedule: DueSchedule,
  run: string,
  inventory?: InventoryAnswers,
): Promise<RunOutcome> {
  const { agent, owner, tenant, work } = schedule;
  if (work === 'checkpoint' || work === 'retention') return keepRecords(startErrand(deps, schedule), schedule.id, work);
  const question = QUESTIONS[agent];
  if (question === undefined)
    return {
      ...{ calls: 0, said: '', findings: [], unread: [] },
      failure: { code: 'USAGE', message: `${agent} runs by no schedule.` },
    };
  const errand = startErrand(deps, schedule);
  const events: ChatEvent[] = [];
  const conversations = createConversations({ saver: new MemorySaver(), ids: deps.ids });
  await conversations.chat({
    ...{ human: owner, tenant, thread: run, text: question },
    emit: (event) => events.push(event),
    broker: {
      async call(_agent, domain, tool, args) {
        const known = INVENTORY_TOOLS.find((one) => one === tool && domain === 'inventory');
        if (inventory === undefined || known === undefined) return errand.call(domain, tool, args);
        return { status: 'done', intent: deps.ids('int'), evidence: inventory[known] };
      },
    },
  });
  const said = events
    .flatMap((event) => (event.type === 'text' ? [event.text] : []))
    .join('\n')
    .slice(0, MAX_SAID);
  const found = events.flatMap((event) => (event.type === 'finding' ? [event] : []));
  const lines = found.flatMap(({ because }) => because.map(({ text }) => text));
  const ahead = lines.filter((line) => isForesight(line));
  const problem = events.find((event) => event.type === 'error');
  return {
    calls: errand.calls(),
    said: work === 'forecast' ? (ahead.join('\n') || NOTHING_AHEAD).slice(0, MAX_SAID) : said,
    findings: work === 'forecast' ? ahead : lines,
    unread: found.flatMap(({ unread }) => unread),
    ...(problem === undefined ? {} : { failure: { code: problem.code, message: problem.message } }),
  };
}
