/** Asks the diagnosis engine itself, as the troubleshooter of an operator, over the same broker: nothing is proposed or repaired. */
import { type BrokerPort, toProblem } from '../../agents/broker-port.ts';
import generated from '../../agents/diagnosis/patterns.json' with { type: 'json' };
import { createCodebook, patternsSchema } from '../../agents/diagnosis/patterns.ts';
import { runDiagnosis } from '../../agents/diagnosis/run-diagnosis.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { summarise } from '../../agents/talk.ts';
import type { ModelClock } from '../compose/model-clock.ts';
import type { Asked } from './ask-agents.ts';

const AGENT = 'troubleshooter';

/** `without`: fault types that the codebook is not to know. */
export async function askEngine(
  port: BrokerPort,
  clock: ModelClock,
  thread: string,
  without: readonly string[],
): Promise<Asked> {
  const events: { at: number; event: ChatEvent }[] = [];
  const nextId = (): string => `e${String(events.length).padStart(6, '0')}`;
  const codebook = createCodebook(patternsSchema.parse(generated), new Set(without));
  const { finding } = await runDiagnosis(
    async ({ domain, tool, devices, input }) => {
      const tell = (status: 'done' | 'failed', ids: readonly string[], summary: string): void =>
        void events.push({
          at: clock.now(),
          event: {
            type: 'tool',
            id: nextId(),
            n: events.length,
            agent: AGENT,
            tool,
            devices: [...devices],
            status,
            evidence: [...ids],
            summary,
          },
        });
      try {
        const target = devices.length === 0 ? {} : { target: { devices } };
        const answer = await port.call(AGENT, domain, tool, { ...target, input, purpose: `chat:${thread}` });
        const evidence = answer.status === 'done' ? answer.evidence : [];
        tell(
          'done',
          evidence.map(({ id }) => id),
          summarise(evidence),
        );
        return { evidence };
      } catch (error) {
        const { code, message } = toProblem(error);
        tell('failed', [], `${code}: ${message}`);
        return { code, message };
      }
    },
    {},
    { codebook },
  );
  events.push({ at: clock.now(), event: { type: 'finding', id: nextId(), ...finding } });
  return { events, votes: [] };
}
