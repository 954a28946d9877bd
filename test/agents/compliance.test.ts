/** The compliance auditor: golden rules, drift with its line and remediation, and what agents and people did. */
import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { findAspects } from '../../agents/compliance-auditor/aspects.ts';
import { checkRules, parseRules, RULES, readLeaf } from '../../agents/compliance-auditor/rules.ts';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { createIds } from '../../agents/ids.ts';
import { askAgents } from './ask.ts';
import { createFakeBroker, createFaulty, TENANT } from './fake-broker.ts';

type Audit = Parameters<typeof createFakeBroker>[2];

const ask = (text: string, fault?: { type: string; resource: string }, audit: Audit = []) =>
  askAgents(createFakeBroker(createFaulty(1, fault), undefined, audit), text);

it('finds nothing on a network that is as it should be', async () => {
  const { finding, said, broker } = await ask('compliance report please');
  expect(finding).toMatchObject({ verdict: 'healthy', because: [], unread: [] });
  expect(said).toContain(`keep all ${RULES.length} golden rules`);
  expect(new Set(broker.calls.map(({ tool }) => tool))).toEqual(
    new Set([
      ...['inventory.devices', 'inventory.topology', 'inventory.changes'],
      ...['config.diff', 'config.leaves', 'events.read', 'audit.read', 'flows.read', 'inventory.records'],
    ]),
  );
});

describe('asked to put it right', () => {
  const FAULT = { type: 'bgp_asn_mismatch', resource: 'node/br2_edge' };
  function open() {
    const network = createFaulty(1, FAULT);
    const broker = createFakeBroker(network);
    const events: ChatEvent[] = [];
    const conversations = createConversations({ saver: new MemorySaver(), ids: createIds() });
    const emit = (event: ChatEvent): void => void events.push(event);
    const turn = { human: 'op@acme', tenant: TENANT, thread: 'thr_1', broker, emit };
    return { network, broker, events, conversations, turn };
  }
  it('hands the change over to the troubleshooter, under an incident, for people to approve', async () => {
    const { network, broker, events, conversations, turn } = open();
    await conversations.chat({ ...turn, text: 'audit the configuration of branch 2 and remediate it' });
    const asked = broker.calls.filter(({ tool }) => tool === 'config.restore');
    const [incident] = broker.incidents.values();
    expect(incident).toMatchObject({ openedBy: 'compliance-auditor', resources: ['node/br2_edge'], state: 'open' });
    expect(asked).toMatchObject([
      {
        agent: 'troubleshooter',
        args: { purpose: incident?.id, input: { sections: ['bgp'] }, target: { devices: ['br2_edge'] } },
      },
    ]);
    expect(broker.changes.size).toBe(0);
    for (const id of broker.approvals.keys()) broker.approvals.set(id, 'approved');
    await conversations.resume(turn);
    expect(events.findLast(({ type }) => type === 'outcome')).toMatchObject({ outcome: 'succeeded' });
    expect(network.config({ tenant: TENANT, device: 'br2_edge' }).bgp?.localAs).toBe(65_002);
    expect(incident?.state).toBe('resolved');
    // The auditor itself asked for nothing but reads and its incident.
    const own = new Set(broker.calls.filter(({ agent }) => agent === 'compliance-auditor').map(({ tool }) => tool));
    expect([...own].filter((tool) => tool.includes('set') || tool.includes('restore'))).toEqual([]);
  });
  it('and to nobody when people only asked what is wrong', async () => {
    const { broker, conversations, turn } = open();
    await conversations.chat({ ...turn, text: 'audit the configuration of branch 2' });
    expect(broker.incidents.size + broker.approvals.size).toBe(0);
  });
});

it('tells what a policy on trial would have refused', async () => {
  const entry = {
    kind: 'outcome',
    human: 'op@acme',
    agent: 'troubleshooter',
    tool: 'bgp.set-local-as',
    intent: 'int_1',
  };
  const { because } = await ask('were changes approved without review?', undefined, [
    { index: 1, at: '2026-01-05T08:00:00Z', ...entry, facts: { outcome: 'succeeded', observed: 'two-hands: deny' } },
    { index: 2, at: '2026-01-05T08:10:00Z', ...entry, facts: { outcome: 'succeeded', observed: 'two-hands: deny' } },
  ]);
  expect(because).toContainEqual(
    expect.stringMatching(
      /^the policy two-hands is only observed: it would have said deny to bgp\.set-local-as, 2 times/,
    ),
  );
});

describe('faults of configuration and policy', () => {
  it.each([
    ['bgp_asn_mismatch', 'node/br2_edge', 'P-AS', 'bgp/local-as', 'config.restore sections=bgp on br2_edge'],
    ['bfd_timers_too_aggressive', 'policy/br2_edge/bfd-mpls', '', 'bfd/', 'config.restore sections=bfd on br2_edge'],
    ['qos_misqueue', 'policy/br2_edge/qos-wan', 'Q-VOICE', 'qos/', 'for people, in the template of br2_edge'],
    ['path_mtu_mismatch', 'interface/br2_edge/ge0/0', '', 'interfaces/', 'config.restore'],
    ['acl_blocks_app', 'node/br2_edge', '', 'access-lists/', 'config.restore sections=access-lists on br2_edge'],
    ['if_admin_shutdown', 'interface/br2_edge/ge0/0', '', 'enabled', 'config.restore sections=interfaces on br2_edge'],
  ])('%s: the leaf, and what would put it right', async (type, resource, rule, leaf, remedy) => {
    const { finding, because, said, broker } = await ask('audit the configuration of branch 2', { type, resource });
    expect(finding.verdict).toBe('inconclusive');
    expect(because.some((text) => text.includes(leaf))).toBe(true);
    expect(because.every((text) => text.includes('[NIST SP 800-207 tenet '))).toBe(true);
    expect(finding.because.every(({ evidence }) => evidence.length > 0)).toBe(true);
    if (rule) expect(because.some((text) => text.includes(rule) && /\(\w+ line \d+\)/.test(text))).toBe(true);
    expect(said).toContain('Remediation');
    expect(said).toContain(remedy);
    expect(said).toMatch(/\n {2}- .*\n {2}\+ /);
    expect(broker.changes.size + broker.approvals.size).toBe(0);
  });
  it('says where people put right what no tool does, as far as it was compared', async () => {
    const intruder = { type: 'unauthorised_change', resource: 'node/br2_edge' };
    const compared = await ask('audit the configuration of branch 2', intruder);
    expect(compared.said).toContain('for people, at br2_edge: its intended configuration does not have that.');
    const rulesOnly = await ask('which deviations from the golden rules are there on br2_edge?', intruder);
    expect(rulesOnly.said).toContain('for people, at br2_edge or in its template: the two were not compared.');
  });
  it('names who committed outside of the broker', async () => {
    const { because } = await ask('who changed br2?', { type: 'bgp_asn_mismatch', resource: 'node/br2_edge' });
    expect(because).toEqual([expect.stringContaining('outside of Wayleave: "commit 1 by netops"')]);
  });
});

describe('what agents and people did', () => {
  const at = (seconds: number): string => new Date(Date.parse('2026-01-05T09:00:00Z') + 1000 * seconds).toISOString();
  const entry = (index: number, kind: string, facts: object, rest: object = {}) => ({
    index,
    at: at(index),
    kind,
    human: 'op@acme',
    facts,
    ...rest,
  });
  it('is judged from the audit log', async () => {
    const { because } = await ask(
      'were changes approved without review, was the glass broken, which agents were denied?',
      undefined,
      [
        entry(
          1,
          'pending',
          { approval: 'apr_1' },
          { agent: 'troubleshooter', intent: 'int_1', tool: 'bgp.set-local-as' },
        ),
        entry(4, 'approval.vote', { verdict: 'approve', reason: 'ok' }, { human: 'admin@acme', intent: 'int_1' }),
        entry(
          5,
          'pending',
          { approval: 'apr_2' },
          { agent: 'troubleshooter', intent: 'int_2', tool: 'bgp.set-local-as' },
        ),
        entry(
          500,
          'approval.vote',
          { verdict: 'approve', reason: 'AS number as ordered' },
          { human: 'admin@acme', intent: 'int_2' },
        ),
        entry(501, 'break-glass.opened', { id: 'bg_1', reason: 'hub is down' }),
        entry(502, 'break-glass.opened', { id: 'bg_2', reason: 'again' }),
        entry(503, 'break-glass.reviewed', { id: 'bg_2', of: 'op@acme', verdict: 'justified' }),
        entry(
          504,
          'refused',
          { error: 'DENIED', reason: 'no permit' },
          { agent: 'health-monitor', tool: 'bgp.set-local-as' },
        ),
        entry(
          505,
          'refused',
          { error: 'DENIED', reason: 'no permit' },
          { agent: 'health-monitor', tool: 'bgp.set-local-as' },
        ),
      ],
    );
    expect(because).toEqual([
      expect.stringMatching(/broke the glass .*hub is down.* nobody has reviewed it/),
      expect.stringMatching(/broke the glass .*again.* was reviewed afterwards/),
      expect.stringMatching(/admin@acme approved int_1 without a reason worth the name \("ok"\) and 3 s after/),
      expect.stringMatching(/health-monitor for op@acme was refused bgp.set-local-as 2 times: DENIED/),
    ]);
  });
  it('names MCP servers that hosts used and nobody registered, and not those that people know of', async () => {
    const at = '2026-01-05T09:00:00.000Z';
    const seen = (resource: string, signal: string, value: string) => ({
      ...{ resource, signal, value, observedAt: at, source: 'rest' },
    });
    const broker = createFakeBroker(createFaulty(1), (all, tool) => {
      if (tool === 'flows.read')
        return [
          seen('address/10.1.10.11', 'flow.dns_query', 'www.example.com mcp.tools.example a-mcp.known.example mcp'),
          seen('address/10.2.10.11', 'flow.dns_query', 'MCP.tools.example. mcpherson.example'),
        ];
      if (tool === 'events.read')
        return [
          seen('node/br1_edge', 'trap.log', 'GET https://ai.example:8443/v1/mcp 200'),
          seen('node/br1_edge', 'trap.log', 'proxied, mcp-session-id: 7'),
        ];
      return tool === 'inventory.records' ? [seen('source/a-mcp.known.example', 'list.known_source', '{}')] : all;
    });
    const { because } = await askAgents(broker, 'any unregistered mcp servers?').then(({ finding }) => ({
      because: finding?.because.map(({ text }) => text),
    }));
    expect(because).toEqual([
      expect.stringMatching(/^10\.1\.10\.11, 10\.2\.10\.11 used .* nobody registered: "mcp\.tools\.example"/),
      expect.stringMatching(/^node\/br1_edge used .*"ai\.example:8443"/),
      expect.stringMatching(/^node\/br1_edge used .*"an address that the log does not name"/),
    ]);
  });
  it('names who brings an MCP client of their own', async () => {
    const { because } = await ask('any unregistered mcp clients?', undefined, [
      entry(1, 'refused', { error: 'DENIED' }, { tool: 'config.read' }),
      entry(2, 'refused', { error: 'DENIED' }, { tool: 'config.read', agent: 'router' }),
    ]);
    expect(because).toEqual([expect.stringContaining('op@acme uses an MCP client of their own: config.read')]);
  });
});

describe('rules', () => {
  const device = { device: 'x', role: 'edge', facts: { asn: '65001' }, read: 'evd_0' } as const;
  const leaf = (path: string, value: string) => ({ path, value, line: 3, id: 'evd_1' });
  it('hold the leaves against bounds, facts and counts', () => {
    const rules = parseRules(
      `
- { id: RA, title: t, severity: major, tenet: 5, section: s, each: bgp/local-as, must: { equal: "{asn}" }, because: b }
- { id: RB, title: t, severity: major, tenet: 5, section: s, each: "ports/*/color", leaf: mtu, must: { atLeast: 1500 }, because: b }
- { id: RC, title: t, severity: major, tenet: 5, section: s, each: "ntp/*", count: { atLeast: 1 }, because: b }`,
      'test',
    );
    const good = [
      leaf('bgp/local-as', '65001'),
      leaf('ports/ge0/0/color', 'mpls'),
      leaf('ports/ge0/0/mtu', '1500'),
      leaf('ntp/a', 'a'),
    ];
    expect(checkRules(rules, { ...device, leaves: good })).toEqual([]);
    const bad = [leaf('bgp/local-as', '1'), leaf('ports/ge0/0/color', 'mpls'), leaf('ports/ge0/1/mtu', '1500')];
    expect(
      checkRules(rules, { ...device, leaves: bad }).map(({ rule, path, found }) => [rule.id, path, found]),
    ).toEqual([
      ['RA', 'bgp/local-as', '1'],
      ['RB', 'ports/ge0/0/mtu', 'absent'],
      ['RC', 'ntp/*', '0'],
    ]);
    expect(checkRules(rules, { ...device, facts: {}, leaves: bad }).map(({ rule }) => rule.id)).toEqual(['RB', 'RC']);
  });
  it('say what is wrong with a file', () => {
    expect(() => parseRules('- { id: RA }', 'mine.yaml')).toThrow(/mine\.yaml: 0\.title/);
  });
  it('have names of their own', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    expect(readLeaf('a/b = c = d (line 7)')).toEqual({ path: 'a/b', value: 'c = d', line: 7 });
  });
});

it.each([
  ['any config drift?', ['drift']],
  ['which golden rules are violated', ['rules']],
  ['who changed br2', ['changes']],
  ['NIST report', ['drift', 'rules', 'actions', 'changes', 'clients']],
])('%s asks for %j', (question, aspects) => {
  expect([...findAspects(question)]).toEqual(aspects);
});
