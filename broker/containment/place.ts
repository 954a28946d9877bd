/** Keeps a containment from before the first write on, so that its reversal does not depend on anybody being there at its end. */
import type { Outcome, Receipt } from '../contract.ts';
import type { Clock } from '../ports.ts';
import type { ApprovedCall, PreparedChange } from '../stages/context.ts';
import type { Containment, Containments } from './containment.ts';

export interface PlaceDeps {
  readonly containments: Containments;
  readonly clock: Clock;
}

/** The containment of an intent. */
export const containmentId = (intent: string): string => `con_${intent.slice(4)}`;

/** Durable before anything is sent to a device. Its time begins now. */
export async function keepContainment(
  { containments, clock }: PlaceDeps,
  { intent, subject, approval }: ApprovedCall,
  { traces, reversal }: NonNullable<PreparedChange['containment']>,
): Promise<Containment> {
  const now = clock.now();
  const containment: Containment = {
    id: containmentId(intent.id),
    tenant: subject.tenant,
    intent: intent.id,
    tool: intent.tool,
    purpose: intent.purpose,
    requestedBy: subject.human,
    ...(subject.agent === undefined ? {} : { agent: subject.agent }),
    approvedBy: (approval?.votes ?? []).map(({ human }) => human),
    from: new Date(now).toISOString(),
    until: new Date(now + reversal.afterSeconds * 1000).toISOString(),
    traces: [...traces],
    state: 'placing',
    reversed: [],
    failures: 0,
  };
  await containments.add(containment);
  return containment;
}

/** What became of a containment whose change has this outcome; an unknown one is found out first. */
const STATE_OF: Readonly<Record<Outcome, Containment['state']>> = {
  succeeded: 'active',
  failed: 'void',
  reverted: 'void',
  unknown: 'placing',
};

/** Takes over the outcome of the change that put it in place, if there is one by now. */
export async function settleContainment(
  { containments }: Pick<PlaceDeps, 'containments'>,
  { tenant, id, state }: Containment,
  receipt: Receipt | undefined,
): Promise<void> {
  const now = receipt === undefined ? 'placing' : STATE_OF[receipt.outcome];
  if (state !== 'placing' || now === 'placing') return;
  await containments.update(tenant, id, (before) => (before.state === 'placing' ? { ...before, state: now } : before));
}
