/**
 * The federation: MCP servers of others, each for one tenant, whose approved tools are tools of the broker.
 *
 * Nothing is offered before people approved it, and a call reaches a tool only when its server says of it, in the same
 * conversation, exactly what they approved. Every difference is written down before anything else happens.
 */
import type { Tool } from '../../tools/tool.ts';
import type { Json } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import { createTokenBuckets, type TokenBuckets } from '../limits/token-bucket.ts';
import type { AuditLog, Clock } from '../ports.ts';
import { type CallResult, type ContactDeps, converse } from './contact.ts';
import { MAX_TOOLS, readDefinitions, readPinned, squashName, toolName } from './definition.ts';
import { findMismatch } from './json-schema.ts';
import { observe, pinOf, type ServerPins, stateOf } from './pins.ts';
import { serverKey, type UpstreamServer } from './server-list.ts';
import { upstreamTool } from './upstream-tool.ts';

export interface FederationDeps extends ContactDeps {
  readonly servers: readonly UpstreamServer[];
  readonly pins: KeyedRecords<ServerPins>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  /** Names of the broker's own tools. */
  readonly ownTools: readonly string[];
}

/** What the pipeline knows of it. */
export interface UpstreamTools {
  /** Tools that are offered now; from memory. */
  offered(tenant: string): readonly Tool[];
  /** Why a name that looks like one of theirs is none now, for the log; undefined when it never was one. */
  whyWithheld(tenant: string, name: string): string | undefined;
  /**
   * Calls a tool and answers what it said as rows of text. Errors: `NOT_FOUND` when it is not what was approved (any more),
   * `LIMITED`, `UPSTREAM_UNREACHABLE`, `UPSTREAM_PROTOCOL`.
   */
  call(tenant: string, server: string, tool: string, args: { readonly [key: string]: Json }): Promise<Json>;
}

export interface Federation extends UpstreamTools {
  servers(tenant: string): readonly UpstreamServer[];
  pins(tenant: string, server: string): ServerPins;
  /** Asks a server for its tools now. What goes wrong is kept as its problem. */
  look(server: UpstreamServer): Promise<ServerPins>;
  lookAtAll(): Promise<void>;
  /** Changes what is kept of a server, on the latest of it. */
  change(server: UpstreamServer, decide: (before: ServerPins) => ServerPins): Promise<ServerPins>;
  /** Tools of other servers whose approved names are the same to some client. */
  collides(server: UpstreamServer, tool: string): boolean;
  /** Reads again what another broker may have changed. */
  reload(): Promise<void>;
}

/** What a tool that was refused by its server is called where a signal stands. */
const [ANSWERED, FAILED] = ['upstream.answer', 'upstream.error'];

export async function openFederation(deps: FederationDeps): Promise<Federation> {
  const { servers } = deps;
  let known = new Map<string, ServerPins>();
  let made = new Map<string, readonly Tool[]>();
  const taken = new Set(deps.ownTools.map(squashName));
  const buckets = new Map<string, TokenBuckets>(
    servers.map((server) => {
      const { callsPerMinute } = server.budget;
      const rate = { burst: callsPerMinute, perSecond: callsPerMinute / 60, maxKeys: 1 };
      return [serverKey(server), createTokenBuckets({ clock: deps.clock, ...rate })];
    }),
  );
  const now = (): string => new Date(deps.clock.now()).toISOString();
  const emptyPins = ({ tenant, name }: UpstreamServer): ServerPins => ({ tenant, server: name, tools: {} });
  const pinsOf = (server: UpstreamServer): ServerPins => known.get(serverKey(server)) ?? emptyPins(server);
  const find = (tenant: string, name: string): UpstreamServer | undefined =>
    servers.find((one) => one.tenant === tenant && one.name === name);

  const namesOf = (server: UpstreamServer): readonly string[] =>
    Object.entries(pinsOf(server).tools).flatMap(([name, { pinned }]) => (pinned === undefined ? [] : [name]));
  const collides: Federation['collides'] = (server, tool) =>
    servers.some(
      (other) =>
        other.tenant === server.tenant &&
        other.name !== server.name &&
        namesOf(other).some(
          (name) => squashName(toolName(other.name, name)) === squashName(toolName(server.name, tool)),
        ),
    );

  function remake(): void {
    made = new Map(
      [...new Set(servers.map(({ tenant }) => tenant))].map((tenant) => [
        tenant,
        servers.filter((one) => one.tenant === tenant).flatMap(toolsOf),
      ]),
    );
  }
  const toolsOf = (server: UpstreamServer): readonly Tool[] =>
    Object.entries(pinsOf(server).tools).flatMap(([name, pin]) => {
      if (pin.pinned === undefined || stateOf(pin) !== 'offered' || collides(server, name)) return [];
      return [upstreamTool(server, name, readPinned(pin.pinned.text))];
    });

  async function reload(): Promise<void> {
    known = new Map((await deps.pins.list()).map((pins) => [`${pins.tenant}/${pins.server}`, pins]));
    remake();
  }

  async function change(server: UpstreamServer, decide: (before: ServerPins) => ServerPins): Promise<ServerPins> {
    const after = await deps.pins.update(serverKey(server), (before) => decide(before ?? emptyPins(server)));
    known.set(serverKey(server), after);
    remake();
    return after;
  }

  /** Compares and keeps; what left its pin is in the log and in quarantine before the caller hears of anything. */
  async function takeIn(server: UpstreamServer, tools: readonly unknown[]): Promise<ServerPins> {
    const definitions = readDefinitions(server, tools, taken);
    const before = pinsOf(server);
    const { changed } = observe(before, definitions, now());
    for (const { tool, why } of changed) await record(server, 'upstream.quarantined', { tool, why });
    const firstSeen = definitions.filter(({ name }) => pinOf(before, name)?.seen === undefined);
    if (firstSeen.length > 0)
      await record(server, 'upstream.seen', { tools: firstSeen.map(({ name, digest }) => `${name} ${digest}`) });
    return change(server, (latest) => observe(latest, definitions, now()).pins);
  }

  const record = (server: UpstreamServer, kind: string, content: { readonly [key: string]: Json }): Promise<number> =>
    deps.audit.append({ at: now(), tenant: server.tenant, kind, content: { server: server.name, ...content } });

  async function look(server: UpstreamServer): Promise<ServerPins> {
    try {
      return await converse(deps, server, ({ tools }) => takeIn(server, tools));
    } catch (error) {
      const problem = error instanceof WayleaveError ? `${error.code}: ${error.message}` : 'INTERNAL';
      if (server.program !== undefined && pinsOf(server).problem !== problem)
        await record(server, 'upstream.program-failed', { problem }); // it may be another program than was pinned
      return change(server, (before) => ({ ...before, problem }));
    }
  }

  await reload();
  return {
    collides,
    reload,
    look,
    change,
    servers: (tenant) => servers.filter((one) => one.tenant === tenant),
    pins: (tenant, name) => {
      const server = find(tenant, name);
      if (server === undefined) throw new WayleaveError('NOT_FOUND');
      return pinsOf(server);
    },
    lookAtAll: async () => {
      await Promise.all(servers.map(look));
    },
    offered: (tenant) => made.get(tenant) ?? [],
    whyWithheld(tenant, name) {
      for (const server of servers.filter((one) => one.tenant === tenant))
        for (const [tool, pin] of Object.entries(pinsOf(server).tools))
          if (toolName(server.name, tool) === name)
            return `upstream tool is ${stateOf(pin)}${pin.quarantine === undefined ? '' : `: ${pin.quarantine.why}`}`;
      return undefined;
    },
    async call(tenant, name, tool, args) {
      const server = find(tenant, name);
      const pin = pinOf(server && pinsOf(server), tool);
      if (server === undefined || pin === undefined || pin.pinned === undefined || stateOf(pin) !== 'offered')
        throw new WayleaveError('NOT_FOUND');
      const { digest, text } = pin.pinned;
      const admitted = buckets.get(serverKey(server))?.take('calls');
      if (admitted === undefined || !admitted.ok)
        throw new WayleaveError('LIMITED', `The budget of ${name} is used up.`, admitted?.retryAfterMs);
      return converse(deps, server, async (conversation) => {
        const seen = pinOf(await takeIn(server, conversation.tools), tool);
        if (seen === undefined || stateOf(seen) !== 'offered' || seen.seen?.digest !== digest)
          throw new WayleaveError('NOT_FOUND'); // the same words as for a tool that never was
        return readAnswer(await conversation.call(tool, args), readPinned(text).outputSchema);
      });
    },
  };
}

/** What a tool said, as rows of text: never as an object that could be taken for one of ours. */
function readAnswer({ isError, texts, structured }: CallResult, schema: Json | undefined): Json {
  if (isError) return texts.slice(0, MAX_TOOLS).map((value) => ({ signal: FAILED ?? '', value }));
  if (schema !== undefined) {
    // The schema is part of what was approved; an answer that breaks it is not the tool's that people know.
    const why = structured === undefined ? 'it has no structured answer' : findMismatch(schema, structured);
    if (why !== undefined)
      throw new WayleaveError('UPSTREAM_PROTOCOL', 'The answer breaks the schema that was approved.');
  }
  const values = structured === undefined ? texts : [JSON.stringify(structured)];
  return values.map((value) => ({ signal: ANSWERED ?? '', value }));
}
