/** The worked examples of docs/extending.md: each one runs, and the page quotes what runs. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { END, START, StateGraph } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../agents/events.ts';
import { createIds } from '../../agents/ids.ts';
import { type Conversation, ConversationState } from '../../agents/state.ts';
import { DriverError } from '../../broker/drivers/driver.ts';
import { DEFAULT_POLICIES } from '../../broker/policy/load-policies.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import { TOOLS } from '../../tools/registry.ts';
import { createFakeBroker, createFaulty, TENANT } from '../agents/fake-broker.ts';
import { wayleave } from '../apps/cli/fake-io.ts';
import { createBench, OPERATOR } from '../broker/pipeline/bench.ts';
import { ROOT } from '../repository/source-files.ts';
import { watchSessions } from './agent.ts';
import { createArchiveDriver } from './driver.ts';
import { timeServersForgotten } from './fault.ts';
import { mtuConfigured } from './tool.ts';

const PAGE = readFileSync(path.join(ROOT, 'docs', 'extending.md'), 'utf8');
/** Blocks of code with the file that they are taken from: `<!-- test/extending/tool.ts -->` stands before each. */
const QUOTED = [...PAGE.matchAll(/<!-- (\S+) -->\n```\w+\n([\s\S]*?)```/g)];

it('quotes the examples as they run', () => {
  expect(QUOTED.map(([, file]) => file).sort()).toEqual([
    'test/extending/agent.ts',
    'test/extending/driver.ts',
    'test/extending/fault.ts',
    'test/extending/no-probes-at-night.cedar',
    'test/extending/no-probes-at-night.test.yaml',
    'test/extending/tool.ts',
  ]);
  for (const [, file = '', code = ''] of QUOTED)
    expect(readFileSync(path.join(ROOT, file), 'utf8'), file).toContain(code.trim());
});

it('a tool is asked for through the whole pipeline, by the broker’s means only', async () => {
  const bench = await createBench({ tools: [...TOOLS, mtuConfigured] });
  const ask = () =>
    bench.call(OPERATOR, 'diagnostics', 'mtu.configured', {
      ...{ target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' },
    });
  const answer = await ask();
  if (answer.status !== 'done') throw new Error('it waits');
  expect(answer.evidence.map(({ resource, signal, value }) => [resource, signal, value])).toContainEqual([
    'interface/br1_edge/ge0/1',
    'if.mtu',
    1500,
  ]);
  // Who may not use a tool is not told that there is one.
  bench.turn.permit = () => false;
  await expect(ask()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('a fault breaks a cause, says nothing of itself, and is taken back', () => {
  const topology = refnet({ tenant: TENANT, branches: 2, seed: 1, tenantIndex: 0 });
  const faults = [...FAULT_TYPES, timeServersForgotten];
  const network = createNetwork({ topology, seed: 1, startAt: Date.parse('2026-01-01T00:00:00Z'), faults });
  const device = { tenant: TENANT, device: 'br1_edge' };
  const before = network.config(device).ntpServers;
  const id = network.inject({ tenant: TENANT, type: 'time_servers_forgotten', resource: 'node/br1_edge' });
  network.advanceTo(network.now() + 60_000);
  expect(network.config(device).ntpServers).toEqual([]);
  network.clear(id);
  expect(network.config(device).ntpServers).toEqual(before);
  expect(() => network.inject({ tenant: TENANT, type: 'time_servers_forgotten', resource: 'host/nobody' })).toThrow();
});

it('a policy decides beside the shipped ones, with its own cases', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-policies-'));
  try {
    cpSync(DEFAULT_POLICIES, folder, { recursive: true });
    for (const file of ['no-probes-at-night.cedar', 'no-probes-at-night.test.yaml'])
      cpSync(path.join(ROOT, 'test', 'extending', file), path.join(folder, file));
    const said = await wayleave(['policy', 'check', '--policies', folder, '--json']);
    expect(JSON.parse(said.out)).toMatchObject({ failures: [], gaps: [] });
    expect(JSON.parse(said.out).policies).toContain('no-probes-at-night');
    expect(said.exit).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('a driver', () => {
  const driver = createArchiveDriver((device, of) => (device === 'old' && of === '/a' ? { up: true } : undefined));
  const get = (device: string, of: string) =>
    driver.run({ tenant: TENANT, device }, { protocol: 'rest', kind: 'get', device, path: of, query: {} });

  it('answers what it has, and refuses the rest with a code', async () => {
    await expect(get('old', '/a')).resolves.toEqual({ protocol: 'rest', json: { up: true } });
    await expect(get('old', '/b')).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const walk = { protocol: 'snmp', kind: 'walk', device: 'old', columns: [] } as const;
    await expect(driver.run({ tenant: TENANT, device: 'old' }, walk)).rejects.toBeInstanceOf(DriverError);
  });
});

describe('a specialist', () => {
  async function ask(fault?: { readonly type: string; readonly resource: string }) {
    const broker = createFakeBroker(createFaulty(1, fault));
    const events: ChatEvent[] = [];
    const deps = { broker, ids: createIds(), emit: (event: ChatEvent) => void events.push(event) };
    const graph = new StateGraph(ConversationState)
      .addNode('watch', (state: Conversation) => watchSessions(deps, state))
      .addEdge(START, 'watch')
      .addEdge('watch', END)
      .compile();
    const task = { id: 't', agent: 'health-monitor', kind: 'sweep', question: 'are the sessions up?' } as const;
    const devices = ['hub1_edge', 'br2_edge'];
    await graph.invoke({
      thread: 'thr_1',
      tasks: [{ ...task, devices, service: '', from: '', to: '', detail: '' }],
    });
    const finding = events.find((event) => event.type === 'finding');
    return finding?.type === 'finding' ? finding : undefined;
  }

  it('reports what it read with its evidence, and health as health', async () => {
    expect((await ask())?.verdict).toBe('healthy');
    const found = await ask({ type: 'bgp_asn_mismatch', resource: 'node/br2_edge' });
    expect(found?.verdict).toBe('inconclusive');
    expect(found?.because[0]?.text).toMatch(/^session\/bgp\/hub\d_edge--br2_edge is in state/);
    expect(found?.because[0]?.evidence).toHaveLength(1);
  });
});
