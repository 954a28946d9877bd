/** Tells how a case went: the agents' events as moments, and what their answer rests on, read back from the broker. */
import type { ChatEvent } from '../../agents/events.ts';
import type { Moment, Played, Statement } from '../../scenarios/replay/case.ts';
import { findTool } from '../../tools/registry.ts';
import type { ModelBroker } from '../compose/model-broker.ts';
import type { Asked } from './ask-agents.ts';

export type Finding = Extract<ChatEvent, { readonly type: 'finding' }>;
export type Tell = (at: number, kind: Moment['kind'], text: string) => void;

/** What the turn concluded: its last finding with a cause, or else its last one. Several specialists may have looked. */
export function findingOf({ events }: Asked): Finding | undefined {
  const findings = events.map(({ event }) => event).filter((event): event is Finding => event.type === 'finding');
  return findings.findLast(({ rootCauses }) => rootCauses.length > 0) ?? findings.at(-1);
}

export function tellEvent(tell: Tell, at: number, event: ChatEvent): void {
  if (event.type === 'tool')
    tell(
      at,
      findTool(event.tool)?.effect === 'change' ? 'note' : 'read',
      `${event.agent} ${event.tool} ${event.devices.join(', ')}: ${event.summary}`.slice(0, 400),
    );
  if (event.type === 'finding') {
    const causes = event.rootCauses.map(({ resource, faultType }) => `${faultType} at ${resource}`);
    tell(at, 'verdict', [event.verdict, ...causes].join(' · '));
  }
  if (event.type === 'proposal') tell(at, 'proposal', `${event.tool} on ${event.target.join(', ')}: ${event.why}`);
  if (event.type === 'outcome') tell(at, 'outcome', `${event.outcome}: ${event.detail}`);
  if (event.type === 'error') tell(at, 'note', `${event.code}: ${event.message}`);
}

/** Calls that read or probe the network itself; what the broker keeps (inventory, evidence) is not of it. */
export const countReads = ({ events }: Asked): number =>
  events.filter(({ event }) => event.type === 'tool' && findTool(event.tool)?.domain === 'diagnostics').length;

/** What became of a repair: `left` things are not as before. */
export function nameOutcome(asked: Asked, left: number): string {
  const outcome = asked.events.findLast(({ event }) => event.type === 'outcome')?.event;
  if (outcome?.type === 'outcome')
    return outcome.outcome === 'succeeded' ? (left === 0 ? 'fixed' : 'not-fixed') : outcome.outcome;
  return asked.events.some(({ event }) => event.type === 'pending') ? 'pending' : 'none';
}

export async function explain(
  { evidence }: ModelBroker,
  tenant: string,
  finding: Finding | undefined,
): Promise<Pick<Played, 'because' | 'ruled_out' | 'evidence'>> {
  const statements = finding === undefined ? [] : [...finding.because, ...finding.ruledOut];
  const cited = [...new Set(statements.flatMap((one) => one.evidence))];
  const records = new Map((await evidence.get(tenant, cited)).map((one) => [one.id, one]));
  const show = (text: string, ids: readonly string[]): Statement => ({
    text,
    evidence: ids.map((id) => {
      const record = records.get(id);
      const shown =
        record === undefined
          ? 'does not resolve'
          : `${record.resource} ${record.signal} = ${record.value} (${record.source}, ${record.observedAt})`;
      return { id, text: shown.slice(0, 400) };
    }),
  });
  return {
    because: (finding?.because ?? []).map((one) => show(one.text, one.evidence)),
    ruled_out: (finding?.ruledOut ?? []).map((one) => ({
      ...show(one.because, one.evidence),
      fault_type: one.faultType,
    })),
    evidence: { cited: cited.length, resolved: records.size },
  };
}

export async function diffOf(broker: ModelBroker, tenant: string, { events }: Asked): Promise<string> {
  const pending = events.findLast(({ event }) => event.type === 'pending')?.event;
  if (pending?.type !== 'pending') return '';
  return (await broker.approvals.get(tenant, pending.approval))?.diff ?? '';
}
