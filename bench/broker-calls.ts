/** What a governed call costs beside what it could cost at least: in process, over HTTP, and over MCP to a simulated device. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DIST } from '../apps/agent-launch.ts';
import { BROKER_PROGRAM } from '../apps/broker-program.ts';
import { settingsOf, simulatorsReady } from '../apps/simulation.ts';
import { startChild } from '../apps/supervise.ts';
import type { Subject } from '../broker/contract.ts';
import { intentDigest } from '../broker/digest.ts';
import { InventoryDocument } from '../broker/inventory/document.ts';
import { asked } from '../broker/policy/asked.ts';
import { createDecisionPoint } from '../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../broker/policy/load-policies.ts';
import { activate } from '../broker/policy/referee/cedar.ts';
import { TOOLS } from '../tools/registry.ts';
import type { Figure } from './bench.ts';
import type { DoorReady, DoorSettings } from './broker-door.ts';
import { credentialFor, keyOf, type Login, openIdentity, signFor } from './open-identity.ts';

const IN_PROCESS = 20_000;
/** So many before them warm up and are not counted, of what is asked of a server as well: it runs for days, and until then it is compiled. */
const WARM_UP = 15_000;
/** So many wait at a time. */
const AT_ONCE = 100;
/** So many tenants call that no limit of one of them is reached. */
const TENANTS = Array.from({ length: 300 }, (_, n) => `t${n}`);
const CONNECTIONS = 16;
/** A server warms up for so long at least, and no longer than so long: what is slow is slow for other reasons. */
const WARM_UP_MS = { least: 1500, most: 10_000 } as const;
const MEASURED_MS = 4000;

interface Load {
  readonly perSecond: number;
  /** What one request costs the process, in all its threads, µs: what others do on the machine is not in it. */
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
}

const share = (sorted: readonly number[], of: number): number => sorted[Math.floor(sorted.length * of)] ?? Number.NaN;

/** Authenticate a signed request, decide a read by the shipped policies, and compute the digest of its intent. */
export async function benchInProcess(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-bench-'));
  const { authenticate, logIn } = await openIdentity(folder, ['acme']);
  const decisionPoint = await createDecisionPoint({
    ...{ tools: TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) },
    // Reads are decided without it; here it only activates.
    referee: {
      activate: async (bundle) => activate(bundle),
      decide: async () => ({ ok: false, errors: ['there is none'] }),
      close: async () => undefined,
    },
  });
  const tool = TOOLS.find(({ name }) => name === 'bgp.read');
  if (tool === undefined) throw new Error('bgp.read is gone');
  const login = logIn('acme', 'diagnostics');
  const key = keyOf(login);
  const times: number[] = [];
  let cpu = 0;
  for (let done = 0; done < WARM_UP + IN_PROCESS; done += AT_ONCE) {
    // A few at a time, as they come: thousands that wait would be the garbage collector's work and not the broker's.
    const credentials = Array.from({ length: AT_ONCE }, (_, n) =>
      credentialFor(login, key, bodyOf(done + n, 'bgp.read', {})),
    );
    const before = process.cpuUsage();
    for (const [n, credential] of credentials.entries()) {
      const begun = process.hrtime.bigint();
      const subject: Subject = await authenticate(credential, 'urn:wayleave:mcp:diagnostics');
      const now = Date.now();
      const decision = await decisionPoint.decide({
        ...{ subject, ...asked(tool, {}), tenant: subject.tenant, now, risk: 0 },
        targets: [{ device: 'br2_edge', role: 'edge', site: 'br2' }],
        purpose: { id: 'chat:1', kind: 'chat', open: true },
      });
      intentDigest({
        ...{ id: `int_${done + n}`, tool: tool.name, domain: tool.domain, effect: tool.effect },
        ...{ tenant: subject.tenant, target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:1', evidence: [] },
        expiresAt: new Date(now + 600_000).toISOString(),
      });
      const took = Number(process.hrtime.bigint() - begun) / 1000;
      if (decision.effect !== 'permit') throw new Error(decision.reasons.join(' '));
      if (done >= WARM_UP) times.push(took);
    }
    const { user, system } = process.cpuUsage(before);
    if (done >= WARM_UP) cpu += user + system;
  }
  rmSync(folder, { recursive: true, force: true });
  times.sort((a, b) => a - b);
  const mean = times.reduce((sum, one) => sum + one, 0) / times.length;
  return [
    { what: 'authenticate (HMAC), decide, digest in process, mean', value: mean, unit: 'µs', aim: '≤ 50 µs' },
    { what: 'the same, processor time of one', value: cpu / times.length, unit: 'µs', aim: '≤ 50 µs' },
    { what: 'the same, p50', value: share(times, 0.5), unit: 'µs' },
    { what: 'the same, p99', value: share(times, 0.99), unit: 'µs' },
  ];
}

const bodyOf = (id: number, name: string, args: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } });

/** Each connection sends its next request after its answer. Throws for any answer that is not what was asked for. */
async function press(
  url: string,
  tool: string,
  args: object,
  logins: readonly Login[] | undefined,
  expected: RegExp,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const keys = logins?.map(keyOf);
  const domain = TOOLS.find(({ name }) => name === tool)?.domain ?? '';
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  let begun: number | undefined;
  const send = (): Promise<string> =>
    new Promise((resolve, reject) => {
      next += 1;
      const at = next % (logins?.length ?? 1);
      const content = bodyOf(next, tool, args);
      const [login, key] = [logins?.[at], keys?.[at]];
      const proof = login === undefined || key === undefined ? {} : signFor(login, key, content);
      const headers = {
        ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'x-domain': domain },
        ...(login === undefined ? {} : { authorization: `HTTPSig ${login.token}` }),
        ...{ 'content-length': Buffer.byteLength(content), ...proof },
      };
      const sent = request(url, { agent, method: 'POST', headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve(text));
      });
      sent.on('error', reject).end(content);
    });
  /** Processor time of the door, µs, and how many it had been sent by then. */
  const look = async (): Promise<readonly [spent: number, sent: number]> => [
    Number(await (await fetch(new URL('/cpu', url))).text()),
    next,
  ];
  let warm: ReturnType<typeof look> | undefined;
  const worker = async (): Promise<void> => {
    for (let now = performance.now(); begun === undefined || now - begun < MEASURED_MS; now = performance.now()) {
      const text = await send();
      if (!expected.test(text)) throw new Error(`${url} answers ${text.slice(0, 400)}`);
      if (begun !== undefined) {
        if (now >= begun) times.push(performance.now() - now);
        continue;
      }
      const spent = performance.now() - started;
      if (spent < WARM_UP_MS.least || (next < WARM_UP && spent < WARM_UP_MS.most)) continue;
      begun = performance.now();
      warm = look();
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  if (warm === undefined) throw new Error('nothing was measured');
  const [[before, sentBefore], [after, sentAfter]] = [await warm, await look()];
  const cpu = (after - before) / (sentAfter - sentBefore);
  agent.destroy();
  times.sort((a, b) => a - b);
  return { perSecond: (1000 * times.length) / MEASURED_MS, cpu, p50: share(times, 0.5), p99: share(times, 0.99) };
}

export async function benchOverHttp(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-bench-'));
  const simulators = await startChild({
    name: 'simulators',
    entry: path.join(DIST, 'apps', 'processes', 'simulators.js'),
    env: {},
    logFile: path.join(folder, 'simulators.log'),
    settings: settingsOf({ tenants: [{ name: 'bench', network: 'refnet:2' }], seed: 1, speed: 1 }, Date.now()),
  });
  const door = fork(fileURLToPath(new URL('./broker-door.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx', '--no-turbo-inline-js-wasm-calls', ...BROKER_PROGRAM.flags],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    const { inventory } = simulatorsReady.parse(simulators.ready);
    const device = (InventoryDocument.parse(inventory).tenants[0]?.devices ?? []).flatMap(({ name, role, endpoint }) =>
      role === 'edge' && endpoint.netconf !== undefined ? [{ tenant: 'bench', device: name, ...endpoint }] : [],
    )[0];
    if (device === undefined) throw new Error('no device with NETCONF');
    const settings: DoorSettings = { tenants: TENANTS, device };
    door.send(settings);
    const [ready]: DoorReady[] = await once(door, 'message');
    if (ready === undefined) throw new Error('the door does not open');
    const { url, logins } = ready;
    const records = { input: {}, purpose: 'chat:1' };
    const config = { target: { devices: [device.device] }, input: { section: 'interfaces' }, purpose: 'chat:1' };
    const done = /"status":"done"/;
    const bare = await press(`${url}/bare`, 'inventory.devices', records, undefined, done);
    const governed = await press(`${url}/decide`, 'inventory.devices', records, logins['inventory'], done);
    const overMcp = await press(`${url}/mcp/inventory`, 'inventory.devices', records, logins['inventory'], done);
    const sdk = await press(`${url}/sdk`, 'config.read', config, undefined, /"observations":\[\{/);
    const simulated = await press(`${url}/mcp/diagnostics`, 'config.read', config, logins['diagnostics'], done);
    const bareAgain = await press(`${url}/bare`, 'inventory.devices', records, undefined, done);
    const idle = (bare.perSecond + bareAgain.perSecond) / 2;
    const idleCpu = (bare.cpu + bareAgain.cpu) / 2;
    return [
      { what: 'bare node:http (before and after, mean)', value: idle, unit: '/s' },
      { what: 'governed, durable, read of records over node:http', value: governed.perSecond, unit: '/s' },
      { what: '… of bare node:http', value: governed.perSecond / idle, unit: '×', aim: '≥ 0.4 ×' },
      { what: '… by processor time', value: idleCpu / governed.cpu, unit: '×', aim: '≥ 0.4 ×' },
      { what: '… processor time of one (bare: the next line)', value: governed.cpu, unit: 'µs' },
      { what: '… bare', value: idleCpu, unit: 'µs' },
      { what: '… p50', value: governed.p50, unit: 'ms' },
      { what: '… p99', value: governed.p99, unit: 'ms', aim: '≤ 10 ms' },
      { what: 'the same over the MCP routes', value: overMcp.perSecond, unit: '/s' },
      { what: '… processor time of one', value: overMcp.cpu, unit: 'µs' },
      { what: '… p99', value: overMcp.p99, unit: 'ms' },
      { what: 'bare MCP SDK server, read of a simulated device', value: sdk.perSecond, unit: '/s' },
      { what: '… p50', value: sdk.p50, unit: 'ms' },
      { what: 'governed MCP tools/call, the same read', value: simulated.perSecond, unit: '/s' },
      { what: '… p50', value: simulated.p50, unit: 'ms' },
      {
        what: 'time of the governed call / of the bare SDK',
        value: sdk.perSecond / simulated.perSecond,
        unit: '×',
        aim: '≤ 1.3 ×',
      },
      { what: '… by processor time of the server', value: simulated.cpu / sdk.cpu, unit: '×', aim: '≤ 1.3 ×' },
    ];
  } finally {
    if (door.connected) door.disconnect();
    if (door.exitCode === null) await once(door, 'exit');
    await simulators.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
