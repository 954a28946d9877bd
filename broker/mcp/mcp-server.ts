/** One MCP server for one request: lists and calls the tools of a domain, through the broker's pipeline and nothing else. */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, type CallToolResult, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { Answer, Broker, Credential, Domain } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { AWAIT_LISTING, AWAIT_TOOL, type Awaited } from './await-intent.ts';
import { describeTool } from './describe-tool.ts';

/** `onUnauthenticated` hears of refusals that HTTP must answer with 401 instead of a result. */
export interface McpServerDeps {
  readonly broker: Broker;
  readonly credential: Credential;
  readonly domain: Domain;
  /** Waits for a decision on an intent of the caller's own. */
  readonly awaitIntent: (args: unknown) => Promise<Awaited>;
  readonly onUnauthenticated: (refusal: WayleaveError) => void;
  /** Hears of refusals that name a time for another try, which HTTP says as well. */
  readonly onBusy: (seconds: number) => void;
  readonly onDefect: (error: unknown) => WayleaveError;
}

/** For what a client answers when it is asked, which is never: without it each server makes one, which is half of what a call costs. */
const jsonSchemaValidator = new AjvJsonSchemaValidator();

export function createMcpServer(deps: McpServerDeps): Server {
  const about = { name: `wayleave-${deps.domain}`, version: '1' };
  const server = new Server(about, { capabilities: { tools: {} }, jsonSchemaValidator });

  server.setRequestHandler(ListToolsRequestSchema, async () => {
    try {
      const listings = await deps.broker.listTools(deps.credential, deps.domain);
      return { tools: [...listings.map(describeTool), AWAIT_LISTING] };
    } catch (error) {
      throw refuse(deps, error);
    }
  });

  server.setRequestHandler(CallToolRequestSchema, async ({ params }): Promise<CallToolResult> => {
    try {
      if (params.name === AWAIT_TOOL) {
        const awaited = await deps.awaitIntent(params.arguments ?? {});
        const text = `${awaited.intent} is ${awaited.status}. ${awaited.next}`;
        return { content: [{ type: 'text', text }], structuredContent: { ...awaited } };
      }
      const answer = await deps.broker.call(deps.credential, deps.domain, params.name, params.arguments ?? {});
      return { content: [{ type: 'text', text: summarize(answer) }], structuredContent: { ...answer } };
    } catch (thrown) {
      const { error } = refuse(deps, thrown).toJSON();
      // A tool error, not a protocol error: the model that called may read it and correct itself (MCP, tools).
      const text = `${error.code}: ${error.message} ${error.hint}`;
      return {
        isError: true,
        content: [{ type: 'text', text }],
        structuredContent: { error },
      };
    }
  });
  return server;
}

function refuse(deps: McpServerDeps, error: unknown): WayleaveError {
  const refusal = error instanceof WayleaveError ? error : deps.onDefect(error);
  if (refusal.status === 401) deps.onUnauthenticated(refusal);
  if (refusal.retryAfterSeconds !== undefined) deps.onBusy(refusal.retryAfterSeconds);
  return refusal;
}

function summarize(answer: Answer): string {
  if (answer.status === 'pending') {
    const { count, role } = answer.summary.needed;
    return `Pending: ${answer.approval} waits for ${count} × ${role} until ${answer.summary.expiresAt}.`;
  }
  const outcome = answer.receipt === undefined ? '' : ` Outcome: ${answer.receipt.outcome}, ${answer.receipt.detail}`;
  return `Done: ${answer.intent}, ${answer.evidence.length} observations.${outcome}`;
}
