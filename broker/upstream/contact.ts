/**
 * One conversation with an upstream server: connect, list its tools, perhaps call one, and hang up.
 *
 * A conversation for each call, so that the definitions that are compared are those of the server that then answers. This
 * client offers nothing: sampling, elicitation and roots are refused by its SDK as methods that do not exist here.
 */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { z } from 'zod';
import type { Json } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { MAX_TOOLS } from './definition.ts';
import type { Programs } from './program.ts';
import type { UpstreamServer } from './server-list.ts';

export interface ContactDeps {
  readonly fetch: typeof fetch;
  /** Aborts after so long. */
  readonly deadline: (milliseconds: number) => AbortSignal;
  /** Starts servers that are programs. */
  readonly programs: Programs;
}

export interface Conversation {
  /** The definitions as they came. */
  readonly tools: readonly unknown[];
  call(name: string, args: { readonly [key: string]: Json }): Promise<CallResult>;
}

export interface CallResult {
  readonly isError: boolean;
  /** The parts of `content` that are text. */
  readonly texts: readonly string[];
  readonly structured: Json | undefined;
}

/** Pages of a listing: a server can always say that there is one more. */
const MAX_PAGES = 10;

const page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });
const result = z.looseObject({
  isError: z.boolean().optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.unknown() })).optional(),
  structuredContent: z.json().optional(),
});

/** Errors: `UPSTREAM_UNREACHABLE` for a server that does not answer in time, `UPSTREAM_PROTOCOL` for one that answers otherwise. */
export async function converse<T>(
  deps: ContactDeps,
  server: UpstreamServer,
  talk: (conversation: Conversation) => Promise<T>,
): Promise<T> {
  const { seconds } = server.budget;
  const deadline = deps.deadline(seconds * 1000);
  let broken: unknown;
  // A stream that breaks is reported beside the request that waits for it: the first cause is the one to tell.
  const onBreach = (breach: WayleaveError): void => {
    broken ??= breach;
  };
  const transport = await openTransport(deps, server, deadline, onBreach);
  const client = new Client({ name: 'wayleave', version: '1' }, { capabilities: {} });
  const ended = new AbortController();
  Object.assign(client, {
    onerror: (error: Error) => {
      broken ??= error;
      ended.abort(error);
    },
  });
  // Longer than the deadline, which ends them: the SDK would otherwise end them after a minute of its own.
  const options = { signal: AbortSignal.any([deadline, ended.signal]), timeout: (seconds + 60) * 1000 };
  let told: unknown;
  try {
    await client.connect(transport, options);
    return await talk({
      tools: await listTools(client, options),
      call: async (name, args) => {
        const answer = await client.request(
          { method: 'tools/call', params: { name, arguments: args } },
          result,
          options,
        );
        const texts = (answer.content ?? []).flatMap(({ type, text }) =>
          type === 'text' && typeof text === 'string' ? [text] : [],
        );
        return { isError: answer.isError ?? false, texts, structured: answer.structuredContent };
      },
    });
  } catch (error) {
    told = error;
    throw explain(error, broken, deadline);
  } finally {
    // Polite to a server with sessions; not to one that misbehaved.
    if (told === undefined && transport instanceof StreamableHTTPClientTransport)
      await transport.terminateSession().catch(() => undefined);
    await client.close().catch(() => undefined);
  }
}

async function openTransport(
  deps: ContactDeps,
  server: UpstreamServer,
  deadline: AbortSignal,
  onBreach: (breach: WayleaveError) => void,
): Promise<Transport> {
  const { url, program } = server;
  if (program !== undefined) return deps.programs.open(server, program, deadline, onBreach);
  if (url === undefined) throw new WayleaveError('INTERNAL');
  return new StreamableHTTPClientTransport(new URL(url), {
    fetch: boundedFetch({ ...server, url }, deps.fetch, deadline, onBreach),
    reconnectionOptions: {
      ...{ maxRetries: 0, initialReconnectionDelay: 1, maxReconnectionDelay: 1 },
      reconnectionDelayGrowFactor: 1,
    },
  });
}

async function listTools(client: Client, options: { readonly signal: AbortSignal }): Promise<readonly unknown[]> {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: 'tools/list', params }, page, options);
    tools.push(...answer.tools);
    cursor = answer.nextCursor;
    if (tools.length > MAX_TOOLS) break;
    if (cursor === undefined) return tools;
  }
  throw new WayleaveError('UPSTREAM_PROTOCOL', `The server lists more than ${MAX_TOOLS} tools.`);
}

/** What the server said is in no message: only what happened is. */
function explain(error: unknown, broken: unknown, deadline: AbortSignal): WayleaveError {
  for (const one of [error, broken]) if (one instanceof WayleaveError) return one;
  if (deadline.aborted) return new WayleaveError('UPSTREAM_UNREACHABLE', 'The server did not answer in its time.');
  // `fetch` says so when there is no connection, or no more.
  if (error instanceof TypeError || broken instanceof TypeError) return new WayleaveError('UPSTREAM_UNREACHABLE');
  return new WayleaveError('UPSTREAM_PROTOCOL', 'The server does not speak MCP as it should, or refused.');
}
