/** What those who run it see of a running installation: one trace from the question to the device, numbers behind a token, and files that name only what exists. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { runWayleave } from './command-line.ts';
import { collect, newFolder, openStage, type Stage, secretsOf, until } from './fixture.ts';

const attribute = z.object({ key: z.string(), value: z.looseObject({}) });
const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(attribute).default([]),
});
/** The JSON form of OTLP, as far as it is looked at here (opentelemetry-proto, trace/v1). */
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
});
interface SeenSpan extends z.infer<typeof span> {
  readonly service: string;
}

const seen: SeenSpan[] = [];
let raw = '';
let collector: Server;
let stage: Stage;
beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      raw += body;
      for (const { resource, scopeSpans } of exported.parse(JSON.parse(body)).resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value['stringValue'];
        for (const one of scopeSpans.flatMap(({ spans }) => spans)) seen.push({ ...one, service: String(service) });
      }
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    collector.listen(0, '127.0.0.1', resolve);
  });
  const { port } = collector.address() as AddressInfo;
  stage = await openStage({ tenants: 'acme:s' }, newFolder(), {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
});
afterAll(async () => {
  await stage.close();
  collector.close();
});

const token = (): string => readFileSync(path.join(stage.config.home, 'metrics.token'), 'utf8').trim();
const scrape = async (url: string, authorization = `Bearer ${token()}`): Promise<Response> =>
  fetch(`${url}/metrics`, { headers: { authorization } });

it('follows a question from the turn through agents and broker to the device as one trace, without a word of a device', async () => {
  const { chat } = await stage.signIn('operator@acme');
  await collect(chat.ask('Is everything healthy?'));
  const device = await until(() => {
    const found = seen.find(({ name }) => name === 'device.read');
    if (found === undefined || !seen.some(({ name }) => name === 'chat.turn')) throw new Error('no span yet');
    return found;
  });
  const way: string[] = [];
  for (let at: SeenSpan | undefined = device; at !== undefined; ) {
    const { parentSpanId, traceId, service, name }: SeenSpan = at;
    expect(traceId).toBe(device.traceId);
    way.unshift(`${service} ${name}`);
    at = seen.find(({ spanId }) => spanId === parentSpanId);
  }
  expect(way).toEqual([
    ...['wayleave-agents chat.turn', 'wayleave-agents agent.call'],
    ...['wayleave-broker broker.call', 'wayleave-broker device.read'],
  ]);
  for (const secret of secretsOf(stage.inventory)) expect(raw).not.toContain(secret);
  for (const { devices } of stage.inventory.tenants)
    for (const { name, systemIp } of devices) {
      expect(raw).not.toContain(name);
      expect(raw).not.toContain(systemIp);
    }
});

it('gives its numbers to who shows the token, and says whether it can work to anybody', async () => {
  const { brokerUrl, agentsUrl } = stage.installation.running;
  for (const url of [brokerUrl, agentsUrl]) {
    expect((await scrape(url)).status).toBe(200);
    for (const wrong of ['', 'Bearer ', `Bearer ${token()}x`, `Basic ${token()}`])
      expect((await scrape(url, wrong)).status).toBe(401);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
  }
  const numbers = await (await scrape(brokerUrl)).text();
  expect(numbers).toMatch(/wayleave_broker_calls_total\{effect="read",code="ok"\} [1-9]/);
  expect(numbers).toMatch(/wayleave_device_operations_total\{protocol="(netconf|snmp|rest)",code="ok"\} [1-9]/);
  expect(numbers).toMatch(/wayleave_audit_entries [1-9]/);
  expect(await (await scrape(agentsUrl)).text()).toMatch(/wayleave_chat_turn_seconds_count\{kind="question"\} 1/);
  const { out } = await runWayleave(stage, 'doctor', '--json');
  const checks: readonly { readonly check: string; readonly ok: boolean }[] = JSON.parse(out).checks;
  for (const check of ['agents ready', 'numbers of broker', 'numbers of agents'])
    expect(checks.find((one) => one.check === check)).toMatchObject({ ok: true });
});

it('ships a dashboard and alerts that name only numbers which exist', async () => {
  const { brokerUrl, agentsUrl } = stage.installation.running;
  const numbers = (await Promise.all([brokerUrl, agentsUrl].map(async (url) => (await scrape(url)).text()))).join('\n');
  const known = new Set([...numbers.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
  const folder = path.resolve('deploy', 'observability');
  const rules = z
    .object({ groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })) })
    .parse(parse(readFileSync(path.join(folder, 'alerts.yaml'), 'utf8')));
  const board = z
    .object({ panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })) })
    .parse(JSON.parse(readFileSync(path.join(folder, 'dashboard.json'), 'utf8')));
  const expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];
  const named = expressions.flatMap((text) => text.match(/\b(?:wayleave|nodejs|process)_[a-z_]+\b/g) ?? []);
  expect(named.length).toBeGreaterThan(15);
  const missing = named.filter((name) => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum)$/, '')));
  expect(missing).toEqual([]);
});
