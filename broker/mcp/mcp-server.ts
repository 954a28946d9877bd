/** One MCP server for one request: lists and calls the tools of a domain, through the broker's pipeline and nothing else. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Answer, Broker, Credential, Domain, ToolListing } from '../contract.ts';
import { WayleaveError } from '../errors.ts';

/** `onUnauthenticated` hears of refusals that HTTP must answer with 401 instead of a result. */
export interface McpServerDeps {
  readonly broker: Broker;
  readonly credential: Credential;
  readonly domain: Domain;
  readonly onUnauthenticated: (refusal: WayleaveError) => void;
  readonly onDefect: (error: unknown) => WayleaveError;
}

export function createMcpServer(deps: McpServerDeps): Server {
  const server = new Server({ name: `wayleave-${deps.domain}`, version: '1' }, { capabilities: { tools: {} } });

  server.setRequestHandler(ListToolsRequestSchema, async () => {
    try {
      const listings = await deps.broker.listTools(deps.credential, deps.domain);
      return { tools: listings.map(describeTool) };
    } catch (error) {
      throw refuse(deps, error);
    }
  });

  server.setRequestHandler(CallToolRequestSchema, async ({ params }): Promise<CallToolResult> => {
    try {
      const answer = await deps.broker.call(deps.credential, deps.domain, params.name, params.arguments ?? {});
      return { content: [{ type: 'text', text: summarize(answer) }], structuredContent: { ...answer } };
    } catch (error) {
      const refusal = refuse(deps, error);
      const { code, message, hint } = refusal.toJSON().error;
      // A tool error, not a protocol error: the model that called may read it and correct itself (MCP, tools).
      const text = `${code}: ${message} ${hint}`;
      return {
        isError: true,
        content: [{ type: 'text', text }],
        structuredContent: { error: { code, message, hint } },
      };
    }
  });
  return server;
}

function refuse(deps: McpServerDeps, error: unknown): WayleaveError {
  const refusal = error instanceof WayleaveError ? error : deps.onDefect(error);
  if (refusal.status === 401) deps.onUnauthenticated(refusal);
  return refusal;
}

const objectSchema = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
});

/** Annotations are hints for the client's user interface; policy never reads them. */
function describeTool(listing: ToolListing): Tool {
  const { properties, required, ...rest } = objectSchema.parse(listing.inputSchema);
  return {
    name: listing.name,
    description: listing.description,
    inputSchema: {
      ...rest,
      ...(properties === undefined ? {} : { properties }),
      ...(required === undefined ? {} : { required }),
    },
    annotations: {
      readOnlyHint: listing.effect === 'read',
      destructiveHint: listing.effect === 'change' || listing.effect === 'contain',
      openWorldHint: false,
    },
  };
}

function summarize(answer: Answer): string {
  if (answer.status === 'pending') {
    const { count, role } = answer.summary.needed;
    return `Pending: ${answer.approval} waits for ${count} × ${role} until ${answer.summary.expiresAt}.`;
  }
  const outcome = answer.receipt === undefined ? '' : ` Outcome: ${answer.receipt.outcome}, ${answer.receipt.detail}`;
  return `Done: ${answer.intent}, ${answer.evidence.length} observations.${outcome}`;
}
