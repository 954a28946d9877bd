/**
 * The agents that may act: what the supervisor launched, as far as people approved that version. The first version of an
 * agent is approved by being shipped; another one waits for two people, and one person can stop an agent at any time.
 */
import { z } from 'zod';
import type { PublicJwk } from '../../protocols/oauth/jwk.ts';
import { AGENTS, type AgentName, type Role, type Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import { type ModelClass, readModelClass } from '../models/tenant-models.ts';
import type { AuditLog, Clock } from '../ports.ts';
import type { KeyedRecords } from './keyed-records.ts';
import type { Launch, LaunchedAgent } from './launch-statement.ts';
import type { Revocation } from './revocation.ts';

/** How many different people approve a version that was not shipped first. */
const APPROVERS = 2;
/** Roles that may approve a version of an agent, which then acts for every tenant; and that may stop it, which is safe for all. */
export const AGENT_KEEPERS: readonly Role[] = ['provider-admin'];
const STOPPERS: readonly Role[] = [...AGENT_KEEPERS, 'tenant-admin', 'security-analyst'];

const vote = z.strictObject({ human: z.string(), reason: z.string(), at: z.string() });

/** One version of an agent that was launched here at some time. */
export const agentVersion = z.strictObject({
  agent: z.enum(AGENTS),
  digest: z.string(),
  parts: z.record(z.string(), z.string()),
  /** Thumbprint of the key that signed its launch statement. */
  launchKey: z.string(),
  status: z.enum(['approved', 'pending', 'stopped']),
  votes: z.array(vote).readonly(),
  /** Nobody voted: it came with the first start. */
  shipped: z.boolean(),
  firstSeenAt: z.string(),
});
export type AgentVersion = Readonly<z.infer<typeof agentVersion>>;

/** `digest` covers the launched code, prompts, model and tool manifest; it proves what was launched, not what now runs. */
export interface RegisteredAgent {
  readonly agent: AgentName;
  readonly digest: string;
  readonly jwks: readonly PublicJwk[];
  /** The language model that it was launched with, as the signed statement says. */
  readonly model: ModelClass;
}

/** What authentication asks, at every call; it answers from memory. */
export interface AgentRegistry {
  /** The agent as it runs now, if that version is approved. */
  find(name: string): RegisteredAgent | undefined;
  /** Every agent that runs now, approved or not, with its keys: an unapproved one may say who it is, and nothing more. */
  launched(): readonly RegisteredAgent[];
}

/** A version as people see it: `running` says whether it is the one launched now, `changed` the parts that differ from the one approved last. */
export interface AgentReport extends AgentVersion {
  /** The language model that it was launched with. */
  readonly model: ModelClass;
  readonly running: boolean;
  readonly changed: readonly string[];
}

export interface AgentDesk extends AgentRegistry {
  list(): Promise<readonly AgentReport[]>;
  approve(subject: Subject, agent: string, digest: string, reason: string): Promise<AgentVersion>;
  stop(subject: Subject, agent: string, reason: string): Promise<AgentVersion>;
  /** Other keys of the same agents, while they rotate. */
  replaceKeys(agents: readonly Pick<RegisteredAgent, 'agent' | 'jwks'>[]): void;
  /** Reads again what another broker may have changed. */
  reload(): Promise<void>;
}

export interface AgentDeskDeps {
  readonly versions: KeyedRecords<AgentVersion>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly revocation: Revocation;
}

const keyOf = ({ agent, digest, launchKey }: Pick<AgentVersion, 'agent' | 'digest' | 'launchKey'>): string =>
  `${agent} ${digest} ${launchKey}`;

/** Enters what was launched: as approved when it is the agent's first version here, else as one that waits for people. */
export async function openAgentDesk(deps: AgentDeskDeps, launch: Launch): Promise<AgentDesk> {
  let running: readonly LaunchedAgent[] = launch.agents;
  let known = new Map<string, AgentVersion>();
  const now = (): string => new Date(deps.clock.now()).toISOString();
  const versionKey = ({ agent, digest }: LaunchedAgent): string => keyOf({ agent, digest, launchKey: launch.key });

  async function load(): Promise<void> {
    known = new Map((await deps.versions.list()).map((version) => [keyOf(version), version]));
  }

  async function record(kind: string, version: AgentVersion, more: object, subject?: Subject): Promise<void> {
    const { agent, digest, launchKey, status, shipped } = version;
    await deps.audit.append({
      at: now(),
      tenant: subject?.tenant ?? '-',
      kind,
      agent,
      ...(subject === undefined ? {} : { human: subject.human, session: subject.session }),
      content: { digest, launchKey, status, shipped, parts: version.parts, ...more },
    });
  }

  await load();
  for (const one of running) {
    if (known.has(versionKey(one))) continue;
    const shipped = ![...known.values()].some(({ agent }) => agent === one.agent);
    const version: AgentVersion = {
      agent: one.agent,
      digest: one.digest,
      parts: one.parts,
      launchKey: launch.key,
      status: shipped ? 'approved' : 'pending',
      votes: [],
      shipped,
      firstSeenAt: now(),
    };
    // The log has it before it counts.
    await record(shipped ? 'agent.shipped' : 'agent.pending', version, { changed: changedParts(version, known) });
    await deps.versions.update(versionKey(one), (before) => before ?? version);
  }
  await load();

  async function change(
    subject: Subject,
    key: string,
    kind: string,
    reason: string,
    decide: (before: AgentVersion) => AgentVersion,
  ): Promise<AgentVersion> {
    const before = await deps.versions.get(key);
    if (before === undefined) throw new WayleaveError('NOT_FOUND', 'There is no such version of an agent.');
    await record(kind, decide(before), { reason }, subject);
    const after = await deps.versions.update(key, (latest) => decide(latest ?? before));
    await deps.revocation.bump();
    await load();
    return after;
  }

  return {
    find(name) {
      const one = running.find(({ agent }) => agent === name);
      if (one === undefined || known.get(versionKey(one))?.status !== 'approved') return undefined;
      return { agent: one.agent, digest: one.digest, jwks: one.jwks, model: readModelClass(one.parts) };
    },
    launched: () => running.map((one) => ({ ...one, model: readModelClass(one.parts) })),
    list: async () => {
      await load();
      const active = new Set(running.map(versionKey));
      return [...known].map(([key, version]) => ({
        ...version,
        model: readModelClass(version.parts),
        running: active.has(key),
        changed: changedParts(version, known),
      }));
    },
    async approve(subject, agent, digest, reason) {
      demandRole(subject, AGENT_KEEPERS);
      const one = running.find((each) => each.agent === agent && sameDigest(each.digest, digest));
      if (one === undefined) throw new WayleaveError('NOT_FOUND', 'No agent with this digest is running.');
      return change(subject, versionKey(one), 'agent.vote', reason, (before) => {
        if (before.status === 'approved')
          throw new WayleaveError('APPROVAL_CLOSED', 'This version is approved already.');
        if (before.votes.some(({ human }) => human === subject.human))
          throw new WayleaveError('DENIED', 'You have approved it already; somebody else must, too.');
        const votes = [...before.votes, { human: subject.human, reason, at: now() }];
        return { ...before, votes, status: votes.length >= APPROVERS ? 'approved' : 'pending' };
      });
    },
    async stop(subject, agent, reason) {
      demandRole(subject, STOPPERS);
      const one = running.find((each) => each.agent === agent);
      if (one === undefined) throw new WayleaveError('NOT_FOUND', 'No such agent is running.');
      return change(subject, versionKey(one), 'agent.stopped', reason, (before) => ({
        ...before,
        status: 'stopped',
        votes: [], // to start it again takes two people again
      }));
    },
    replaceKeys: (agents) => {
      running = running.map((one) => ({
        ...one,
        jwks: agents.find(({ agent }) => agent === one.agent)?.jwks ?? one.jwks,
      }));
    },
    reload: load,
  };
}

function demandRole(subject: Subject, roles: readonly Role[]): void {
  if (subject.agent !== undefined || !subject.roles.some((role) => roles.includes(role)))
    throw new WayleaveError('DENIED', `This needs one of the roles ${roles.join(', ')}.`);
}

/** Names of the parts in which a version differs from the approved one that was seen last. */
function changedParts(version: AgentVersion, known: ReadonlyMap<string, AgentVersion>): readonly string[] {
  const earlier = [...known.values()]
    .filter((one) => one.agent === version.agent && one.status === 'approved' && keyOf(one) !== keyOf(version))
    .toSorted((a, b) => (a.firstSeenAt < b.firstSeenAt ? 1 : -1))[0];
  if (earlier === undefined) return [];
  const names = new Set([...Object.keys(earlier.parts), ...Object.keys(version.parts)]);
  const parts = [...names].filter((name) => earlier.parts[name] !== version.parts[name]);
  return earlier.launchKey === version.launchKey ? parts.toSorted() : [...parts.toSorted(), 'launch key'];
}
