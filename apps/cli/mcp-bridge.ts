/** Joins the MCP servers of several domains into one: lists the tools of all, and sends each call to the domain that has it. */
import { z } from 'zod';
import type { Domain } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { McpRelay, Message } from '../client/mcp-relay.ts';

/** JSON-RPC 2.0 §5.1: implementation-defined server errors begin here. */
const SERVER_ERROR = -32000;
/** Names of tools of other people's servers, which are in no registry, begin so. */
const UPSTREAM = 'upstream.';

const request = z.looseObject({ method: z.string(), id: z.union([z.string(), z.number()]).optional() });
const named = z.looseObject({ params: z.looseObject({ name: z.string() }) });
const cancelled = z.looseObject({ params: z.looseObject({ requestId: z.union([z.string(), z.number()]) }) });
const initialized = z.looseObject({ result: z.looseObject({ protocolVersion: z.string() }) });
const listed = z.looseObject({ result: z.looseObject({ tools: z.array(z.looseObject({ name: z.string() })) }) });

export interface BridgeDeps {
  /** At least one; the first answers what is the same everywhere. */
  readonly relays: ReadonlyMap<Domain, McpRelay>;
  /** The domain of a tool; undefined for one that no domain or every domain has. */
  readonly domainOf: (tool: string) => Domain | undefined;
}

export interface Bridge {
  /** The answer to a message; undefined when none is due. Never throws: a refusal is an answer. */
  readonly carry: (message: Message) => Promise<Message | undefined>;
}

export function createMcpBridge({ relays, domainOf }: BridgeDeps): Bridge {
  const [first] = relays.values();
  if (first === undefined) throw new WayleaveError('USAGE', 'A bridge needs a domain.');
  const underway = new Map<string | number, AbortController>();
  let version: string | undefined;
  const listedAt = new Map<string, Domain>();

  async function listTools(message: Message, how: Parameters<McpRelay>[1]): Promise<Message | undefined> {
    const tools = new Map<string, Message>();
    let last: Message | undefined;
    for (const [domain, relay] of relays) {
      last = await relay(message, how);
      const found = listed.safeParse(last);
      if (!found.success) return last; // one server's refusal is the answer: half a list would pass for a whole one
      for (const tool of found.data.result.tools) {
        tools.set(tool.name, tool);
        if (tool.name.startsWith(UPSTREAM)) listedAt.set(tool.name, domain);
      }
    }
    return { ...last, result: { tools: [...tools.values()] } };
  }

  async function send(message: Message, method: string, signal: AbortSignal): Promise<Message | undefined> {
    const how = { ...(version === undefined ? {} : { version }), signal };
    if (method === 'tools/list') return listTools(message, how);
    if (method === 'tools/call') {
      const name = named.safeParse(message).data?.params.name ?? '';
      // A tool of an upstream server is in no registry: where it is was said in a listing.
      if (name.startsWith(UPSTREAM) && !listedAt.has(name))
        await listTools({ jsonrpc: '2.0', id: 'where', method: 'tools/list' }, how);
      const domain = domainOf(name) ?? listedAt.get(name);
      // A tool of a domain that is not served here is sent on as an unknown one: the server says so in its own words.
      return (domain === undefined ? first : (relays.get(domain) ?? first))?.(message, how);
    }
    const answer = await first?.(message, how);
    if (method === 'initialize') version = initialized.safeParse(answer).data?.result.protocolVersion;
    return answer;
  }

  return {
    async carry(message) {
      const asked = request.safeParse(message);
      if (!asked.success) return undefined; // an answer to a question that nobody asked
      const { method, id } = asked.data;
      if (method === 'notifications/cancelled') {
        underway.get(cancelled.safeParse(message).data?.params.requestId ?? '')?.abort();
        return undefined;
      }
      const controller = new AbortController();
      if (id !== undefined) underway.set(id, controller);
      try {
        return await send(message, method, controller.signal);
      } catch (error) {
        // MCP, cancellation: the receiver of a cancelled request does not answer it.
        if (id === undefined || controller.signal.aborted) return undefined;
        const refusal = error instanceof WayleaveError ? error : new WayleaveError('UNAVAILABLE');
        const { code, message: text, hint } = refusal.toJSON().error;
        return {
          jsonrpc: '2.0',
          id,
          error: { code: SERVER_ERROR, message: `${code}: ${text} ${hint}`, data: { code } },
        };
      } finally {
        if (id !== undefined) underway.delete(id);
      }
    },
  };
}
