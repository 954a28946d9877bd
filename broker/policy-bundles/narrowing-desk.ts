/** What people of a tenant do about its own policies: propose what they forbid, and have somebody else of the tenant bring it into force. */
import { unifiedDiff } from '../../protocols/netconf/diff.ts';
import type { Json, Role, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Serial } from '../execution/serial.ts';
import type { PolicyFile } from '../policy/referee/messages.ts';
import type { AuditLog, Clock } from '../ports.ts';
import type { NarrowedPolicies } from './narrowed-policies.ts';
import {
  digestNarrowing,
  type NarrowingRecord,
  type NarrowingStore,
  openNarrowing,
  packNarrowing,
  signNarrowing,
} from './narrowing.ts';

/** Roles of a tenant that may narrow what its people and agents may, and those that may look. */
const KEEPERS: readonly Role[] = ['tenant-admin', 'security-analyst'];
const READERS: readonly Role[] = [...KEEPERS, 'auditor', 'provider-admin'];
/** How many different people of the tenant bring it into force. */
const ACTIVATORS = 2;

export interface NarrowingView {
  readonly tenant: string;
  /** 0 before the first. */
  readonly number: number;
  readonly files: readonly PolicyFile[];
  /** Why nothing is permitted to the tenant. */
  readonly problem?: string;
  readonly proposal?: {
    readonly digest: string;
    readonly files: readonly PolicyFile[];
    readonly diff: string;
    readonly votes: readonly { readonly human: string; readonly reason: string; readonly at: string }[];
  };
}

/** Every method answers within the person's own tenant. All throw `WayleaveError`. */
export interface NarrowingDesk {
  view(subject: Subject): Promise<NarrowingView>;
  /** No files withdraw what is in force. Also the first of two votes. */
  propose(subject: Subject, files: readonly PolicyFile[], reason: string): Promise<NarrowingView>;
  /** `digest` is of what the person read. */
  activate(subject: Subject, digest: string, reason: string): Promise<NarrowingView>;
  /** Signs everything with the key that signs now. */
  resign(): Promise<void>;
}

export interface NarrowingDeskDeps extends NarrowingStore {
  readonly narrowed: NarrowedPolicies;
  readonly audit: Pick<AuditLog, 'append' | 'entries'>;
  readonly clock: Clock;
  readonly serial: Serial;
  readonly demandSecondFactor: (subject: Subject) => Promise<void>;
  readonly rolesNow: (human: string, tenant: string) => Promise<readonly Role[] | undefined>;
}

export function createNarrowingDesk(deps: NarrowingDeskDeps): NarrowingDesk {
  const { audit, keys, narrowed, records } = deps;
  const now = (): string => new Date(deps.clock.now()).toISOString();
  const alone = <T>(tenant: string, work: () => Promise<T>): Promise<T> => deps.serial.run(`narrowing ${tenant}`, work);

  const record = ({ tenant, human, session }: Subject, kind: string, content: { readonly [key: string]: Json }) =>
    audit.append({ at: now(), tenant, kind, human, session, content });

  async function demandKeeper(subject: Subject): Promise<void> {
    demandRole(subject, KEEPERS);
    await deps.demandSecondFactor(subject);
  }
  const change = (tenant: string, after: (before: NarrowingRecord) => NarrowingRecord): Promise<NarrowingRecord> =>
    records.update(tenant, (before) => after(before ?? { tenant }));

  async function view(tenant: string): Promise<NarrowingView> {
    const { narrowing, problem } = narrowed.of(tenant);
    const files = narrowing?.files ?? [];
    const proposal = (await records.get(tenant))?.proposal;
    return {
      ...{ tenant, number: narrowing?.number ?? 0, files },
      ...(problem === undefined ? {} : { problem }),
      ...(proposal === undefined
        ? {}
        : {
            proposal: {
              ...{ digest: proposal.digest, files: proposal.files, diff: diffFiles(files, proposal.files) },
              votes: proposal.votes.map(({ human, reason, at }) => ({ human, reason, at })),
            },
          }),
    };
  }

  /** Whose vote is in the log, and who has a role for it at this moment. */
  async function standing(tenant: string, { digest, votes }: NonNullable<NarrowingRecord['proposal']>) {
    const people = new Set<string>();
    for (const { human, entry } of votes) {
      const [logged] = await audit.entries(entry, 1);
      const cast = logged?.kind === 'policy.narrowing-vote' && logged.human === human && logged.tenant === tenant;
      if (!cast || logged.content['digest'] !== digest) continue;
      if ((await deps.rolesNow(human, tenant))?.some((role) => KEEPERS.includes(role))) people.add(human);
    }
    return [...people];
  }

  return {
    async view(subject) {
      demandRole(subject, READERS);
      return view(subject.tenant);
    },
    propose: (subject, given, reason) =>
      alone(subject.tenant, async () => {
        await demandKeeper(subject);
        const { tenant, human } = subject;
        const files = packNarrowing(given);
        const digest = digestNarrowing(tenant, files);
        await narrowed.admit(tenant, files);
        const base = narrowed.of(tenant).narrowing?.number ?? 0;
        const entry = await record(subject, 'policy.narrowing-vote', { digest, base, reason });
        const votes = [{ human, reason, at: now(), entry }];
        await change(tenant, (before) => ({ ...before, proposal: { files, digest, base, votes } }));
        return view(tenant);
      }),
    activate: (subject, digest, reason) =>
      alone(subject.tenant, async () => {
        await demandKeeper(subject);
        const { tenant, human } = subject;
        const before = await records.get(tenant);
        const proposal = before?.proposal;
        if (proposal === undefined || !sameDigest(proposal.digest, digest))
          throw new WayleaveError('NOT_FOUND', 'Nothing of that digest is proposed.');
        // What the store says is not believed: the digest that people voted for is of these files or of none.
        if (!sameDigest(digestNarrowing(tenant, proposal.files), digest))
          throw new WayleaveError('SIGNATURE_INVALID', 'What is stored is not what was proposed.');
        if (proposal.votes.some((one) => one.human === human))
          throw new WayleaveError('DENIED', 'You have voted for it already; somebody else must, too.');
        const current = narrowed.of(tenant).narrowing?.number ?? 0;
        if (proposal.base !== current)
          throw new WayleaveError('DRIFT', 'Something else is in force since this was proposed. Propose it again.');
        const cast = await record(subject, 'policy.narrowing-vote', { digest, base: proposal.base, reason });
        const voted = { ...proposal, votes: [...proposal.votes, { human, reason, at: now(), entry: cast }] };
        const people = await standing(tenant, voted);
        if (people.length < ACTIVATORS) {
          await change(tenant, (latest) => ({ ...latest, proposal: voted }));
          return view(tenant);
        }
        await narrowed.admit(tenant, proposal.files);
        const number = Math.max(current, deps.marks.read()[tenant] ?? 0) + 1;
        const entry = await record(subject, 'policy.narrowed', { number, digest, people, reason });
        const { files } = proposal;
        const narrowing = { form: 'wayleave-narrowing/1' as const, tenant, number, files, at: now(), entry };
        await change(tenant, () => ({ tenant, signed: signNarrowing(narrowing, keys) }));
        await narrowed.refresh();
        return view(tenant);
      }),
    async resign() {
      for (const { tenant } of await records.list())
        await change(tenant, (before) => {
          if (before.signed === undefined || narrowed.of(tenant).problem !== undefined) return before;
          return { ...before, signed: signNarrowing(openNarrowing(before.signed, keys), keys) };
        });
    },
  };
}

function demandRole(subject: Subject, roles: readonly Role[]): void {
  if (subject.agent !== undefined || !subject.roles.some((role) => roles.includes(role)))
    throw new WayleaveError('DENIED', `This needs one of the roles ${roles.join(', ')}.`);
}

function diffFiles(before: readonly PolicyFile[], after: readonly PolicyFile[]): string {
  const textOf = (files: readonly PolicyFile[], name: string): string =>
    files.find((file) => file.name === name)?.text ?? '';
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return names
    .map((name) => unifiedDiff(textOf(before, name), textOf(after, name), name))
    .filter((text) => text !== '')
    .join('\n');
}
