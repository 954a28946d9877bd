/** How a step talks: it calls the broker and tells people about it; every event and every read goes through here. */
import type { AgentName, Answer, Domain, Evidence, Json } from '../broker/contract.ts';
import type { BrokerPort, Problem } from './broker-port.ts';
import { toProblem } from './broker-port.ts';
import type { ChatEvent, NewEvent } from './events.ts';
import { chatEvent, eventId, quote } from './events.ts';
import type { MakeId } from './ids.ts';
import type { Counsel } from './model/consult.ts';
import type { Conversation } from './state.ts';

/** What the graphs get for one run; nothing of it is ever in a checkpoint. */
export interface RunDeps {
  readonly broker: BrokerPort;
  readonly ids: MakeId;
  readonly emit: (event: ChatEvent) => void;
  /** The language model with what it may still cost; absent: nobody is asked. */
  readonly counsel?: Counsel | undefined;
  /** Seconds for which a containment is proposed; preset: four hours, the most that the shipped policies let an agent ask for. */
  readonly containSeconds?: number | undefined;
}

export interface Call {
  readonly agent: AgentName;
  readonly domain: Domain;
  readonly tool: string;
  readonly devices?: readonly string[];
  readonly input?: { readonly [name: string]: Json };
  readonly purpose?: string;
  readonly evidence?: readonly string[];
  readonly intent?: string;
}

export type CallResult =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: Problem };

export interface Talk {
  tell(event: NewEvent): void;
  /** Calls and tells; a refusal or failure is a result, only a lost broker or login ends the run. */
  call(call: Call): Promise<CallResult>;
  /** A call that can only answer with evidence; `undefined` when it was refused or failed. */
  read(call: Call): Promise<{ readonly evidence: readonly Evidence[] } | Problem>;
  /** Everything told in this step, for the state. */
  told(): { readonly [id: string]: string };
}

/** Nothing goes on without these. */
const FATAL = new Set(['UNAUTHENTICATED', 'UNAVAILABLE']);
const REFUSALS = new Set(['DENIED', 'LIMITED', 'NOT_FOUND', 'CHANGES_STOPPED']);
/** Longest input that is shown. */
const MAX_INPUT = 2_000;
/** Values of one signal that a summary spells out. */
const MAX_VALUES = 3;
const MAX_SIGNALS = 6;

/** One line for people: `bfd.state up ×8; ipsec.sa established ×8`. */
export function summarise(evidence: readonly Evidence[]): string {
  const bySignal = new Map<string, Map<string, number>>();
  for (const { signal, value } of evidence) {
    const counts = bySignal.get(signal) ?? new Map<string, number>();
    const text = quote(String(value)).slice(0, 60);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    bySignal.set(signal, counts);
  }
  if (bySignal.size === 0) return 'nothing to report';
  return [...bySignal]
    .slice(0, MAX_SIGNALS)
    .map(([signal, counts]) => {
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const isDocument = signal === 'config' || [...counts.keys()].some((text) => text.startsWith('{'));
      if (counts.size > MAX_VALUES || isDocument) return `${signal} ×${total}`;
      return `${signal} ${[...counts].map(([text, count]) => (count > 1 ? `${text} ×${count}` : text)).join(', ')}`;
    })
    .join('; ');
}

/** A talk that continues the numbering of the conversation. */
export function createTalk(deps: RunDeps, state: Conversation): Talk {
  const told: { [id: string]: string } = {};
  let count = Object.keys(state.events).length;
  let calls = Object.values(state.events).filter((text) => text.startsWith('{"type":"tool"')).length;

  const tell = (event: NewEvent): void => {
    const id = eventId(count);
    count += 1;
    const full = chatEvent.parse({ ...event, id });
    told[id] = JSON.stringify(full);
    deps.emit(full);
  };

  const call = async (request: Call): Promise<CallResult> => {
    const { agent, domain, tool, devices = [], input = {}, evidence, intent } = request;
    calls += 1;
    const tellCall = (
      status: 'done' | 'denied' | 'pending' | 'failed',
      ids: string[],
      summary: string,
      at?: string,
    ): void =>
      tell({
        ...{ type: 'tool', n: calls, agent, tool, devices: [...devices], status, evidence: ids, summary },
        ...(Object.keys(input).length === 0 ? {} : { input: JSON.stringify(input).slice(0, MAX_INPUT) }),
        ...(at === undefined ? {} : { at }),
      });
    try {
      const answer = await deps.broker.call(agent, domain, tool, {
        ...(devices.length > 0 ? { target: { devices } } : {}),
        input,
        purpose: request.purpose ?? `chat:${state.thread}`,
        ...(evidence ? { evidence } : {}),
        ...(intent ? { intent } : {}),
      });
      if (answer.status === 'pending') tellCall('pending', [], `waits for approval ${answer.approval}`);
      else
        tellCall(
          'done',
          answer.evidence.map(({ id }) => id),
          answer.receipt?.detail ?? summarise(answer.evidence),
          answer.evidence[0]?.collectedAt,
        );
      return { ok: true, answer };
    } catch (error) {
      const problem = toProblem(error);
      if (FATAL.has(problem.code)) throw error;
      tellCall(REFUSALS.has(problem.code) ? 'denied' : 'failed', [], `${problem.code}: ${quote(problem.message)}`);
      return { ok: false, problem };
    }
  };

  return {
    tell,
    call,
    async read(request) {
      const result = await call(request);
      if (!result.ok) return result.problem;
      return { evidence: result.answer.status === 'done' ? result.answer.evidence : [] };
    },
    told: () => told,
  };
}
