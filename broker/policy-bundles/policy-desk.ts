/**
 * The life cycle of policies, for people: sign a folder, propose the bundle, have it activated by somebody else, go back.
 * Two different people decide, both with a role for it at that moment, never through an agent; every step is in the log.
 */
import { unifiedDiff } from '../../protocols/netconf/diff.ts';
import type { Json, Role, Subject } from '../contract.ts';
import { sameDigest, sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Serial } from '../execution/serial.ts';
import { demandSecondFactor } from '../identity/step-up.ts';
import { createBrake } from '../policy/brake.ts';
import type { PolicyFile } from '../policy/referee/messages.ts';
import { buildSchema } from '../policy/schema.ts';
import type { ActivePolicies, ActivePoliciesDeps, InForce } from './active-policies.ts';
import { admitBundle } from './admit-bundle.ts';
import {
  type Bundle,
  type BundleRules,
  digestBundle,
  openActivation,
  openBundle,
  packBundle,
  signActivation,
  signBundle,
} from './bundle.ts';
import { ACTIVE, type BundleRecord } from './policy-store.ts';

export interface PolicyDeskDeps extends ActivePoliciesDeps {
  readonly policies: ActivePolicies;
  readonly serial: Serial;
  readonly factors: { isEnrolled(human: string): Promise<boolean> };
  /** The human's roles in the tenant now; undefined when disabled or unknown. */
  readonly rolesNow: (human: string, tenant: string) => Promise<readonly Role[] | undefined>;
}

/** A bundle as people see it. */
export interface BundleView {
  readonly id: string;
  readonly digest: string;
  readonly status: 'active' | 'proposed' | 'replaced';
  readonly what: string;
  readonly proposedAt: string;
  readonly votes: readonly { readonly human: string; readonly reason: string; readonly at: string }[];
  readonly activations: readonly number[];
  /** Why it does not hold; absent when it does, and the rest is known. */
  readonly broken?: string;
  readonly key?: string;
  readonly observe?: readonly string[];
  readonly leastApprovals?: number;
}

/** With what is in it, and how that differs from what is in force. */
export interface BundleText extends BundleView {
  readonly files: readonly PolicyFile[];
  readonly diff: string;
}

export interface PolicyDesk {
  bundles(subject: Subject): Promise<readonly BundleView[]>;
  bundle(subject: Subject, id: string): Promise<BundleText>;
  sign(subject: Subject, files: readonly PolicyFile[], rules: BundleRules): Promise<{ signed: string; digest: string }>;
  /** Also the first of two votes for it. */
  propose(subject: Subject, signed: string, reason: string): Promise<BundleView>;
  /** The next vote for it; with two, it is in force. */
  activate(subject: Subject, id: string, reason: string): Promise<BundleView>;
  /** Proposes what was in force before. */
  rollback(subject: Subject, reason: string): Promise<BundleView>;
  /** Proposes what is in force with one policy watched only, or deciding again. */
  setMode(subject: Subject, policy: string, mode: 'enforce' | 'observe', reason: string): Promise<BundleView>;
  retireKey(subject: Subject, key: string): Promise<void>;
  /** A new key signs; whatever is stored is signed anew. */
  rotateKeys(): Promise<void>;
}

/** How many different people bring policies into force. */
const ACTIVATORS = 2;
/** Roles that may sign, propose and activate: a bundle decides for every tenant, so that nobody of one tenant may change it. */
export const POLICY_KEEPERS: readonly Role[] = ['provider-admin'];
/** Roles that may read the rules, and ask what they would decide. */
export const POLICY_READERS: readonly Role[] = [...POLICY_KEEPERS, 'tenant-admin', 'security-analyst', 'auditor'];

export function createPolicyDesk(deps: PolicyDeskDeps): PolicyDesk {
  const { policies, store, keys, audit, clock } = deps;
  const alone = <T>(work: () => Promise<T>): Promise<T> => deps.serial.run('policy', work);

  const record = (subject: Subject, kind: string, content: { readonly [key: string]: Json }): Promise<number> => {
    const { tenant, human, session } = subject;
    return audit.append({ at: new Date(clock.now()).toISOString(), tenant, kind, human, session, content });
  };

  async function demandKeeper(subject: Subject): Promise<void> {
    demandRole(subject, POLICY_KEEPERS);
    await demandSecondFactor(deps.factors, subject, clock.now());
  }

  const baseNow = (): string => policies.inForce()?.activation.digest ?? '';

  /** Casts a vote: in the log, then with the record, where it names its entry. */
  async function vote(subject: Subject, before: BundleRecord, reason: string): Promise<BundleRecord> {
    const fresh = before.votes.length === 0;
    const base = fresh ? baseNow() : before.base;
    const entry = await record(subject, 'policy.vote', { bundle: before.id, digest: before.digest, base, reason });
    const { human, tenant } = subject;
    const cast = { human, tenant, reason, at: new Date(clock.now()).toISOString(), entry };
    return store.bundles.update(before.id, (latest) => ({
      ...(latest ?? before),
      ...{ base, votes: [...(fresh ? [] : (latest ?? before).votes), cast] },
    }));
  }

  /** Tries it before anybody is asked: what cannot be in force is not proposed. */
  async function enter(
    subject: Subject,
    bundle: Bundle,
    signed: string,
    what: string,
    reason: string,
  ): Promise<BundleView> {
    await refusing(subject, digestBundle(bundle), async () => {
      const point = await admitBundle(deps, bundle, createBrake());
      await point.close();
    });
    const digest = digestBundle(bundle);
    if (policies.problem() === undefined && sameDigest(digest, baseNow()))
      throw new WayleaveError('CONFLICT', 'This bundle is in force.');
    const at = new Date(clock.now()).toISOString();
    const proposed: BundleRecord = {
      ...{ id: deps.ids.id('pol'), digest, signed, base: baseNow(), votes: [], shipped: false },
      ...{ what, proposedAt: at, activations: [] },
    };
    return view(await vote(subject, proposed, reason));
  }

  /** A refusal of what somebody wanted in force is in the log, too. */
  async function refusing<T>(subject: Subject, digest: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const why = error instanceof WayleaveError ? error.message : 'an unexpected error';
      await record(subject, 'policy.refused', { digest, reason: why.slice(0, 1000) });
      throw error;
    }
  }

  /** People whose vote stands: in the log, and with the role for it at this moment. */
  async function standingVoters({ votes, id, digest }: BundleRecord): Promise<readonly string[]> {
    const standing = new Set<string>();
    for (const { human, tenant, entry } of votes) {
      const [logged] = await audit.entries(entry, 1);
      const cast = logged?.kind === 'policy.vote' && logged.human === human && logged.tenant === tenant;
      if (!cast || logged.content['bundle'] !== id || logged.content['digest'] !== digest) continue;
      const roles = await deps.rolesNow(human, tenant);
      if (roles?.some((role) => POLICY_KEEPERS.includes(role))) standing.add(human);
    }
    return [...standing];
  }

  function view(found: BundleRecord): BundleView {
    const { id, digest, what, proposedAt, activations } = found;
    const active = policies.inForce()?.activation.bundle === id;
    const waits = found.votes.length > 0 || activations.length === 0;
    const status = active ? 'active' : waits ? 'proposed' : 'replaced';
    const votes = found.votes.map(({ human, reason, at }) => ({ human, reason, at }));
    const head = { id, digest, status, what, proposedAt, votes, activations } as const;
    try {
      const { content, key } = openStored(found);
      return { ...head, key, observe: content.observe, leastApprovals: content.approvals.least };
    } catch (error) {
      return { ...head, broken: error instanceof WayleaveError ? error.message : 'it cannot be read' };
    }
  }

  function openStored(found: BundleRecord) {
    const opened = openBundle(found.signed, keys);
    if (!sameDigest(digestBundle(opened.content), found.digest))
      throw new WayleaveError('SIGNATURE_INVALID', 'The stored bundle is not the one that was proposed.');
    return opened;
  }

  async function find(id: string): Promise<BundleRecord> {
    const found = await store.bundles.get(id);
    if (found === undefined) throw new WayleaveError('NOT_FOUND', 'There is no such bundle.');
    return found;
  }

  return {
    async bundles(subject) {
      demandRole(subject, POLICY_READERS);
      return (await store.bundles.list()).map(view).toSorted((a, b) => (a.proposedAt < b.proposedAt ? 1 : -1));
    },
    async bundle(subject, id) {
      demandRole(subject, POLICY_READERS);
      const found = await find(id);
      const { content } = openStored(found);
      return { ...view(found), files: content.files, diff: diffBundles(policies.inForce(), content) };
    },
    async sign(subject, files, rules) {
      await demandKeeper(subject);
      const bundle = packBundle(files, rules, buildSchema(deps.tools));
      const digest = digestBundle(bundle);
      await record(subject, 'policy.signed', { digest, key: keys.current().thumbprint });
      return { signed: signBundle(bundle, keys), digest };
    },
    propose: (subject, signed, reason) =>
      alone(async () => {
        await demandKeeper(subject);
        const { content } = await refusing(subject, sha256(signed), async () => openBundle(signed, keys));
        return enter(subject, content, signed, 'a signed folder', reason);
      }),
    activate: (subject, id, reason) =>
      alone(async () => {
        await demandKeeper(subject);
        const found = await find(id);
        if (policies.problem() === undefined && policies.inForce()?.activation.bundle === id)
          throw new WayleaveError('APPROVAL_CLOSED', 'This bundle is in force.');
        if (found.votes.some(({ human }) => human === subject.human))
          throw new WayleaveError('DENIED', 'You have voted for it already; somebody else must, too.');
        if (found.votes.length > 0 && found.base !== baseNow())
          throw new WayleaveError('DRIFT', 'Other policies are in force since this was proposed. Propose it again.');
        const voted = await vote(subject, found, reason);
        const people = await standingVoters(voted);
        if (people.length < ACTIVATORS) return view(voted);
        const { tenant, human, session } = subject;
        await refusing(subject, voted.digest, async () => {
          const { content } = openStored(voted);
          return policies.activate(voted, content, { tenant, human, session, people, reason });
        });
        return view(await find(id));
      }),
    rollback: (subject, reason) =>
      alone(async () => {
        await demandKeeper(subject);
        const now = policies.inForce()?.activation;
        const earlier = (await store.bundles.list())
          .filter((one) => one.digest !== now?.digest && one.activations.length > 0 && view(one).broken === undefined)
          .toSorted((a, b) => Math.max(...b.activations) - Math.max(...a.activations))[0];
        if (earlier === undefined) throw new WayleaveError('NOT_FOUND', 'Nothing else was in force before.');
        return view(await vote(subject, { ...earlier, votes: [] }, reason));
      }),
    setMode: (subject, policy, mode, reason) =>
      alone(async () => {
        await demandKeeper(subject);
        const now = policies.inForce()?.bundle;
        if (now === undefined) throw new WayleaveError('CHANGES_STOPPED', 'No policies are in force.');
        const others = now.observe.filter((id) => id !== policy);
        const observe = mode === 'observe' ? [...others, policy] : others;
        const bundle = packBundle(now.files, { observe, approvals: now.approvals }, buildSchema(deps.tools));
        return enter(subject, bundle, signBundle(bundle, keys), `${mode} ${policy}`, reason);
      }),
    retireKey: (subject, key) =>
      alone(async () => {
        await demandKeeper(subject);
        await record(subject, 'policy.key-retired', { key });
        keys.retire(key);
      }),
    rotateKeys: () =>
      alone(async () => {
        keys.rotate();
        for (const found of await store.bundles.list()) {
          if (view(found).broken !== undefined) continue;
          const signed = signBundle(openStored(found).content, keys);
          await store.bundles.update(found.id, (latest) => ({ ...(latest ?? found), signed }));
        }
        await store.active.update(ACTIVE, (before) => {
          if (before === undefined) throw new WayleaveError('CHANGES_STOPPED', 'No policies are in force.');
          return { signed: signActivation(openActivation(before.signed, keys).content, keys) };
        });
      }),
  };
}

/** @throws WayleaveError `DENIED` also for an agent: rules are for people. */
export function demandRole(subject: Subject, roles: readonly Role[]): void {
  if (subject.agent !== undefined || !subject.roles.some((role) => roles.includes(role)))
    throw new WayleaveError('DENIED', `This needs one of the roles ${roles.join(', ')}.`);
}

/** File by file, and what is only observed, as a unified diff. */
function diffBundles(now: InForce | undefined, next: Bundle): string {
  const before = now?.bundle;
  const rules = (bundle: Bundle | undefined): string =>
    bundle === undefined
      ? ''
      : `approvals: at least ${bundle.approvals.least}\n${bundle.observe.map((id) => `observe: ${id}\n`).join('')}`;
  const names = new Set([...(before?.files ?? []), ...next.files].map(({ name }) => name));
  const textOf = (bundle: Bundle | undefined, name: string): string =>
    bundle?.files.find((file) => file.name === name)?.text ?? '';
  return [
    ...[...names].sort().map((name) => unifiedDiff(textOf(before, name), textOf(next, name), name)),
    unifiedDiff(rules(before), rules(next), 'rules'),
  ]
    .filter((text) => text !== '')
    .join('\n');
}
