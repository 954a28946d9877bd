/** What people do about upstream servers: see what they offer, approve it four-eyed, stop it at once, and leave one. */
import type { Role, Subject } from '../contract.ts';
import { sameDigest } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock } from '../ports.ts';
import type { Federation } from './federation.ts';
import { approvePin, diffPin, type PinnedTool, pinOf, quarantinePin, stateOf, type ToolState } from './pins.ts';
import { placeOf, type UpstreamServer } from './server-list.ts';

/** Roles that may approve what a server offers, or stop it: those that look after agents. */
export const UPSTREAM_KEEPERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst'];

export interface ToolReport {
  readonly tool: string;
  readonly state: ToolState;
  readonly digest: string;
  /** Its whole definition, as JSON; text of others. */
  readonly definition: string;
  readonly warnings: readonly string[];
  /** It does not say that it only reads: who approves it must say so. */
  readonly undeclared: boolean;
  readonly votes: readonly { readonly human: string; readonly reason: string; readonly at: string }[];
  readonly why?: string;
  /** Lines that differ from what was approved. */
  readonly diff: readonly string[];
}

export interface ServerReport {
  readonly server: string;
  /** Its URL, or the program and its arguments. */
  readonly url: string;
  readonly domain: string;
  readonly budget: UpstreamServer['budget'];
  /** Whether it is asked with a credential; which one is told to nobody. */
  readonly credential: boolean;
  readonly seenAt?: string;
  readonly problem?: string;
  readonly tools: readonly ToolReport[];
}

export interface WantedPin {
  readonly tool: string;
  readonly digest: string;
}

/** Every method takes an authenticated human and answers within their tenant. All throw `WayleaveError`. */
export interface UpstreamDesk {
  list(subject: Subject): Promise<readonly ServerReport[]>;
  /** Looks at the server anew. */
  show(subject: Subject, server: string): Promise<ServerReport>;
  /** `readsOnly` is the approver's own statement about tools that do not declare it. */
  approve(
    subject: Subject,
    server: string,
    pins: readonly WantedPin[],
    given: { readonly reason: string; readonly readsOnly: boolean },
  ): Promise<ServerReport>;
  /** Of all its tools when none is named. */
  quarantine(subject: Subject, server: string, tool: string | undefined, reason: string): Promise<ServerReport>;
  /** Forgets what was approved: the server begins anew, with nothing. */
  remove(subject: Subject, server: string, reason: string): Promise<ServerReport>;
}

export interface UpstreamDeskDeps {
  readonly federation: Federation;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  /** Throws `STEP_UP_REQUIRED` for who has a second factor and has not shown it. */
  readonly demandSecondFactor: (subject: Subject) => Promise<void>;
}

export function createUpstreamDesk(deps: UpstreamDeskDeps): UpstreamDesk {
  const { federation } = deps;
  const now = (): string => new Date(deps.clock.now()).toISOString();

  function serverOf(subject: Subject, name: string): UpstreamServer {
    demandPerson(subject);
    const server = federation.servers(subject.tenant).find((one) => one.name === name);
    if (server === undefined) throw new WayleaveError('NOT_FOUND', 'There is no such upstream server here.');
    return server;
  }

  function report(server: UpstreamServer): ServerReport {
    const { name, domain, budget, credential } = server;
    const { seenAt, problem, tools } = federation.pins(server.tenant, name);
    return {
      ...{ server: name, url: placeOf(server), domain, budget, credential: credential !== undefined },
      ...(seenAt === undefined ? {} : { seenAt }),
      ...(problem === undefined ? {} : { problem }),
      tools: Object.entries(tools).map(([tool, pin]) => reportTool(tool, pin, federation.collides(server, tool))),
    };
  }

  /** In the log before it counts. */
  const record = (subject: Subject, kind: string, content: { readonly [key: string]: string | boolean }) => {
    const { tenant, human, session } = subject;
    return deps.audit.append({ at: now(), tenant, kind, human, session, content });
  };

  return {
    async list(subject) {
      demandPerson(subject);
      return federation.servers(subject.tenant).map(report);
    },
    async show(subject, name) {
      const server = serverOf(subject, name);
      await federation.look(server);
      return report(server);
    },
    async approve(subject, name, wanted, { reason, readsOnly }) {
      const server = serverOf(subject, name);
      demandKeeper(subject);
      await deps.demandSecondFactor(subject);
      const { problem } = await federation.look(server); // what is approved is what it says now
      if (problem !== undefined) throw new WayleaveError('UPSTREAM_UNREACHABLE', problem);
      const vote = { human: subject.human, reason, at: now(), states: readsOnly };
      const decide = (one: WantedPin): PinnedTool => {
        const pin = pinOf(federation.pins(server.tenant, name), one.tool);
        demandApprovable(federation, server, one, pin, vote);
        return pin;
      };
      for (const one of wanted) decide(one); // all or none
      for (const one of wanted)
        await record(subject, 'upstream.vote', {
          server: name,
          ...one,
          reason,
          readsOnly,
          undeclared: decide(one).seen?.undeclared ?? true,
        });
      await federation.change(server, (latest) => {
        const approved = wanted.map((one) => {
          const pin = pinOf(latest, one.tool);
          demandApprovable(federation, server, one, pin, vote);
          return [one.tool, approvePin(pin, vote)] as const;
        });
        return { ...latest, tools: { ...latest.tools, ...Object.fromEntries(approved) } };
      });
      return report(server);
    },
    async quarantine(subject, name, tool, reason) {
      const server = serverOf(subject, name);
      demandKeeper(subject);
      const { tools } = federation.pins(server.tenant, name);
      if (tool !== undefined && !Object.hasOwn(tools, tool))
        throw new WayleaveError('NOT_FOUND', 'This server has no such tool.');
      await record(subject, 'upstream.quarantined', { server: name, tool: tool ?? '*', why: reason });
      const at = now();
      await federation.change(server, (latest) => ({
        ...latest,
        tools: Object.fromEntries(
          Object.entries(latest.tools).map(([each, pin]) => [
            each,
            tool === undefined || tool === each ? quarantinePin(pin, `${subject.human}: ${reason}`, at) : pin,
          ]),
        ),
      }));
      return report(server);
    },
    async remove(subject, name, reason) {
      const server = serverOf(subject, name);
      demandKeeper(subject);
      await record(subject, 'upstream.removed', { server: name, reason });
      await federation.change(server, ({ tenant }) => ({ tenant, server: name, tools: {} }));
      return report(server);
    },
  };
}

function reportTool(tool: string, pin: PinnedTool, collides: boolean): ToolReport {
  const { seen, pinned, quarantine, votes } = pin;
  const one = seen ?? pinned;
  const why = quarantine?.why ?? seen?.refused ?? (collides ? 'a tool of another server has this name' : undefined);
  return {
    tool,
    state: collides && stateOf(pin) === 'offered' ? 'refused' : stateOf(pin),
    digest: one?.digest ?? '',
    definition: one?.text ?? '',
    warnings: one?.warnings ?? [],
    undeclared: one?.undeclared ?? true,
    votes: votes.map(({ human, reason, at }) => ({ human, reason, at })),
    ...(why === undefined ? {} : { why }),
    diff: pinned === undefined ? [] : diffPin(pin),
  };
}

/** Servers are a matter of people: an agent neither sees nor adds one. */
function demandPerson(subject: Subject): void {
  if (subject.agent !== undefined || subject.lookOnly !== undefined || subject.roles.length === 0)
    throw new WayleaveError('DENIED', 'Upstream servers are looked after by people.');
}

function demandKeeper(subject: Subject): void {
  if (!subject.roles.some((role) => UPSTREAM_KEEPERS.includes(role)))
    throw new WayleaveError('DENIED', `This needs one of the roles ${UPSTREAM_KEEPERS.join(', ')}.`);
}

function demandApprovable(
  federation: Federation,
  server: UpstreamServer,
  { tool, digest }: WantedPin,
  pin: PinnedTool | undefined,
  { human, states }: { readonly human: string; readonly states: boolean },
): asserts pin is PinnedTool {
  const seen = pin?.seen;
  if (pin === undefined || seen === undefined || !sameDigest(seen.digest, digest))
    throw new WayleaveError('NOT_FOUND', `${server.name} has no tool ${tool} with this digest now. Look at it again.`);
  const state = stateOf(pin);
  if (state === 'offered') throw new WayleaveError('APPROVAL_CLOSED', `${tool} is approved already.`);
  if (seen.refused !== undefined) throw new WayleaveError('DENIED', `${tool} cannot be offered: ${seen.refused}.`);
  if (federation.collides(server, tool))
    throw new WayleaveError('DENIED', `A tool of another server has the name of ${tool}.`);
  if (seen.undeclared && !states)
    throw new WayleaveError('DENIED', `${tool} does not say that it only reads: who approves it must state it.`);
  if (pin.votes.some((vote) => vote.human === human))
    throw new WayleaveError('DENIED', 'You have approved it already; somebody else must, too.');
}
