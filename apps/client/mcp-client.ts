/** A person's direct tool calls, without an agent: an MCP client over the same pipeline. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { z } from 'zod';
import type { Answer, CallArguments, Domain } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { AWAIT_TOOL } from '../../broker/mcp/await-intent.ts';
import { mcpAudience } from '../../protocols/oauth/access-token.ts';
import { toWayleaveError } from './read-answer.ts';
import type { ClientSession } from './session.ts';

export interface McpClient {
  listTools(): Promise<
    readonly { readonly name: string; readonly description: string; readonly inputSchema: unknown }[]
  >;
  /** Throws `WayleaveError` with the broker's code. */
  callTool(name: string, args: CallArguments): Promise<Answer>;
  close(): Promise<void>;
}

/** Other than the tools of the network, the one to wait with is every server's own; people have `wayleave approvals`. */
const isOfBroker = ({ name }: { readonly name: string }): boolean => name !== AWAIT_TOOL;

/** An approved change answers after its verification, which may take minutes. */
const CALL_TIMEOUT_MS = 290_000;

const answer = z.custom<Answer>(
  (value) => z.object({ status: z.enum(['done', 'pending']), intent: z.string() }).safeParse(value).success,
);

/** Connects to one domain's server. The session's login must have named the domain's audience. */
export async function createMcpClient(session: ClientSession, domain: Domain): Promise<McpClient> {
  const authorized = session.fetch(mcpAudience(session.issuer, domain));
  let refused: WayleaveError | undefined;
  const transport = new StreamableHTTPClientTransport(new URL(`${session.issuer}/mcp/${domain}`), {
    fetch: async (url, init) => {
      const response = await authorized(url, init);
      // The SDK would turn these into texts: keep the broker's own words for the caller.
      if (!response.ok && response.status !== 405) {
        refused = toWayleaveError(
          await response
            .clone()
            .json()
            .catch(() => undefined),
          response.status,
        );
      }
      return response;
    },
  });
  const client = new Client({ name: 'wayleave-cli', version: '1' });

  async function attempt<T>(action: () => Promise<T>): Promise<T> {
    refused = undefined;
    try {
      return await action();
    } catch (error) {
      throw refused ?? (error instanceof WayleaveError ? error : new WayleaveError('UNAVAILABLE'));
    }
  }

  // The SDK declares `sessionId` and the callbacks in a way that exactOptionalPropertyTypes does not take for Transport.
  await attempt(() => client.connect(transport as Parameters<Client['connect']>[0]));
  return {
    listTools: () =>
      attempt(async () =>
        (await client.listTools()).tools.filter(isOfBroker).map(({ name, description = '', inputSchema }) => ({
          name,
          description,
          inputSchema,
        })),
      ),
    callTool: (name, args) =>
      attempt(async () => {
        const result = await client.callTool({ name, arguments: { ...args } }, undefined, {
          timeout: CALL_TIMEOUT_MS,
        });
        if (result.isError === true) throw toWayleaveError(result.structuredContent, 200);
        const parsed = answer.safeParse(result.structuredContent);
        if (!parsed.success) throw new WayleaveError('UNAVAILABLE', 'The broker answered in an unknown form.');
        return parsed.data;
      }),
    close: () => client.close(),
  };
}
