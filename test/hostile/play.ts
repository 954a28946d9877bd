/**
 * A hostile agent with a valid token and few rights: random calls over the MCP routes and the real pipeline under the shipped
 * policies. It knows every name and id of the other tenant; what it must not get is written there and nowhere else.
 */
import { Hono } from 'hono';
import type { AgentName, Role } from '../../broker/contract.ts';
import { AGENTS, DOMAINS } from '../../broker/contract.ts';
import { sha256 } from '../../broker/digest.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { mcpRoutes } from '../../broker/mcp/mcp-routes.ts';
import { sampleInput } from '../../broker/policy/sample-input.ts';
import type { DecisionPoint } from '../../broker/ports.ts';
import { TOOLS } from '../../tools/registry.ts';
import { type Bench, type Caller, createBench, RIGHT_AS } from '../broker/pipeline/bench.ts';

export interface Played {
  readonly intents: number;
  /** What each came to, by code or outcome. */
  readonly outcomes: { readonly [outcome: string]: number };
  readonly unauthorisedWrites: number;
  readonly crossTenantBytes: number;
  /** What broke the rule first, in words. */
  readonly broken: readonly string[];
}

/** mulberry32: the same calls for the same seed. */
function createRandom(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    below,
    chance: (share: number): boolean => next() < share,
    pick: <T>(from: readonly T[]): T => {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
  };
}
type Random = ReturnType<typeof createRandom>;

/** Reads and proposals at most: nobody ever approves anything here. */
const PEOPLE: readonly (readonly [string, readonly Role[]])[] = [
  ['operator@acme', ['tenant-operator']],
  ['second@acme', ['auditor']],
];
const SECRET = 'wl-secret-of-the-other';

/** Writes the secret wherever the other tenant has room for text, and hands out every id it has. */
async function plant(bench: Bench): Promise<readonly string[]> {
  for (const ref of bench.network.devices()) {
    if (ref.tenant !== 'globex') continue;
    const config = bench.network.config(ref);
    const interfaces = config.interfaces.map((one) => ({ ...one, description: `${SECRET} port` }));
    bench.network.commit(ref, { ...config, interfaces }, 'netops');
  }
  const OTHER: Caller = { human: 'operator@globex' };
  const target = { devices: ['br1_edge'] };
  const read = await bench.call(OTHER, 'diagnostics', 'config.read', {
    ...{ target, input: { section: 'interfaces' }, purpose: 'chat:1' },
  });
  const evidence = read.status === 'done' ? read.evidence.map(({ id }) => id) : [];
  const input = { title: SECRET, severity: 'major', resources: [], evidence: evidence.slice(0, 5) };
  await bench.call(OTHER, 'inventory', 'incident.open', { input, purpose: 'chat:1' });
  const incidents = (await bench.incidents.list('globex')).map(({ id }) => id);
  if (evidence.length === 0 || incidents.length === 0) throw new Error('nothing was planted');
  return [...evidence.slice(0, 5), ...incidents];
}

const configsOf = (bench: Bench): string =>
  sha256(JSON.stringify(bench.network.devices().map((ref) => [ref, bench.network.config(ref)])));

/** One value of the attacker's: what a tool wants, what another tool wants, and what no tool wants. */
function anyValue(random: Random, words: readonly string[], depth = 0): unknown {
  switch (random.below(depth > 2 ? 5 : 8)) {
    case 0:
      return random.pick([0, 1, -1, RIGHT_AS, 65_535, 2 ** 53, 1e308, -0.5]);
    case 1:
      return random.chance(0.5);
    case 2:
      return null;
    case 3:
    case 4:
      return random.pick(words);
    case 5:
      return Array.from({ length: random.below(4) }, () => anyValue(random, words, depth + 1));
    default:
      return anyObject(random, words, depth + 1);
  }
}

/** Inputs that fit, so that most calls get as far as a right to them would let them. */
const FAIR: { readonly [tool: string]: (random: Random, words: readonly string[]) => Record<string, unknown> } = {
  'config.read': () => ({ section: 'interfaces' }),
  'config.restore': () => ({ sections: ['interfaces'] }),
  'bgp.set-local-as': () => ({ localAs: RIGHT_AS }),
  'interface.set-description': () => ({ interface: 'ge0/0', description: 'spare' }),
  'interface.set-enabled': () => ({ interface: 'ge0/0', enabled: false }),
  'probe.tcp': (random) => ({ vrf: 1, destination: random.pick(['10.0.0.1', 'hub1_srv1', '192.0.2.1']), port: 443 }),
  'probe.ping': (random) => ({ vrf: 1, destination: random.pick(['10.0.0.1', 'hub1_srv1', '192.0.2.1']) }),
  'evidence.get': (random, words) => ({ ids: [random.pick(words.filter((one) => one.startsWith('evd_')))] }),
  'incident.open': () => ({ title: 'a port', severity: 'major', resources: [], evidence: [] }),
  'incident.update': (random, words) => {
    const incident = random.pick(words.filter((one) => one.startsWith('inc_')));
    return { incident, state: 'acknowledged', note: 'seen' };
  },
};

const KEYS = [
  'tenant',
  'device',
  'devices',
  'section',
  'interface',
  'description',
  'localAs',
  'state',
  '__proto__',
  'id',
];
const anyObject = (random: Random, words: readonly string[], depth: number): object =>
  Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [random.pick(KEYS), anyValue(random, words, depth)]),
  );

function anyCall(random: Random, words: readonly string[]): { readonly domain: string; readonly message: object } {
  const tool = random.pick(TOOLS);
  const domain = random.chance(0.93) ? tool.domain : random.pick<string>([...DOMAINS, 'core', '..']);
  const name = random.chance(0.95) ? tool.name : random.pick([...words, 'intent.await', 'approvals.approve']);
  const fair: Record<string, unknown> = FAIR[tool.name]?.(random, words) ?? { ...sampleInput(tool) };
  for (const key of Object.keys(fair)) if (random.chance(0.15)) fair[key] = anyValue(random, words);
  const input = random.chance(0.9) ? fair : { ...fair, ...anyObject(random, words, 0) };
  const devices = random.chance(0.85)
    ? [random.pick(['br1_edge', 'br2_edge', 'hub1_edge'])]
    : Array.from({ length: random.below(5) }, () => random.pick(words));
  const args: Record<string, unknown> = {
    ...(tool.targets === 'none' && random.chance(0.9) ? {} : { target: { devices } }),
    ...{
      input,
      purpose: random.chance(0.8) ? random.pick(words.filter((one) => /^(chat|inc_)/.test(one))) : random.pick(words),
    },
  };
  if (random.chance(0.3)) args['intent'] = `int_aaaaaa${random.below(1000)}`;
  if (random.chance(0.05)) args['intent'] = random.pick(words);
  if (random.chance(0.1)) args['evidence'] = [random.pick(words)];
  if (random.chance(0.08))
    args[random.pick(['tenant', 'subject', 'approval', 'roles', '__proto__'])] = random.pick(words);
  return { domain, message: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } } };
}

export async function playHostile(
  decisionPoint: DecisionPoint,
  intents: number,
  seed: number,
  progress: (done: number) => void = () => undefined,
  /** What a test breaks before each call, to see it found. */
  sabotage: (bench: Bench) => void = () => undefined,
): Promise<Played> {
  const random = createRandom(seed);
  const bench = await createBench({ decisionPoint });
  bench.inject();
  const foreign = await plant(bench);
  for (const [human, roles] of PEOPLE) bench.turn.roles.set(human, roles);
  // An incident that a person opened, so that changes have a purpose and get as far as they can.
  const opening = { title: 'BGP is down', severity: 'major', resources: ['node/br2_edge'], evidence: [] };
  await bench.call({ human: 'operator@acme' }, 'inventory', 'incident.open', { input: opening, purpose: 'chat:1' });
  const own = (await bench.incidents.list('acme')).map(({ id }) => id);
  if (own.length === 0) throw new Error('there is no incident of the own');
  const words = [
    ...[...foreign, ...own, 'globex', 'acme', '*', '', '../globex', 'globex/br1_edge', 'br1_edge', 'br9_edge', 'ge0/0'],
    ...['operator@globex', "' OR 1=1 --", '{{globex}}', '<edit-config/>', 'node/br1_edge', 'chat:1', 'sch_1', 'apr_1'],
  ];
  let caller: Caller = { human: 'operator@acme', agent: 'troubleshooter' };
  const app = new Hono().route(
    '/mcp',
    mcpRoutes({
      url: 'http://127.0.0.1',
      authenticate: async () => bench.subjectOf(caller),
      broker: {
        call: (_credential, ...rest) => bench.broker.call(bench.credentialOf(caller), ...rest),
        listTools: (_credential, domain) => bench.broker.listTools(bench.credentialOf(caller), domain),
      },
      controlDesk: bench.desk,
      pause: async () => undefined,
      ids: bench.ids,
      log: { error: () => undefined },
    }),
  );
  app.onError((error, c) => {
    const known = error instanceof WayleaveError ? error : new WayleaveError('INTERNAL');
    return c.json({ error: known.toJSON().error }, known.status as 400);
  });

  const before = configsOf(bench);
  const outcomes: Record<string, number> = {};
  const broken: string[] = [];
  let unauthorisedWrites = 0;
  let crossTenantBytes = 0;
  for (let done = 0; done < intents; done += 1) {
    // Mostly the agent that may do most.
    const agent = random.chance(0.6) ? 'troubleshooter' : random.pick<AgentName>(AGENTS);
    caller = { human: random.chance(0.8) ? 'operator@acme' : 'second@acme', agent };
    const { domain, message } = anyCall(random, words);
    sabotage(bench);
    const reads = bench.reads.length;
    const response = await app.request(`/mcp/${encodeURIComponent(domain)}`, {
      method: 'POST',
      headers: {
        ...{ Authorization: 'DPoP x', DPoP: 'x', 'Content-Type': 'application/json' },
        Accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify(message),
    });
    const body = `${[...response.headers.values()].join()}${await response.text()}`;
    const outcome =
      /"code":"([A-Z_]+)"/.exec(body)?.[1] ?? /"status":"([a-z-]+)"/.exec(body)?.[1] ?? `${response.status}`;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    const leaked =
      body.split(SECRET).length - 1 + bench.reads.slice(reads).filter((one) => one.startsWith('globex/')).length;
    if (leaked > 0 || /"tenant":"globex"/.test(body)) {
      crossTenantBytes += body.length;
      broken.push(`${done}: ${JSON.stringify(message)} → ${body.slice(0, 300)}`);
    }
    // It tries to decide about what it asked for; whoever is an agent never does.
    if (outcome === 'pending') {
      for (const approval of await bench.approvals.list('acme', 'pending')) {
        const decided = await bench.desk.vote(bench.subjectOf(caller), approval.id, 'approve', 'fine').then(
          () => true,
          () => false,
        );
        if (decided) broken.push(`${done}: an agent approved ${approval.id}`);
      }
      bench.advance(15 * 60_000);
    }
    // Somebody clears it each time: a suspension would end the attack, and there is more to be shown.
    if (outcome === 'SUSPENDED') {
      for (const [human] of PEOPLE)
        await bench.desk.clearRisk(bench.subjectOf({ human: 'admin@acme' }), human).catch(() => undefined);
    }
    if (outcome === 'LIMITED') bench.advance(10 * 60_000);
    bench.advance(1000);
    if (done % 500 === 499) progress(done + 1);
  }
  for (const { tenant, device } of bench.network.devices()) {
    const { commits } = bench.device(tenant, device);
    unauthorisedWrites += commits.length;
    if (commits.length > 0) broken.push(`${tenant}/${device} was changed`);
  }
  if (configsOf(bench) !== before) {
    unauthorisedWrites = Math.max(1, unauthorisedWrites);
    broken.push('a configuration is not what it was');
  }
  return { intents, outcomes, unauthorisedWrites, crossTenantBytes, broken };
}
