/**
 * Stage 6, claim: one change at a time on a device, also when it touches several. What ended is answered again and never executed again, and a device
 * with an unresolved change takes no other.
 */
import { intentDigest, sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import { deviceKey, type Serial } from '../execution/serial.ts';
import type { Clock, Journal } from '../ports.ts';
import type { Stage } from '../stage.ts';
import type { Quarantine } from '../standing.ts';
import { type AuthorizedCall, writes } from './context.ts';

export interface ClaimDeps {
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  /** Proposals, transactions and recovery of one device take turns. */
  readonly perDevice: Serial;
}

export const claim =
  (deps: ClaimDeps): Stage<AuthorizedCall> =>
  async (context, next) => {
    const { tool, intent, subject } = context;
    if (!writes(tool.effect)) return next(context);
    const { devices } = intent.target;
    if (devices.length === 0) throw new WayleaveError('DENIED', 'A change must name its devices.');
    // Before waiting for the devices: a transaction takes minutes, and the state it leaves is not known yet.
    await demandResolved(deps, subject.tenant, devices, intent.id);
    const keys = devices.map((device) => deviceKey(subject.tenant, device));
    return deps.perDevice.runAll(keys, async () => {
      const known = await deps.journal.find(subject.tenant, intent.id);
      if (known === undefined) {
        await demandResolved(deps, subject.tenant, devices);
        return next(context);
      }
      // Of two equal calls at once only one was first to freeze the intent: the other takes over its end of life.
      const { digest: _, ...content } = intent;
      const adopted = intentDigest({ ...content, expiresAt: known.intent.expiresAt });
      const same = known.subject.human === subject.human && known.subject.agent === subject.agent;
      if (!same || !sameDigest(adopted, known.intent.digest)) throw new WayleaveError('CONFLICT');
      context.trail.intent = known.intent;
      if (known.receipt !== undefined)
        return { status: 'done', intent: intent.id, evidence: [], receipt: known.receipt };
      if (known.state === 'executing')
        throw new WayleaveError('CONFLICT', 'This intent was interrupted; its outcome is being found out.');
      await demandResolved(deps, subject.tenant, devices);
      if (Date.parse(known.intent.expiresAt) <= deps.clock.now()) throw new WayleaveError('APPROVAL_EXPIRED');
      return next({ ...context, intent: known.intent });
    });
  };

/** A device whose last change is open (under way, or of unknown outcome) is in quarantine: nobody knows what it holds. */
async function demandResolved(
  deps: ClaimDeps,
  tenant: string,
  devices: readonly string[],
  but?: string,
): Promise<void> {
  for (const device of devices) {
    const why = deps.quarantine.of(tenant, device).find((one) => but === undefined || one.intent !== but);
    if (why !== undefined)
      throw new WayleaveError('DEVICE_QUARANTINED', `${device} is in quarantine (${why.reason}): ${why.detail}`);
  }
  const open = (await deps.journal.unfinished()).find(
    (one) => one.tenant === tenant && devices.includes(one.device) && one.intent !== but,
  );
  if (open !== undefined)
    throw new WayleaveError(
      'CHANGES_STOPPED',
      `A change of ${open.device} is under way, or its outcome is not known yet.`,
    );
}
