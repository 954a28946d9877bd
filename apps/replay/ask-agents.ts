/** Asks the agents one question over a broker in memory, as a person would in the chat, and votes on what they propose. */
import { MemorySaver } from '@langchain/langgraph';
import type { BrokerPort } from '../../agents/broker-port.ts';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { ReplayCase } from '../../scenarios/replay/case.ts';
import type { ModelBroker } from '../compose/model-broker.ts';
import type { ModelClock } from '../compose/model-clock.ts';

/** How long people look at a proposal. */
const READING_MS = 45_000;
/** Votes of one approval at most. */
const MAX_VOTES = 5;

export interface Asked {
  /** Everything that was told, with its time by the network's clock. */
  readonly events: readonly { readonly at: number; readonly event: ChatEvent }[];
  /** Votes, in words. */
  readonly votes: readonly { readonly at: number; readonly text: string }[];
}

export interface AskDeps {
  readonly broker: ModelBroker;
  readonly clock: ModelClock;
  readonly tenant: string;
  /** The way of the operator's agents to the broker. */
  readonly port: BrokerPort;
  readonly repair: ReplayCase['repair'];
  /** Names the conversation. */
  readonly thread: string;
}

export async function askAgents(
  { broker, clock, tenant, port, repair, thread }: AskDeps,
  text: string,
): Promise<Asked> {
  const human = `operator@${tenant}`;
  const events: { at: number; event: ChatEvent }[] = [];
  const votes: { at: number; text: string }[] = [];
  const conversations = createConversations({ saver: new MemorySaver(), ids: broker.ids.id });
  const turn = {
    ...{ human, tenant, thread, broker: port },
    emit: (event: ChatEvent) => void events.push({ at: clock.now(), event }),
  };
  const told = (text: string): void => void votes.push({ at: clock.now(), text });
  /** A turn that ends in the demand for a second factor goes on once the person has shown it. */
  const goOn = async (begin: () => Promise<void>): Promise<void> => {
    await begin();
    const last = events.findLast(({ event }) => ['error', 'pending', 'outcome'].includes(event.type))?.event;
    if (repair === 'no' || last?.type !== 'error' || last.code !== 'STEP_UP_REQUIRED') return;
    await broker.identity.stepUp(human);
    told(`${human}: second factor`);
    await conversations.resume(turn);
  };
  const decide = async (approval: string): Promise<void> => {
    for (const voter of ['admin', 'deputy', 'deputy'].slice(0, MAX_VOTES)) {
      const name = `${voter}@${tenant}`;
      const { identity, desk } = broker;
      const { status } = await desk.approval(await identity.subjectOf(name), approval);
      if (status !== 'pending') return;
      const verdict = repair === 'approve' ? 'approve' : 'reject';
      const reason = verdict === 'approve' ? 'diff and rehearsal seen' : 'not now';
      try {
        await identity.withSecondFactor(name, async () =>
          desk.vote(await identity.subjectOf(name), approval, verdict, reason),
        );
        told(`${name}: ${verdict}`);
      } catch (error) {
        if (!(error instanceof WayleaveError)) throw error;
        told(`${name} cannot vote: ${error.code}`);
      }
    }
  };
  await goOn(() => conversations.chat({ ...turn, text }));
  const waiting = new Set(events.flatMap(({ event }) => (event.type === 'pending' ? [event.approval] : [])));
  if (waiting.size === 0 || repair === 'no') return { events, votes };
  clock.advanceTo(clock.now() + READING_MS);
  for (const approval of waiting) await decide(approval);
  await goOn(() => conversations.resume(turn));
  return { events, votes };
}
