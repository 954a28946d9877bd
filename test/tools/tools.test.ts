/** Plans of tools are exact, inputs strict, readers calm with hostile replies. */
import { describe, expect, it } from 'vitest';
import type { Operation, OperationReply } from '../../broker/contract.ts';
import { editConfig } from '../../protocols/netconf/edit.ts';
import { BASE_NS } from '../../protocols/netconf/messages.ts';
import { el, parseXml } from '../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../protocols/yang/config-from-xml.ts';
import { configToXml } from '../../protocols/yang/config-to-xml.ts';
import { listKeys, userOrdered } from '../../protocols/yang/list-keys.ts';
import { compareConfigs } from '../../tools/config-difference.ts';
import { findTool, TOOLS } from '../../tools/registry.ts';
import { type ToolContext, ToolInputError } from '../../tools/tool.ts';
import { CONFIG, KEY } from '../protocols/yang/device-values.ts';

const CONTEXT: ToolContext = {
  tenant: 'acme',
  devices: [{ name: 'br2_edge', role: 'edge', site: 'br2', systemIp: '10.255.0.2', asn: 65_002 }],
  hosts: [
    { name: 'hub1_srv1', site: 'hub1', vrf: 20, address: '10.100.20.10', services: [{ name: 'erp', port: 443 }] },
  ],
  addresses: ['100.64.1.2'],
};
const TARGET = { devices: ['br2_edge'] };

const INPUTS: Readonly<Record<string, object>> = {
  'incident.open': { title: 'x', severity: 'major', resources: ['node/br2_edge'], evidence: [] },
  'incident.update': { incident: 'inc_1', state: 'resolved', note: '' },
  'evidence.get': { ids: ['evd_1'] },
  'readings.history': { devices: ['br2_edge'] },
  'model.record': {
    ...{ call: 'mdl_1', phase: 'asked', job: 'phrase', provider: 'openai', model: 'm', digest: '', why: '' },
    ...{ tokensIn: 1, tokensOut: 0 },
  },
  'routes.read': { vrf: 10 },
  'events.read': { last: 10 },
  'telemetry.read': {
    ...{ kind: 'readings', resource: 'interface/br1_edge/ge0/0' },
    ...{ from: '2026-01-05T00:00:00Z', to: '2026-01-06T00:00:00Z' },
  },
  'config.read': { section: 'bgp' },
  'config.leaves': { sections: ['bgp'] },
  'audit.read': { last: 10 },
  'probe.ping': { vrf: 10, destination: '10.100.20.10' },
  'flows.read': { from: '2026-01-06T10:00:00Z', until: '2026-01-06T10:15:00Z' },
  'probe.dns': { vrf: 10, resolvers: ['10.100.20.10'], name: 'erp.example', from: 'device' },
  'probe.http': { vrf: 10, destination: '10.100.20.10', port: 443, object: 'small', from: 'device' },
  'probe.df-size': { vrf: 10, destination: '10.100.20.10' },
  'probe.tcp': { vrf: 10, destination: '10.100.20.10', port: 443 },
  'bgp.set-local-as': { localAs: 65_002 },
  'acl.remove-entry': { list: 'acl-control-in', entry: 'e10' },
  'ipsec.set-identity-key': { key: Buffer.alloc(32, 9).toString('base64') },
  'interface.set-enabled': { interface: 'ge0/0', enabled: false },
  'config.restore': { sections: ['bgp', 'interfaces'] },
  'host.quarantine': { address: '10.2.30.11', seconds: 3600 },
  'destination.block': { destination: '198.51.100.66', seconds: 3600 },
  'account.disable': { account: 'svc-backup', seconds: 3600 },
  'approute.set-colors': { rule: 'voice', colors: ['mpls', 'biz-internet'], strict: false },
  'qos.set-class': { policy: 'qos-wan', class: 'voice', bandwidthPct: 20, priority: true },
  'tunnel.set-dscp': { tunnel: 'tun-mpls-hub1_edge' },
  'device.certify': { interface: 'ge0/0' },
  'interface.set-description': { interface: 'ge0/0', description: 'to isp1 <&>' },
};

const plan = (name: string, input: object = INPUTS[name] ?? {}): readonly Operation[] =>
  findTool(name)?.plan(input, TARGET, CONTEXT) ?? [];

/** The configuration after the edit that the tool plans. */
function edited(name: string, input?: object) {
  const [operation] = plan(name, input);
  if (operation?.protocol !== 'netconf' || operation.kind !== 'edit-config') throw new Error('an edit is due');
  const config = el(BASE_NS, 'config', [parseXml(operation.config)]);
  return xmlToConfig(editConfig(el(BASE_NS, 'data', configToXml(CONFIG)), config, listKeys).children);
}

describe('tools', () => {
  it('have unique names, one sentence, and described inputs', () => {
    expect(new Set(TOOLS.map(({ name }) => name)).size).toBe(48);
    for (const tool of TOOLS) expect(tool.description, tool.name).toMatch(/^[A-Z][^.]*(\.[^.]+)?.*\.$/);
  });

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))(
    '%s plans the same each time, and refuses keys it does not know',
    (name, tool) => {
      expect(plan(name).length).toBeGreaterThan(0);
      expect(plan(name)).toEqual(plan(name));
      expect(tool.input.safeParse(INPUTS[name] ?? {}).success).toBe(true);
      expect(tool.input.safeParse({ ...INPUTS[name], surprise: 1 }).success).toBe(false);
    },
  );

  it('ask the director about many devices in a few questions, and take no row about another one', () => {
    const devices = Array.from({ length: 120 }, (_, n) => `br${n}_edge`);
    const tool = findTool('statistics.read');
    if (tool === undefined) throw new Error('statistics.read is gone');
    const asked = tool
      .plan(tool.input.parse({}), { devices }, CONTEXT)
      .flatMap((one) => (one.protocol === 'rest' ? [one] : []));
    expect(asked).toHaveLength(9); // three paths, 50 devices a question
    expect(asked.slice(0, 3).flatMap(({ query }) => query['deviceId']?.split(',') ?? [])).toEqual(devices);
    const row = (name: string) => ({
      ...{
        'vdevice-name': name,
        lastupdated: 1,
        interface: 'ge0/0',
        rx_octets: 1,
        tx_octets: 1,
        rx_errors: 0,
        tx_drops: 0,
      },
      ...{ rx_kbps: 1, tx_kbps: 1, down_capacity_percentage: 40, up_capacity_percentage: 2 },
    });
    const [operation] = asked;
    if (operation === undefined) throw new Error('nothing is asked');
    const json = { data: [row('br7_edge'), row('br110_edge'), row('hub1_edge')] };
    const reply = { operation, collectedAt: '2026-03-01T00:00:00.000Z', ok: true, protocol: 'rest', json } as const;
    expect(tool.read([reply], CONTEXT).map(({ resource }) => resource)).toEqual(['interface/br7_edge/ge0/0']);
  });

  it('events.read asks the broker itself when it is given a cursor, and passes the next one on', () => {
    const [operation] = plan('events.read', { last: 5, since: 3, waitSeconds: 2 });
    const query = { last: 5, since: 3, waitSeconds: 2, flows: false };
    expect(operation).toEqual({ protocol: 'records', kind: 'events', query });
    if (operation === undefined) return;
    const event = { device: 'br2_edge', channel: 'trap', name: 'trap.linkDown', resource: 'interface/br2_edge/ge0/0' };
    const observedAt = '2026-03-02T08:00:00.000Z';
    const json = { cursor: 4, events: [{ ...event, detail: 'down', observedAt }] };
    const reply = { operation, collectedAt: observedAt, ok: true, protocol: 'records', json } as const;
    const at = { observedAt };
    expect(findTool('events.read')?.read([reply], CONTEXT)).toEqual([
      { resource: event.resource, signal: 'trap.linkDown', value: 'down', source: 'trap:br2_edge', ...at },
      { resource: 'events/received', signal: 'cursor', value: 4, source: 'records', ...at },
    ]);
  });

  it.each(TOOLS.map((tool) => [tool.name, tool] as const))('%s reads nothing from hostile replies', (name, tool) => {
    const bodies = (operation: Operation): readonly OperationReply[] => {
      const base = { operation, collectedAt: '2026-03-02T08:00:00.000Z' };
      const deep = '<a>'.repeat(5000);
      return [
        { ...base, ok: false, error: { code: 'X', message: 'x' } },
        ...['', '<', deep, '<data><bgp/></data>', '<ok/>'].map(
          (xml) => ({ ...base, ok: true, protocol: 'netconf', xml }) as const,
        ),
        ...[null, [], { data: 'x' }, { data: [null, 1, { deviceId: {} }] }, { data: [{ lc: 1 }] }].flatMap((json) => [
          { ...base, ok: true, protocol: 'rest', json } as const,
          { ...base, ok: true, protocol: 'records', json } as const,
        ]),
        { ...base, ok: true, protocol: 'snmp', varbinds: [{ oid: '1.3', type: 'string', value: 'x' }] },
      ];
    };
    const hostile = plan(name).flatMap(bodies);
    expect(tool.read(hostile, CONTEXT).filter(({ signal }) => signal !== 'config')).toEqual([]);
  });
});

describe('changes', () => {
  it('touch their leaf only', () => {
    expect(edited('bgp.set-local-as', { localAs: 65_099 })).toEqual({
      ...CONFIG,
      bgp: { ...CONFIG.bgp, localAs: 65_099 },
    });
    const key = Buffer.alloc(32, 9).toString('base64');
    expect(edited('ipsec.set-identity-key', { key })).toEqual({
      ...CONFIG,
      ipsec: { ...CONFIG.ipsec, identityKey: key },
    });
    const [port, ...ports] = CONFIG.interfaces;
    expect(edited('interface.set-enabled').interfaces).toEqual([{ ...port, enabled: false }, ...ports]);
    expect(edited('interface.set-description').interfaces).toEqual([{ ...port, description: 'to isp1 <&>' }, ...ports]);
    const [list] = CONFIG.accessLists;
    expect(edited('acl.remove-entry').accessLists).toEqual([{ ...list, entries: list?.entries.slice(1) }]);
  });

  it('steer and queue what is there, and make nothing new', () => {
    const [rule] = CONFIG.appRoutes;
    for (const [colors, strict] of [
      [['biz-internet', 'mpls', 'lte'], true],
      [['lte'], false],
      [['mpls', 'biz-internet'], false],
    ] as const)
      expect(edited('approute.set-colors', { rule: 'voice', colors, strict }).appRoutes).toEqual([
        { ...rule, colors, strict },
      ]);
    const [policy, other] = CONFIG.qos;
    const voice = { class: 'voice', bandwidthPct: 30, priority: false };
    expect(edited('qos.set-class', { policy: 'qos-wan', ...voice }).qos).toEqual([
      { ...policy, classes: [{ ...policy?.classes[0], ...voice }] },
      other,
    ]);
    const [tunnel, ...tunnels] = CONFIG.tunnels;
    const { dscpRewrite: _, ...plain } = tunnel ?? {};
    expect(edited('tunnel.set-dscp').tunnels).toEqual([plain, ...tunnels]);
    const marked = edited('tunnel.set-dscp', { tunnel: 'tun-mpls-hub1_edge', dscp: 46 });
    expect(marked.tunnels).toEqual([{ ...plain, dscpRewrite: 46 }, ...tunnels]);
    for (const [name, input] of [
      ['approute.set-colors', { rule: 'nothing', colors: ['mpls'], strict: false }],
      ['tunnel.set-dscp', { tunnel: 'nothing', dscp: 46 }],
    ] as const)
      expect(() => edited(name, input), name).toThrow();
  });

  it('are refused by the device when there is nothing to remove', () => {
    expect(() => edited('acl.remove-entry', { list: 'acl-control-in', entry: 'e99' })).toThrow();
    expect(() => edited('acl.remove-entry', { list: 'nothing', entry: 'e10' })).toThrow();
  });

  it('have post-conditions, reads have none', () => {
    for (const tool of TOOLS) {
      const conditions = tool.postConditions?.(INPUTS[tool.name] ?? {}, TARGET, CONTEXT) ?? [];
      expect(conditions.length > 0, tool.name).toBe(
        tool.effect === 'contain' || (tool.effect === 'change' && tool.certifies !== true),
      );
      expect(tool.lasts?.(INPUTS[tool.name]), tool.name).toBe(tool.effect === 'contain' ? 3600 : undefined);
      for (const { holds } of conditions) expect(holds([], CONTEXT), tool.name).toBe(false);
    }
  });

  it('do not hold because of what a device or director says that makes no sense', () => {
    for (const tool of TOOLS) {
      for (const { operations, holds } of tool.postConditions?.(INPUTS[tool.name] ?? {}, TARGET, CONTEXT) ?? []) {
        const replies = operations.map((operation): OperationReply => {
          const base = { operation, collectedAt: '2026-03-02T08:00:00.000Z', ok: true } as const;
          const row = { deviceId: 'br2_edge', 'vdevice-name': 'br2_edge', lastupdated: 1, config: '<config><bgp>' };
          return operation.protocol === 'rest'
            ? { ...base, protocol: 'rest', json: { data: [row] } }
            : { ...base, protocol: 'netconf', xml: '<data><bgp>' };
        });
        expect(holds(replies, CONTEXT), tool.name).toBe(false);
      }
    }
  });

  it('refuse input that is almost right', () => {
    for (const [name, input] of [
      ['bgp.set-local-as', { localAs: '65002' }],
      ['bgp.set-local-as', { localAs: 0 }],
      ['ipsec.set-identity-key', { key: `${KEY} ` }],
      ['acl.remove-entry', { list: 'a<b', entry: 'e' }],
      ['interface.set-description', { interface: 'ge0/0', description: 'a\u0007' }],
      ['approute.set-colors', { rule: 'voice', colors: ['mpls', 'mpls'], strict: false }],
      ['approute.set-colors', { rule: 'voice', colors: [], strict: false }],
      ['tunnel.set-dscp', { tunnel: 'tun-mpls-hub1_edge', dscp: 64 }],
    ] as const)
      expect(findTool(name)?.input.safeParse(input).success, name).toBe(false);
  });
});

describe('probes', () => {
  it('go to known addresses only', () => {
    expect(() => plan('probe.ping', { vrf: 10, destination: '8.8.8.8' })).toThrow(ToolInputError);
    expect(() => plan('probe.tcp', { vrf: 10, destination: '8.8.8.8', port: 53 })).toThrow(ToolInputError);
    for (const destination of ['10.100.20.10', '100.64.1.2', '10.255.0.2'])
      expect(plan('probe.ping', { vrf: 0, destination })).toHaveLength(1);
  });
});

describe('the difference of two configurations', () => {
  const compare = (running: typeof CONFIG, intended: typeof CONFIG): readonly string[] =>
    compareConfigs(configToXml(running), configToXml(intended), { keys: listKeys, userOrdered }).map(
      (one) => `${one.path}: running ${one.running}, intended ${one.intended}`,
    );

  it('is told leaf by leaf, entries by their keys', () => {
    const [port, ...ports] = CONFIG.interfaces;
    const [list] = CONFIG.accessLists;
    if (port === undefined || list === undefined || CONFIG.bgp === undefined)
      throw new Error('a port and a list are due');
    const { controlPlaneAcl: _acl, ...rest } = CONFIG;
    const running = {
      ...rest,
      interfaces: [{ ...port, enabled: false }, ...ports],
      accessLists: [{ ...list, entries: [...list.entries, { name: 'e90', action: 'deny', protocol: 'tcp' }] }],
      bgp: { ...CONFIG.bgp, localAs: 65_099, networks: ['10.9.0.0/16'] },
    } as const;
    expect(compare(running, CONFIG)).toEqual([
      'interfaces/ge0/0/enabled: running false, intended true',
      'access-lists/control-plane-in: running absent, intended acl-control-in',
      'access-lists/acl-control-in/e90: running present (name e90, action deny, protocol tcp), intended absent',
      'bgp/local-as: running 65099, intended 65002',
      'bgp/network/10.2.10.0/24: running absent, intended present',
      'bgp/network/10.9.0.0/16: running present, intended absent',
    ]);
    expect(compare(CONFIG, CONFIG)).toEqual([]);
  });

  it('sees entries in another order, where order means something', () => {
    const [list] = CONFIG.accessLists;
    if (list === undefined) throw new Error('a list is due');
    const running = { ...CONFIG, accessLists: [{ ...list, entries: list.entries.toReversed() }] };
    expect(compare(running, CONFIG)).toEqual([
      'access-lists/acl-control-in/entry/order: running e20>e10, intended e10>e20',
    ]);
    expect(compare({ ...CONFIG, interfaces: CONFIG.interfaces.toReversed() }, CONFIG)).toEqual([]);
  });
});
