/** What agents with a model are answered for a tenant that lets none in: what a diagnosis needs, and nothing that people wrote. */
import { expect, it } from 'vitest';
import type { Answer, Evidence } from '../../../broker/contract.ts';
import { classifyModel, mayRead, readModelClass } from '../../../broker/models/tenant-models.ts';
import { WITHHELD, withholdAnswer, withholdText } from '../../../broker/models/withhold.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { createFakeBroker, createFaulty } from '../../agents/fake-broker.ts';

const NAMES = new Set(['br2_edge', 'br2', 'hub1_edge', 'mpls', 'ge0/0', 'isp1_core', '172.30.0.70']);

it.each([
  'established',
  'neighbor 172.30.0.70 idle, last error 2/2',
  'session/bgp/hub1_edge--br2_edge',
  'out-of-sync',
  'bfd down: detection time expired',
  '10.2.10.11 02:78:a9:5e:53:39',
  '25604 KB 0 restarts',
  '2026-01-05T09:00:00Z',
  '{"role":"hub","site":"br2","asn":65000,"ok":true,"none":null}',
])('leaves "%s" as it is', (text) => {
  expect(withholdText(text, NAMES)).toBe(text);
});

it.each([
  ['commit 7 by j.miller', `commit 7 by ${WITHHELD}`],
  ['CEO office, call Anna', `${WITHHELD} ${WITHHELD}, ${WITHHELD} ${WITHHELD}`],
  ['node/br9_secret', WITHHELD],
  ['mailto:anna@acme.example', WITHHELD],
  ['{"summary":"up","id":7,"implementer":"up"}', `{"summary":"${WITHHELD}","id":7,"implementer":"${WITHHELD}"}`],
  ['{"a":["bob",["up"]]}', `{"a":["${WITHHELD}",["up"]]}`],
  ['{broken', WITHHELD],
  ['ignore\u00a0previous', `${WITHHELD}\u00a0${WITHHELD}`],
  ['пароль', WITHHELD],
  ['', ''],
])('makes of "%s" only what the broker knows itself', (text, expected) => {
  expect(withholdText(text, NAMES)).toBe(expected);
});

it('withholds at any depth', () => {
  const deep = `${'['.repeat(40)}"bob"${']'.repeat(40)}`;
  expect(withholdText(deep, NAMES)).not.toContain('bob');
});

const evidence = (signal: string, value: Evidence['value']): Evidence => ({
  ...{
    id: 'evd_1',
    tenant: 'acme',
    resource: 'node/br2_edge',
    signal,
    value,
    source: 'netconf:br2_edge',
    intent: 'int_1',
  },
  ...{ observedAt: '2026-01-05T09:00:00Z', collectedAt: '2026-01-05T09:00:00Z' },
});

it('keeps which leaf differs and withholds its values; configuration and descriptions are withheld whole', () => {
  const values = ([signal, value]: readonly [string, Evidence['value']]) => {
    const answer = withholdAnswer({ status: 'done', intent: 'int_1', evidence: [evidence(signal, value)] }, NAMES);
    return answer.status === 'done' ? answer.evidence[0]?.value : undefined;
  };
  expect(values(['cfg.diff', 'bgp/local-as: running 65099, intended 65002'])).toBe(`bgp/local-as: ${WITHHELD}`);
  expect(values(['cfg.leaf', 'snmp/community = private (line 3)'])).toBe(`snmp/community: ${WITHHELD}`);
  expect(values(['cfg.diff', 'something else'])).toBe(WITHHELD);
  expect(values(['config', '<bgp/>'])).toBe(WITHHELD);
  expect(values(['if.description', 'up'])).toBe(WITHHELD);
  expect(values(['if.oper', 'up'])).toBe('up');
  expect(values(['dev.cpu_pct', 7])).toBe(7);
});

it('takes the difference out of a change that waits', () => {
  const decision = {
    ...{
      id: 'dec_1',
      effect: 'permit' as const,
      policies: [],
      reasons: [],
      obligations: [],
      advice: [],
      revision: 'r',
    },
  } as const;
  const summary = {
    decision,
    diff: '-secret\n+secret2',
    needed: { count: 1, role: 'tenant-admin' },
    expiresAt: '',
  } as const;
  const answer: Answer = { status: 'pending', intent: 'int_1', approval: 'apr_1', summary };
  expect(JSON.stringify(withholdAnswer(answer, NAMES))).not.toContain('secret');
});

it('leaves every state that a tool reads of the simulated network, so that a diagnosis goes on', async () => {
  const broker = createFakeBroker(createFaulty(1, { type: 'bgp_asn_mismatch', resource: 'node/br2_edge' }));
  const read = async (
    tool: string,
    domain: (typeof TOOLS)[number]['domain'],
    input: object,
    devices: readonly string[],
  ) => {
    const target = devices.length > 0 ? { target: { devices } } : {};
    const answer = await broker.call('troubleshooter', domain, tool, {
      ...target,
      input: { ...input },
      purpose: 'chat:x',
    });
    return answer.status === 'done' ? answer.evidence : [];
  };
  const inventory = [
    ...(await read('inventory.devices', 'inventory', {}, [])),
    ...(await read('inventory.topology', 'inventory', {}, [])),
  ];
  const names = new Set(
    inventory.flatMap(({ resource, value }) => [
      ...resource.split('/'),
      ...String(value)
        .toLowerCase()
        .split(/[^a-z0-9_./-]+/),
    ]),
  );
  const people = new Set(['config', 'incident', 'if.description', 'cfg.diff', 'cfg.leaf', 'trap.system_commit']);
  const changed: string[] = [];
  let seen = 0;
  for (const { name, domain, effect, targets } of TOOLS) {
    if (effect !== 'read') continue;
    const records = await read(name, domain, { last: 100, vrf: 10 }, targets === 'none' ? [] : ['br2_edge']).catch(
      () => [],
    );
    const answer = withholdAnswer({ status: 'done', intent: 'int_1', evidence: records }, names);
    if (answer.status !== 'done') continue;
    seen += records.length;
    answer.evidence.forEach((one, at) => {
      if (one.value !== records[at]?.value && !people.has(one.signal))
        changed.push(`${one.signal} ${records[at]?.value}`);
    });
  }
  expect(changed).toEqual([]);
  expect(seen).toBeGreaterThan(50);
});

it('decides by setting and class, and takes what it does not know for the most that could be', () => {
  const settings = { acme: 'local', globex: 'any', none: 'none' } as const;
  const rows = ['acme', 'globex', 'none', 'unheard', 'constructor', '__proto__'].map((tenant) => [
    tenant,
    ...(['none', 'local', 'external'] as const).map((model) => mayRead(settings, tenant, model)),
  ]);
  expect(rows).toEqual([
    ['acme', true, true, false],
    ['globex', true, true, true],
    ['none', true, false, false],
    ['unheard', true, false, false],
    ['constructor', true, false, false],
    ['__proto__', true, false, false],
  ]);
  expect(readModelClass({})).toBe('external');
  expect(readModelClass({ 'model-class': 'harmless' })).toBe('external');
  expect(readModelClass({ 'model-class': 'none' })).toBe('none');
});

it.each([
  ['', '', 'none'],
  ['ollama:llama', '', 'local'],
  ['openai:gpt', '', 'external'],
  ['anthropic:claude', '', 'external'],
  ['openai:any', 'http://127.0.0.1:8000/v1', 'local'],
  ['openai:any', 'http://[::1]:8000/v1', 'local'],
  ['openai:any', 'http://10.1.2.3/v1', 'local'],
  ['openai:any', 'https://172.31.0.1/v1', 'local'],
  ['openai:any', 'https://172.32.0.1/v1', 'external'],
  ['openai:any', 'https://[fd00::1]/v1', 'local'],
  ['openai:any', 'http://localhost:8000/v1', 'local'],
  ['openai:any', 'https://10.example.com/v1', 'external'],
  ['openai:any', 'https://127.0.0.1.example.com/v1', 'external'],
  ['openai:any', 'https://localhost.example.com/v1', 'external'],
  ['openai:any', 'https://127.0.0.1@evil.example/v1', 'external'],
  ['ollama:llama', 'https://ollama.example/', 'external'],
  ['openai:any', 'not a url', 'external'],
])('%s at "%s" is %s', (name, url, expected) => {
  expect(classifyModel(name, url)).toBe(expected);
});
