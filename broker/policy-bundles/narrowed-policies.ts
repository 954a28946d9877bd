/**
 * Decides for tenants that narrowed their policies: by what is in force for all, and once more by that together with the
 * tenant's own. Only what both permit is permitted, so that a narrowing takes away whatever its text says. Each tenant has
 * evaluators, a brake and a revision of its own: what one forbids, gets wrong or changes touches no other.
 */

import type { Decision } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { createSerial } from '../execution/serial.ts';
import { createBrake } from '../policy/brake.ts';
import { type ActivatedPolicies, createDecisionPoint } from '../policy/decision-point.ts';
import { deny } from '../policy/judge.ts';
import type { PolicyFile } from '../policy/referee/messages.ts';
import type { AuditLog, DecisionPoint, DecisionRequest } from '../ports.ts';
import type { ActivePolicies } from './active-policies.ts';
import type { AdmitDeps } from './admit-bundle.ts';
import {
  digestNarrowing,
  type Narrowing,
  type NarrowingRecord,
  type NarrowingStore,
  openNarrowing,
} from './narrowing.ts';

export interface NarrowedDeps extends AdmitDeps, NarrowingStore {
  readonly policies: ActivePolicies;
  readonly audit: Pick<AuditLog, 'entries'>;
  /** Told when what is stored of a tenant does not hold; what it does may not fail. */
  readonly alarm: (tenant: string, why: string) => void;
}

export interface NarrowedPolicies extends DecisionPoint {
  /** What is in force for the tenant. */
  of(tenant: string): { readonly narrowing?: Narrowing; readonly problem?: string };
  /** Reads the store again. */
  refresh(): Promise<void>;
  /** Tries policies beside those in force. @throws WayleaveError `CONFIG_INVALID` with what is wrong. */
  admit(tenant: string, files: readonly PolicyFile[]): Promise<void>;
}

interface Sitting {
  readonly narrowing?: Narrowing;
  readonly problem?: string;
}
/** Built for one activation of the provider's policies and one narrowing. */
interface Built {
  readonly key: string;
  readonly point: Promise<ActivatedPolicies>;
}

export async function openNarrowedPolicies(deps: NarrowedDeps): Promise<NarrowedPolicies> {
  const { policies } = deps;
  let sittings = new Map<string, Sitting>();
  const built = new Map<string, Built>();
  const serial = createSerial();

  async function start(tenant: string, files: readonly PolicyFile[]): Promise<ActivatedPolicies> {
    const bundle = policies.inForce()?.bundle;
    if (bundle === undefined) throw new WayleaveError('CHANGES_STOPPED', 'No policies are in force.');
    const shared = bundle.files.filter(({ name }) => name.endsWith('.cedar'));
    const own = files.map(({ name, text }) => ({ name: `${tenant}-${name}`, text }));
    const referee = deps.startReferee();
    try {
      const point = await createDecisionPoint({
        ...{ referee, tools: deps.tools, brake: createBrake(), policies: [...shared, ...own] },
        ...{ observe: bundle.observe, leastApprovals: bundle.approvals.least },
      });
      return point;
    } catch (error) {
      await referee.close();
      throw error;
    }
  }

  function pointFor(tenant: string, { number, files }: Narrowing): Promise<ActivatedPolicies> {
    const key = `${policies.inForce()?.activation.number ?? 0} ${number}`;
    const before = built.get(tenant);
    if (before?.key === key) return before.point;
    const point = start(tenant, files);
    built.set(tenant, { key, point });
    point.catch(() => undefined); // whoever decides by it hears of it
    void before?.point.then((old) => old.close()).catch(() => undefined);
    return point;
  }

  async function read(): Promise<void> {
    const marks = deps.marks.read();
    const records = await deps.records.list();
    const next = new Map<string, Sitting>();
    for (const tenant of new Set([...records.map((one) => one.tenant), ...Object.keys(marks)])) {
      const sitting = await verify(
        deps,
        tenant,
        records.find((one) => one.tenant === tenant),
        marks[tenant] ?? 0,
      );
      if (sitting === undefined) continue;
      next.set(tenant, sitting);
      if (sitting.problem !== undefined && sittings.get(tenant)?.problem !== sitting.problem)
        deps.alarm(tenant, sitting.problem);
    }
    sittings = next;
    const seen = [...next].flatMap(([tenant, { narrowing }]) =>
      narrowing !== undefined && narrowing.number > (marks[tenant] ?? 0) ? [[tenant, narrowing.number] as const] : [],
    );
    if (seen.length > 0) deps.marks.write({ ...marks, ...Object.fromEntries(seen) });
  }

  async function decide(request: DecisionRequest): Promise<Decision> {
    const decision = await policies.decide(request);
    const sitting = sittings.get(request.subject.tenant);
    if (sitting === undefined || decision.effect === 'deny') return decision;
    const { narrowing, problem } = sitting;
    if (problem !== undefined || narrowing === undefined)
      return { ...decision, ...deny(`The tenant's own policies do not hold: ${problem ?? 'they are not there'}.`) };
    if (narrowing.files.length === 0) return decision;
    try {
      return await (await pointFor(request.subject.tenant, narrowing)).decide(request);
    } catch {
      return { ...decision, ...deny("The tenant's own policies cannot be evaluated beside those in force.") };
    }
  }

  await read();
  return {
    decide,
    revision: () => policies.revision(),
    refresh: () => serial.run('narrowings', read),
    of: (tenant) => sittings.get(tenant) ?? {},
    async admit(tenant, files) {
      if (files.length === 0) return;
      const before = new Set((await activeIds(start, tenant, [])).map(({ id }) => id));
      const own = (await activeIds(start, tenant, files)).filter(({ id }) => !before.has(id));
      const wrong = own.flatMap(({ id, effect }) => [
        ...(effect === 'forbid' ? [] : [`${id} permits; a tenant's own policies only forbid`]),
        ...(id.startsWith(`${tenant}-`) ? [] : [`${id} is not called ${tenant}-…`]),
      ]);
      if (wrong.length > 0) throw new WayleaveError('CONFIG_INVALID', wrong.join('; '));
    },
    async close() {
      await Promise.all(
        [...built.values()].map(({ point }) => point.then((one) => one.close()).catch(() => undefined)),
      );
    },
  };
}

async function activeIds(
  start: (tenant: string, files: readonly PolicyFile[]) => Promise<ActivatedPolicies>,
  tenant: string,
  files: readonly PolicyFile[],
): Promise<ActivatedPolicies['policies']> {
  const point = await start(tenant, files);
  await point.close();
  return point.policies;
}

/** Signature, tenant, entry and mark must agree; undefined for a tenant that never had one. */
async function verify(
  { keys, audit }: NarrowedDeps,
  tenant: string,
  record: NarrowingRecord | undefined,
  seen: number,
): Promise<Sitting | undefined> {
  if (record?.signed === undefined)
    return seen === 0 ? undefined : { problem: `number ${seen} was seen here, and the store has none` };
  try {
    const narrowing = openNarrowing(record.signed, keys);
    const [entry] = await audit.entries(narrowing.entry, 1);
    const logged = entry?.kind === 'policy.narrowed' && entry.tenant === tenant ? entry.content : undefined;
    const digest = digestNarrowing(tenant, narrowing.files);
    if (narrowing.tenant !== tenant) return { problem: 'what is stored is of another tenant' };
    if (narrowing.number < seen)
      return { problem: `number ${seen} was seen here, and the store has ${narrowing.number}` };
    if (logged?.['number'] !== narrowing.number || logged['digest'] !== digest)
      return { problem: 'the audit log does not have it where it should be' };
    return { narrowing };
  } catch (error) {
    if (error instanceof WayleaveError && error.code === 'SIGNATURE_INVALID') return { problem: error.message };
    throw error;
  }
}
