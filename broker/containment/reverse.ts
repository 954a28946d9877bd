/**
 * Takes containments back at their end: reads each device, and takes away what is still there of it, as a transaction.
 *
 * Every turn begins with what the device holds, never with what was done before: a broker that was killed in the middle, or
 * was not there at the end time, goes on here. A containment has ended when nothing of it was read from any of its devices.
 */
import { WayleaveError } from '../errors.ts';
import { pageHuman } from '../execution/page-human.ts';
import { deviceKey, type Serial } from '../execution/serial.ts';
import type { Approvals, AuditEntry, AuditLog } from '../ports.ts';
import { type Containment, type Containments, isDue, isOpen, type ReversedDevice, type Trace } from './containment.ts';
import { settleContainment } from './place.ts';
import { type ReverseAtDeps, reverseAt } from './reverse-at.ts';

export interface ReverseDeps extends ReverseAtDeps {
  readonly containments: Containments;
  readonly approvals: Approvals;
  readonly audit: AuditLog;
  readonly perDevice: Serial;
}

/** A reversal that did not come through is tried again after so long, twice as long each time. */
const AGAIN_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Failures after which a human is told, and the device takes no other change. */
const PAGE_AFTER = 3;
/** Containments that are taken back at a time: each may wait for a device that does not answer. */
const PARALLEL = 8;

/** Advances every containment whose end has come. Safe at any time, on any number of brokers. */
export async function reverseDue(deps: ReverseDeps): Promise<void> {
  const open = await deps.containments.open();
  for (let at = 0; at < open.length; at += PARALLEL) {
    const some = open.slice(at, at + PARALLEL).map((one) =>
      advance(deps, one).catch((error: unknown) => {
        deps.log.error({ err: error, containment: one.id }, 'a containment could not be looked at; it is tried again');
      }),
    );
    await Promise.all(some);
  }
}

async function advance(deps: ReverseDeps, { tenant, id, intent }: Containment): Promise<void> {
  const found = await deps.containments.get(tenant, id);
  if (found === undefined) return;
  await settleContainment(deps, found, (await deps.journal.find(tenant, intent))?.receipt);
  const now = deps.clock.now();
  const isWaiting = ({ nextAt }: Containment): boolean => nextAt !== undefined && Date.parse(nextAt) > now;
  if (!isOpen(found) || !isDue(found, now) || isWaiting(found)) return;
  const devices = found.traces.filter(({ device }) => !found.reversed.some((one) => one.device === device));
  const failures = await Promise.all(devices.map((trace) => attempt(deps, found, trace)));
  const why = failures.flatMap((one) => one ?? []);
  if (why.length > 0) await keepFailure(deps, found, why);
  else await finish(deps, found);
}

interface Failure {
  readonly device: string;
  readonly why: string;
}

/** One device, when nobody else is at it; a failure is a result, undefined is done or not our turn. */
async function attempt(deps: ReverseDeps, { tenant, id }: Containment, trace: Trace): Promise<Failure | undefined> {
  const { device } = trace;
  return deps.perDevice.runIfFree([deviceKey(tenant, device)], async () => {
    const fresh = await deps.containments.get(tenant, id);
    if (fresh === undefined || !isOpen(fresh) || fresh.reversed.some((one) => one.device === device)) return undefined;
    const known = await deps.journal.find(tenant, fresh.intent);
    // It may have come to its end while we waited for the device.
    if (known?.receipt?.outcome === 'failed' || known?.receipt?.outcome === 'reverted') return undefined;
    const unresolved = (await deps.journal.unfinished()).some((one) => one.tenant === tenant && one.device === device);
    if (unresolved) return { device, why: 'a change of it is not resolved yet' };
    const kept = deps.quarantine.of(tenant, device).find(({ intent }) => intent !== fresh.intent);
    if (kept !== undefined) return { device, why: `it is in quarantine (${kept.reason})` };
    const approval = await deps.approvals.findByIntent(tenant, fresh.intent);
    if (known === undefined || approval === undefined) return { device, why: 'its intent is not in the journal' };
    const result = await reverseAt(deps, {
      containment: fresh,
      trace,
      subject: known.subject,
      of: known.intent,
      approval,
    });
    if ('why' in result) return { device, why: result.why };
    await keepReversed(deps, fresh, result.done);
    return undefined;
  });
}

const entry = (
  { clock }: Pick<ReverseDeps, 'clock'>,
  { tenant, intent, tool, id }: Containment,
  kind: string,
  content: AuditEntry['content'],
): AuditEntry => ({
  at: new Date(clock.now()).toISOString(),
  ...{ tenant, kind, tool, intent, content: { containment: id, ...content } },
});

async function keepReversed(deps: ReverseDeps, containment: Containment, done: ReversedDevice): Promise<void> {
  const { tenant, id, intent } = containment;
  await deps.containments.update(tenant, id, (before) => ({
    ...before,
    reversed: [...before.reversed.filter(({ device }) => device !== done.device), done],
  }));
  if (done.found !== 'altered') return;
  const page = { code: 'ROLLBACK_FAILED', tenant, intent, device: done.device, detail: done.detail } as const;
  await deps.pager.page(page).catch((error: unknown) => deps.log.error({ err: error, page }, 'nobody could be paged'));
}

async function keepFailure(deps: ReverseDeps, before: Containment, why: readonly Failure[]): Promise<void> {
  const now = deps.clock.now();
  const says = why.map((one) => `${one.device}: ${one.why}`).join('; ');
  const failures = before.failures + 1;
  const isPaged = failures >= PAGE_AFTER && before.pagedAt === undefined;
  // Told again only when it has become something else.
  if (says !== before.lastFailure || isPaged)
    await deps.audit.append(entry(deps, before, 'containment.reversal-failed', { failures, why: says }));
  await deps.containments.update(before.tenant, before.id, (one) => ({
    ...one,
    failures,
    lastFailure: says,
    nextAt: new Date(now + Math.min(LONGEST_PAUSE_MS, AGAIN_MS * 2 ** (failures - 1))).toISOString(),
    ...(isPaged ? { pagedAt: new Date(now).toISOString() } : {}),
  }));
  if (!isPaged) return;
  for (const { device, why: detail } of why) {
    const found = { outcome: 'unknown', code: 'ROLLBACK_FAILED' } as const;
    const told = `a containment is in place after its end, and does not go away: ${detail}`;
    await pageHuman(deps, { tenant: before.tenant, intent: before.intent, device }, { ...found, detail: told });
  }
}

/** All of its devices were read without it: the log has the proof before the record says so. */
async function finish(deps: ReverseDeps, { tenant, id, traces }: Containment): Promise<void> {
  const keys = traces.map(({ device }) => deviceKey(tenant, device));
  // Of two turns at once, here or on another broker, one writes the end.
  await deps.perDevice.runIfFree(keys, () => writeEnd(deps, tenant, id));
}

async function writeEnd(deps: ReverseDeps, tenant: string, id: string): Promise<void> {
  const fresh = await deps.containments.get(tenant, id);
  if (fresh === undefined) throw new WayleaveError('NOT_FOUND');
  const { reversed, traces, endedBy } = fresh;
  if (!isOpen(fresh) || reversed.length < traces.length) return;
  const endedAt = new Date(deps.clock.now()).toISOString();
  await deps.audit.append(
    entry(deps, fresh, 'containment.ended', {
      proven: reversed.every(({ found }) => found !== 'altered'),
      devices: Object.fromEntries(reversed.map(({ device, found, detail }) => [device, `${found}: ${detail}`])),
      ...(endedBy === undefined ? { why: 'its end time came' } : { why: `${endedBy.human} ended it` }),
    }),
  );
  await deps.containments.update(tenant, id, (before) => ({ ...before, state: 'ended', endedAt }));
}
