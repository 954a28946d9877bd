/** `/mcp/:domain`: MCP Streamable HTTP without sessions, one server instance a request, JSON answers. */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Hono } from 'hono';
import { z } from 'zod';
import { sayAway } from '../away.ts';
import { type Broker, DOMAINS } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { readCredential, readJson } from '../http/request.ts';
import type { Ids } from '../ports.ts';
import { type Authenticate, audienceOf } from '../stages/authenticate.ts';
import { type AwaitDeps, createAwaitIntent } from './await-intent.ts';
import { createMcpServer } from './mcp-server.ts';
import { findHeaderMismatch, HEADER_MISMATCH } from './mirrored-headers.ts';

export interface McpRoutesDeps {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly broker: Broker;
  /** What is known of approvals, for `intent.await`. */
  readonly controlDesk: Pick<AwaitDeps, 'approvals' | 'approval'>;
  readonly pause: AwaitDeps['pause'];
  readonly ids: Ids;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

const domainName = z.enum(DOMAINS);
/** One message: batches left the protocol in 2025-06-18, and a proof is for one request. */
const message = z.looseObject({ jsonrpc: z.literal('2.0'), method: z.string() });
const throughBroker = new Set(['tools/list', 'tools/call']);
/** Requests in the form in which the SDK hands them to the broker; others it would answer by itself. */
const brokerRequest = z.union([
  CallToolRequestSchema.extend({ id: z.union([z.string(), z.number()]) }),
  ListToolsRequestSchema.extend({ id: z.union([z.string(), z.number()]) }),
]);

const reachesBroker = (body: unknown, accept: string): boolean =>
  accept.includes('application/json') && accept.includes('text/event-stream') && brokerRequest.safeParse(body).success;

const withId = z.object({ id: z.union([z.string(), z.number()]) });
const idOf = (body: unknown): string | number | null => withId.safeParse(body).data?.id ?? null;

export function mcpRoutes(deps: McpRoutesDeps): Hono {
  const routes = new Hono();
  const awaitIntent = createAwaitIntent({ ...deps.controlDesk, pause: deps.pause });

  routes.post('/:domain', async (c) => {
    const domain = domainName.safeParse(c.req.param('domain'));
    if (!domain.success) throw new WayleaveError('NOT_FOUND');
    const credential = await readCredential(c, deps.url);
    const parsed = message.safeParse(await readJson(c));
    if (!parsed.success) throw new WayleaveError('USAGE', 'The body is not one JSON-RPC 2.0 message.');
    const mismatch = findHeaderMismatch((name) => c.req.header(name), parsed.data);
    if (mismatch !== undefined) {
      await deps.authenticate(credential, audienceOf(domain.data));
      const error = { code: HEADER_MISMATCH, message: `HeaderMismatch: ${mismatch} differs from the body.` };
      return c.json({ jsonrpc: '2.0', id: idOf(parsed.data), error }, 400);
    }
    // A proof is used once: the broker authenticates what reaches it, all else is authenticated here before any answer.
    if (!reachesBroker(parsed.data, c.req.header('accept') ?? '')) {
      await deps.authenticate(credential, audienceOf(domain.data));
      if (throughBroker.has(parsed.data.method))
        throw new WayleaveError('USAGE', 'Tools are listed and called by MCP requests with an id.');
    }

    let refused: WayleaveError | undefined;
    let retryAfter: number | undefined;
    const server = createMcpServer({
      broker: deps.broker,
      credential,
      domain: domain.data,
      awaitIntent: async (args) =>
        awaitIntent(await deps.authenticate(credential, audienceOf(domain.data)), args, c.req.raw.signal),
      onUnauthenticated: (refusal) => {
        refused = refusal;
      },
      onBusy: (seconds) => {
        retryAfter = seconds;
      },
      onDefect: (error) => {
        const away = sayAway(error);
        if (away !== undefined) return away;
        const id = deps.ids.id('err');
        deps.log.error({ err: error, id }, 'a tool call failed unexpectedly');
        return new WayleaveError('INTERNAL', `Something failed inside Wayleave (${id}).`);
      },
    });
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      const response = await transport.handleRequest(c.req.raw, { parsedBody: parsed.data });
      if (refused !== undefined) throw refused;
      // Of the answer itself: what the context would add is not added to an answer that is already made.
      if (retryAfter !== undefined) response.headers.set('Retry-After', String(retryAfter));
      return response;
    } finally {
      await server.close();
    }
  });

  // No server-initiated stream and no session to delete (MCP Streamable HTTP: 405).
  routes.all('/:domain', (c) => c.body(null, 405, { Allow: 'POST' }));
  return routes;
}
