/** A real MCP server (the installed SDK, Streamable HTTP on loopback) whose tools a test can turn while it runs. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import type { UpstreamServer } from '../../../broker/upstream/server-list.ts';

export interface StatedTool {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: { readonly type: 'object'; readonly [keyword: string]: unknown };
  readonly outputSchema?: { readonly type: 'object'; readonly [keyword: string]: unknown };
  readonly annotations?: { readonly [hint: string]: unknown };
}

export const SEARCH: StatedTool = {
  name: 'search',
  description: 'Finds tickets by their text.',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string', description: 'What to look for', maxLength: 100 } },
    required: ['text'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true },
};

export type Answering = (name: string, args: unknown, server: Server, request: string | number) => unknown;

/** `turn` holds what it lists and answers now; `heard` the headers of every request, `called` the tools that were called. */
export async function startUpstream(json = true) {
  const turn = {
    tools: [SEARCH] as readonly unknown[],
    answer: ((name) => ({ content: [{ type: 'text', text: `nothing found by ${name}` }] })) as Answering,
    /** Answers in the place of the server; true when it did. */
    instead: (_request: IncomingMessage, _response: ServerResponse): boolean => false,
  };
  const heard: { readonly method: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const called: string[] = [];

  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      heard.push({ method: request.method ?? '', headers: request.headers, body });
      if (turn.instead(request, response)) return;
      serve(request, response, body).catch(() => response.destroy());
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const server = new Server({ name: 'tickets', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: turn.tools }));
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { requestId }) => {
      called.push(params.name);
      return (await turn.answer(params.name, params.arguments, server, requestId)) as never;
    });
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: json });
    response.on('close', () => void server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, body === '' ? undefined : JSON.parse(body));
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = `http://127.0.0.1:${address.port}/mcp`;
  return {
    url,
    turn,
    heard,
    called,
    /** As it is configured. */
    server: (more: Partial<UpstreamServer> = {}): UpstreamServer => ({
      ...{ tenant: 'acme', name: 'tickets', url, domain: 'inventory', credential: 'secret-of-the-broker' },
      budget: { callsPerMinute: 60, seconds: 10, kilobytes: 64 },
      ...more,
    }),
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
export type Upstream = Awaited<ReturnType<typeof startUpstream>>;
