/**
 * The policies in force: verified when the broker starts and whenever the store is read again, replaced as a whole. When
 * what is stored does not hold, changes stop, loudly; reads go on under what was last verified, or not at all without that.
 */
import { z } from 'zod';
import { WayleaveError } from '../errors.ts';
import { createSerial } from '../execution/serial.ts';
import { type Brake, createBrake } from '../policy/brake.ts';
import type { ActivatedPolicies } from '../policy/decision-point.ts';
import { deny } from '../policy/judge.ts';
import { proveRefusals } from '../policy/refusals.ts';
import { buildSchema } from '../policy/schema.ts';
import type { AuditLog, Clock, DecisionPoint, DecisionRequest, Ids } from '../ports.ts';
import { type AdmitDeps, admitBundle, startBundle } from './admit-bundle.ts';
import { type Activation, type Bundle, digestBundle, digestSchema, signActivation, signBundle } from './bundle.ts';
import { ACTIVE, type BundleRecord } from './policy-store.ts';
import { type ReadActiveDeps, readActive } from './read-active.ts';

export interface ActivePoliciesDeps extends AdmitDeps, ReadActiveDeps {
  readonly audit: Pick<AuditLog, 'append' | 'entries'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly brake: Brake;
  /** What Wayleave came with: the first to be in force, and later one more proposal. */
  readonly shipped: () => Promise<Bundle>;
  /** Told when the store holds what was not signed; what it does may not fail. */
  readonly alarm: (why: string) => void;
}

/** What decides now. */
export interface InForce {
  readonly activation: Activation;
  readonly bundle: Bundle;
  readonly record: BundleRecord;
}

export interface ActivePolicies extends DecisionPoint {
  /** Undefined when nothing that could be verified was there at the start. */
  inForce(): InForce | undefined;
  /** Why changes are stopped by the state of the policies themselves; undefined when they are not. */
  problem(): string | undefined;
  /** Reads the store again: takes over what another broker activated, and stops changes when it was tampered with. */
  refresh(): Promise<void>;
  /** Brings a bundle of the store into force. In the log before it counts. */
  activate(record: BundleRecord, bundle: Bundle, by: ActivatedBy): Promise<Activation>;
}

export interface ActivatedBy {
  readonly tenant: string;
  readonly human?: string;
  readonly session?: string;
  readonly people: readonly string[];
  readonly reason: string;
}

/** The decision point and everything about it that changes with it. */
interface Sitting extends InForce {
  readonly point: ActivatedPolicies;
  /** What it permitted although it must not be, or why it may not decide about changes. */
  readonly unfit: string | undefined;
  readonly pending: Set<Promise<unknown>>;
}

/** Rejects when store or log cannot be read; with anything else that is wrong it starts, and permits nothing. */
export async function openActivePolicies(deps: ActivePoliciesDeps): Promise<ActivePolicies> {
  let sitting: Sitting | undefined;
  let tampered: string | undefined;
  const problem = (): string | undefined =>
    tampered ?? sitting?.unfit ?? (sitting === undefined ? 'no policies are in force' : undefined);

  function doubt(why: string): void {
    if (tampered === why) return;
    tampered = why;
    deps.brake.pull(`the stored policies do not hold: ${why}`);
    deps.alarm(why);
  }

  function sit(next: InForce, point: ActivatedPolicies, unfit?: string): void {
    const before = sitting;
    sitting = { ...next, point, unfit, pending: new Set() };
    tampered = undefined;
    deps.mark.write({ number: next.activation.number, digest: next.activation.digest });
    if (before === undefined) return;
    // What was asked of the earlier policies is answered by them.
    void Promise.allSettled(before.pending).then(() => before.point.close());
  }

  async function read(): Promise<void> {
    const found = await readActive(deps);
    if (found.found === 'nothing') return doubt('the store names no policies any more');
    if (found.found === 'tampered') return doubt(found.why);
    if (found.activation.number === sitting?.activation.number) {
      tampered = undefined;
      sitting = { ...sitting, record: found.record };
      return;
    }
    try {
      const trial = startTrial();
      const point = await startBundle(deps, found.bundle, trial.brake);
      const unfit = await whyUnfit(deps, found.bundle, point);
      trial.end(deps.brake);
      sit(found, point, unfit);
    } catch (error) {
      if (!(error instanceof WayleaveError)) throw error;
      doubt(`the active bundle cannot be activated: ${error.message}`);
    }
  }

  async function replace(record: BundleRecord, bundle: Bundle, by: ActivatedBy): Promise<Activation> {
    const trial = startTrial();
    const point = await admitBundle(deps, bundle, trial.brake, record.shipped ? 'ran' : 'run');
    try {
      const doubtful = trial.brake.reason();
      if (doubtful !== undefined) throw new WayleaveError('CONFIG_INVALID', `On trial, ${doubtful}.`);
      const activation = await enter(deps, record, bundle, by, point.revision());
      trial.end(deps.brake);
      sit({ activation, bundle, record: (await deps.store.bundles.get(record.id)) ?? record }, point);
      return activation;
    } catch (error) {
      await point.close();
      throw error;
    }
  }

  const serial = createSerial();
  const refresh = (): Promise<void> => serial.run('policies', read);
  const activate: ActivePolicies['activate'] = (...next) => serial.run('policies', () => replace(...next));

  const start = await readActive(deps);
  if (start.found === 'nothing') {
    const bundle = await deps.shipped();
    await activate(await addShipped(deps, bundle, ''), bundle, {
      ...{ tenant: '-', people: [], reason: 'the first start: what Wayleave came with' },
    });
  } else {
    await refresh();
    // A later version comes with other policies: they are a proposal like any other.
    const bundle = await deps.shipped();
    const known = await deps.store.bundles.list().catch(() => undefined);
    if (known !== undefined && !known.some(({ digest }) => digest === digestBundle(bundle)))
      await addShipped(deps, bundle, sitting?.activation.digest ?? '');
  }

  return {
    problem,
    refresh,
    activate,
    inForce: () => sitting,
    revision: () => sitting?.point.revision() ?? 'none',
    async decide(request: DecisionRequest) {
      const now = sitting;
      if (now === undefined) return denyAll(tampered ?? 'no policies are in force');
      const deciding = now.point.decide(request);
      now.pending.add(deciding);
      const decision = await deciding.finally(() => now.pending.delete(deciding));
      const stopped = problem();
      if (stopped === undefined || request.tool.effect === 'read') return decision;
      return { ...decision, ...deny(`Changes are stopped: ${stopped}.`) };
    },
    close: async () => sitting?.point.close(),
  };
}

/** A brake of its own while policies are tried, so that nothing is proven by changes being stopped; what pulled it counts. */
function startTrial(): { readonly brake: Brake; end(real: Brake): void } {
  let now = createBrake();
  return {
    brake: { reason: () => now.reason(), pull: (why) => now.pull(why), release: () => now.release() },
    end(real) {
      const why = now.reason();
      now = real;
      if (why !== undefined) real.pull(why);
    },
  };
}

const denyAll = (why: string) => ({
  ...deny(`Nothing is permitted: ${why}.`),
  ...{ id: 'dec_none', advice: [], revision: 'none' },
});

async function whyUnfit(deps: AdmitDeps, bundle: Bundle, point: ActivatedPolicies): Promise<string | undefined> {
  if (bundle.schema !== digestSchema(buildSchema(deps.tools)))
    return 'the policies in force were signed for other tools than there are now; sign and activate a bundle for these';
  const failures = await proveRefusals(point, deps.tools);
  return failures.length === 0 ? undefined : `the policies permitted what must be refused (${failures[0] ?? ''})`;
}

/** The log, then the store, which takes it only as the next after what it has. */
async function enter(
  { audit, clock, store, keys, mark }: ActivePoliciesDeps,
  record: BundleRecord,
  bundle: Bundle,
  by: ActivatedBy,
  revision: string,
): Promise<Activation> {
  const before = await readNumber(store);
  const number = Math.max(before, mark.read()?.number ?? 0) + 1;
  const at = new Date(clock.now()).toISOString();
  const digest = digestBundle(bundle);
  const { tenant, human, session, people, reason } = by;
  const entry = await audit.append({
    ...{ at, tenant, kind: 'policy.activated' },
    ...(human === undefined ? {} : { human }),
    ...(session === undefined ? {} : { session }),
    content: {
      ...{ activation: number, bundle: record.id, digest, policyRevision: revision, people, reason },
      ...{ observe: bundle.observe, leastApprovals: bundle.approvals.least, shipped: record.shipped },
    },
  });
  const activation: Activation = { form: 'wayleave-activation/1', number, bundle: record.id, digest, at, entry };
  // Signed anew with what is stored: a bundle in force never hangs on a key that is about to be retired.
  const signed = signBundle(bundle, keys);
  await store.bundles.update(record.id, (latest) => ({
    ...(latest ?? record),
    ...{ signed, votes: [], activations: [...(latest ?? record).activations, number] },
  }));
  await store.active.update(ACTIVE, (stored) => {
    if (stored !== undefined && numberOf(stored.signed) > before)
      throw new WayleaveError('CONFLICT', 'Other policies were activated meanwhile. Look, and try again.');
    return { signed: signActivation(activation, keys) };
  });
  return activation;
}

/** The number that the stored activation claims; 0 when it cannot be read, which is no reason not to replace it. */
async function readNumber(store: ActivePoliciesDeps['store']): Promise<number> {
  try {
    const stored = await store.active.get(ACTIVE);
    return stored === undefined ? 0 : numberOf(stored.signed);
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return 0;
    throw error;
  }
}

const claimed = z.looseObject({ number: z.int().min(0).max(1e9) });
function numberOf(signed: string): number {
  try {
    return claimed.parse(JSON.parse(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString())).number;
  } catch {
    return 0;
  }
}

async function addShipped(deps: ActivePoliciesDeps, bundle: Bundle, base: string): Promise<BundleRecord> {
  const digest = digestBundle(bundle);
  const at = new Date(deps.clock.now()).toISOString();
  const record: BundleRecord = {
    ...{ id: deps.ids.id('pol'), digest, signed: signBundle(bundle, deps.keys), base },
    ...{ votes: [], shipped: true, what: 'what Wayleave came with', proposedAt: at, activations: [] },
  };
  await deps.audit.append({ at, tenant: '-', kind: 'policy.shipped', content: { bundle: record.id, digest } });
  return deps.store.bundles.update(record.id, () => record);
}
