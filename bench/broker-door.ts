/**
 * The process that the broker's bench asks: the real pipeline with a durable log, and beside it what it is compared with,
 * all in one process on one core: bare `node:http`, and a bare MCP server that makes the same read.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { Hono } from 'hono';
import { createFilePort } from '../broker/audit/file-port.ts';
import { createFileAuditStore } from '../broker/audit/file-store.ts';
import { createAuditLog } from '../broker/audit/log.ts';
import { createBroker } from '../broker/broker.ts';
import { type Credential, DOMAINS, type Domain, type Operation } from '../broker/contract.ts';
import type { DeviceEndpoint } from '../broker/drivers/driver.ts';
import { createNetconfDriver } from '../broker/drivers/netconf/driver.ts';
import { createRecords } from '../broker/execution/records.ts';
import { readRunning } from '../broker/execution/running.ts';
import { createSerial } from '../broker/execution/serial.ts';
import { type BreakGlass, createBreakGlasses } from '../broker/grants/break-glass.ts';
import { createGrants, type Grant } from '../broker/grants/grant.ts';
import { createMemoryRecords } from '../broker/identity/keyed-records.ts';
import { createMemoryCertificates } from '../broker/inventory/memory-certificates.ts';
import { openQuarantine } from '../broker/inventory/quarantine.ts';
import { createLimits } from '../broker/limits/limits.ts';
import { createShed } from '../broker/limits/shed.ts';
import { mcpRoutes } from '../broker/mcp/mcp-routes.ts';
import { createBrake } from '../broker/policy/brake.ts';
import { createDecisionPoint } from '../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../broker/policy/load-policies.ts';
import { startReferee } from '../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../broker/policy/referee/spawn-referee.ts';
import type { Inventory } from '../broker/ports.ts';
import { followLog } from '../broker/risk/follow-log.ts';
import { createRiskLedger } from '../broker/risk/risk-ledger.ts';
import { createMemoryApprovals } from '../broker/stores/memory-approvals.ts';
import { createMemoryContainments } from '../broker/stores/memory-containments.ts';
import { createMemoryEvidence } from '../broker/stores/memory-evidence.ts';
import { createMemoryIncidents } from '../broker/stores/memory-incidents.ts';
import { createMemoryJournal } from '../broker/stores/memory-journal.ts';
import { createMemoryQuarantine } from '../broker/stores/memory-quarantine.ts';
import { createMemorySessions } from '../broker/stores/memory-sessions.ts';
import { createMemoryStanding } from '../broker/stores/memory-standing.ts';
import { createUntrustedTexts, type PlaceTexts } from '../broker/taint/untrusted-texts.ts';
import { NO_UPSTREAM } from '../broker/upstream/no-upstream.ts';
import type { ChangeWindow } from '../broker/windows/change-window.ts';
import { TOOLS } from '../tools/registry.ts';
import { ISSUER, type Login, openIdentity } from './open-identity.ts';

/** Sent by the bench: the tenants that call, and the simulated device they read. */
export interface DoorSettings {
  readonly tenants: readonly string[];
  readonly device: DeviceEndpoint;
}
export interface DoorReady {
  readonly url: string;
  readonly logins: Readonly<Record<string, readonly Login[]>>;
}

const refuse = async (): Promise<never> => {
  throw new Error('nobody asks for this in a bench');
};

async function open({ tenants, device: endpoint }: DoorSettings) {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-bench-'));
  const { authenticate, clock, ids, logIn } = await openIdentity(folder, tenants);
  const referee = startReferee({ spawn: spawnReferee, timers: systemTimers });
  const decisionPoint = await createDecisionPoint({
    ...{ referee, tools: TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) },
  });
  const auditFolder = path.join(folder, 'audit');
  mkdirSync(auditFolder);
  const { audit, standing } = await followLog({
    audit: await createAuditLog({
      store: createFileAuditStore(createFilePort(auditFolder)),
      signer: { name: 'wayleave-bench', key: generateKeyPairSync('ed25519').privateKey },
      clock,
    }),
    store: createMemoryStanding(),
    onTransition: () => undefined,
  });
  const one = { name: endpoint.device, role: 'edge', site: 'br1', systemIp: '10.0.0.1' } as const;
  const inventory: Inventory = {
    devices: async (tenant) => [{ tenant, ...one }],
    device: async (tenant, name) => (name === one.name ? { tenant, ...one } : undefined),
    topology: async () => ({ circuits: [], hosts: [], addresses: [] }),
  };
  const netconf = createNetconfDriver();
  const forever = new AbortController().signal;
  const read = async (operation: Operation) => {
    if (operation.protocol !== 'netconf') throw new Error('this bench reads by NETCONF');
    const body = await netconf.run(endpoint, operation, forever);
    return { operation, collectedAt: new Date(clock.now()).toISOString(), ok: true as const, ...body };
  };
  const log = { error: (fields: object, message: string) => console.error(message, fields) };
  const stores = {
    ...{ journal: createMemoryJournal(), approvals: createMemoryApprovals(), evidence: createMemoryEvidence() },
    ...{
      incidents: createMemoryIncidents(),
      sessions: createMemorySessions(),
      certificates: createMemoryCertificates(),
    },
    grants: createGrants(createMemoryRecords<Grant>()),
    breakGlasses: createBreakGlasses(createMemoryRecords<BreakGlass>()),
    ...{ audit, inventory, clock, ids, log },
    containments: createMemoryContainments(),
    quarantine: await openQuarantine({
      ...{ store: createMemoryQuarantine(), clock, record: (entry) => audit.append(entry) },
    }),
  };
  const devices = { read: (_tenant: string, operation: Operation) => read(operation), write: refuse };
  const broker = createBroker({
    ...stores,
    ...{ authenticate, decisionPoint, devices, tools: TOOLS, running: readRunning, perDevice: createSerial() },
    ...{ hostKeyOf: async () => '', networkSpeed: 1, wait: refuse, pager: { page: refuse }, announce: () => undefined },
    rolesNow: async () => ['tenant-operator'],
    whyNoLonger: async () => undefined,
    refusals: { note: async () => undefined },
    limits: createLimits({ clock, standing }),
    shed: createShed({ lagMs: () => 0 }),
    risk: createRiskLedger(standing, clock),
    untrusted: await createUntrustedTexts(createMemoryRecords<PlaceTexts>()),
    upstream: NO_UPSTREAM,
    followOthers: async () => undefined,
    brake: createBrake(),
    windows: createMemoryRecords<ChangeWindow>(),
    notifies: () => false,
    observe: { inventory, devices },
    invariants: [],
    records: createRecords(stores),
  });

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
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
}

process.once('message', (settings: DoorSettings) => {
  open(settings).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
