/**
 * The process that the broker's bench asks: the real pipeline with a durable log, and beside it what it is compared with,
 * all in one process on one core: bare `node:http`, and a bare MCP server that makes the same read.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Hono } from 'hono';
import { type Credential, DOMAINS, type Domain } from '../broker/contract.ts';
import type { DeviceEndpoint } from '../broker/drivers/driver.ts';
import { mcpRoutes } from '../broker/mcp/mcp-routes.ts';
import { TOOLS } from '../tools/registry.ts';
import { ISSUER, type Login } from './open-identity.ts';
import { facts, openPipeline, refuse } from './pipeline.ts';

/** Sent by the bench: the tenants that call, and the simulated device they read. */
export interface DoorSettings {
  readonly tenants: readonly string[];
  readonly device: DeviceEndpoint;
}
export interface DoorReady {
  readonly url: string;
  readonly logins: Readonly<Record<string, readonly Login[]>>;
}

async function open({ tenants, device: endpoint }: DoorSettings) {
  const { broker, authenticate, logIn, ids, log, read, close } = await openPipeline(tenants, endpoint);
  const one = facts(endpoint.device);
  const mcp = new Hono().route(
    '/mcp',
    mcpRoutes({
      ...{ url: ISSUER, authenticate, broker, ids, log, pause: refuse },
      controlDesk: { approvals: refuse, approval: refuse },
    }),
  );
  const throughMcp = getRequestListener(mcp.fetch);
  const throughSdk = getRequestListener(async (request) => {
    const server = new Server({ name: 'bare', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
      const tool = TOOLS.find(({ name }) => name === params.name);
      if (tool === undefined) throw new Error('no such tool');
      const context = { tenant: 'bench', devices: [one], hosts: [], addresses: [] };
      const target = { devices: [endpoint.device] };
      const operations = tool.plan(tool.input.parse(params.arguments?.['input']), target, context);
      const observations = tool.read(await Promise.all(operations.map(read)), context);
      return {
        content: [{ type: 'text' as const, text: `${observations.length}` }],
        structuredContent: { observations },
      };
    });
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      return await transport.handleRequest(request);
    } finally {
      await server.close();
    }
  });
  /** The pipeline without MCP: credential from the headers, one JSON in, one out. */
  const decide = async (request: IncomingMessage, response: ServerResponse, content: string): Promise<void> => {
    const { params } = JSON.parse(content);
    const field = (name: string): string => String(request.headers[name] ?? '');
    const domain = field('x-domain') as Domain;
    const credential: Credential = {
      ...{ scheme: 'HTTPSig', token: field('authorization').slice('HTTPSig '.length), method: 'POST' },
      ...{ url: `${ISSUER}/mcp/${domain}`, content, source: '127.0.0.1' },
      fields: {
        'Content-Digest': field('content-digest'),
        'Signature-Input': field('signature-input'),
        Signature: field('signature'),
      },
    };
    const answer = await broker.call(credential, domain, params.name, params.arguments);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/mcp/')) return void throughMcp(request, response);
    if (request.url === '/sdk') return void throughSdk(request, response);
    if (request.url === '/cpu') {
      const { user, system } = process.cpuUsage();
      return void response.end(`${user + system}`);
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const content = Buffer.concat(chunks).toString('utf8');
      if (request.url === '/bare') {
        const { id } = JSON.parse(content);
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, status: 'done' }));
      } else {
        decide(request, response, content).catch((error: unknown) => {
          response.writeHead(500).end(String(error));
        });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const logins = Object.fromEntries(DOMAINS.map((domain) => [domain, tenants.map((tenant) => logIn(tenant, domain))]));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ready: DoorReady = { url, logins };
  process.send?.(ready);
  process.once('disconnect', () => {
    void close().finally(() => process.exit(0));
  });
}

process.once('message', (settings: DoorSettings) => {
  open(settings).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
