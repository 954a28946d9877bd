/** Asks the agents one question in a conversation of its own, and tells what they found and said. */
import { MemorySaver } from '@langchain/langgraph';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { createIds } from '../../agents/ids.ts';
import { type FakeBroker, TENANT } from './fake-broker.ts';

export async function askAgents(broker: FakeBroker, text: string) {
  const events: ChatEvent[] = [];
  const conversations = createConversations({ saver: new MemorySaver(), ids: createIds() });
  const emit = (event: ChatEvent): void => {
    events.push(event);
  };
  await conversations.chat({ human: 'op@acme', tenant: TENANT, thread: 'thr_1', broker, emit, text });
  const finding = events.find((event) => event.type === 'finding');
  if (finding?.type !== 'finding') throw new Error(`no finding: ${JSON.stringify(events)}`);
  const said = events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('\n');
  return { broker, events, finding, because: finding.because.map((one) => one.text), said };
}
