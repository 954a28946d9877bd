/** Every signal of the catalogue is read at every place that the list names for it, on a network of four branches. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../protocols/controller/endpoint.ts';
import { controllerRoutes, ENDPOINTS } from '../../protocols/controller/routes.ts';
import { readRows } from '../../protocols/controller/rows.ts';
import type { FlowRecord } from '../../protocols/device/flow.ts';
import { mibRows } from '../../protocols/mib/device-mib.ts';
import { parseOid } from '../../protocols/mib/table.ts';
import type { XmlNode } from '../../protocols/netconf/xml.ts';
import { SIGNALS, type SignalSource } from '../../protocols/signals.ts';
import { toVarbind } from '../../protocols/snmp/varbind.ts';
import { buildProbeRpc, type ProbeRpc } from '../../protocols/yang/probe-rpc.ts';
import { readSection } from '../../protocols/yang/state-from-xml.ts';
import { STATE } from '../../protocols/yang/state-schema.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { DeviceRef } from '../../simulators/model/network.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import { mibSource } from '../../simulators/views/mib-view.ts';
import { netconfView } from '../../simulators/views/netconf-view.ts';

const CATALOGUE = new URL('../../scenarios/catalogue/incidents.json', import.meta.url);
const PAGE = new URL('../../docs/signals.md', import.meta.url).pathname;
/** A Monday, ten o'clock. */
const START = Date.parse('2026-03-02T10:00:00Z');
const HOUR = 3_600_000;
const TENANT = 'acme';

const span = { from: START, until: START + HOUR, summary: 'a test' };
const network = createNetwork({
  topology: refnet({ tenant: TENANT, branches: 4, seed: 1, tenantIndex: 0 }),
  seed: 1,
  startAt: START,
  faults: FAULT_TYPES,
  conditions: [
    { kind: 'window', tenant: TENANT, record: { id: 'w1', resource: 'node/br1_edge', ...span } },
    { kind: 'ticket', tenant: TENANT, record: { id: 't1', device: 'br1_edge', implementer: 'netops', ...span } },
    { kind: 'known-source', tenant: TENANT, record: { name: '10.0.0.9', role: 'scanner', summary: 'a test' } },
  ],
});
const director = controllerRoutes(network, TENANT);
network.advanceTo(START + HOUR);

const refs: readonly DeviceRef[] = network.devices();
const ERP = '10.100.20.10';
const from = { vrf: 10, destination: ERP, host: 'br1_corp_pc1' } as const;
/** A probe of each kind, from a host. */
const PROBES: readonly ProbeRpc[] = [
  { kind: 'icmp', ...from, count: 5 },
  { kind: 'tcp', ...from, port: 443 },
  { kind: 'df-size', ...from },
  { kind: 'traceroute', ...from },
  { kind: 'dns', ...from, destination: '10.100.20.53', name: 'erp.example' },
  { kind: 'http', ...from, port: 443, object: 'small' },
  { kind: 'throughput', ...from, port: 443 },
  { kind: 'voice', ...from, destination: '10.100.20.60' },
];
const BRANCH: DeviceRef = { tenant: TENANT, device: 'br1_edge' };

/** Text of all elements at a path. */
function textsAt(nodes: readonly XmlNode[], [name, ...rest]: readonly string[]): readonly string[] {
  const found = nodes.filter((node) => node.name === name);
  return rest.length === 0 ? found.map(({ text }) => text) : found.flatMap((node) => textsAt(node.children, rest));
}

const trees = refs.map((ref) => netconfView(network, ref).state().children);

function readNetconf(path: string): readonly string[] {
  const [, name = '', output = ''] = /^rpc:([\w-]+)\/(.+)$/.exec(path) ?? [];
  if (name === '') return trees.flatMap((tree) => textsAt(tree, path.split('/')));
  const request = PROBES.find((probe) => buildProbeRpc(probe).name === name);
  if (request === undefined) return [];
  const reply = netconfView(network, BRANCH).rpc(buildProbeRpc(request));
  return textsAt(reply?.children ?? [], output.split('/'));
}

const readSnmp = (column: string): readonly unknown[] =>
  refs.flatMap((ref) => {
    const name = parseOid(column);
    return mibRows(mibSource(network, ref), [name])
      .map(toVarbind)
      .flatMap(({ oid, value }) => (oid.startsWith(`${column}.`) ? [value] : []));
  });

/** Rows by path. */
const answers = new Map<string, readonly Readonly<Record<string, unknown>>[]>();

/** Values of a member of the rows that have the published form. */
function readRest(place: string): readonly unknown[] {
  const [, path = '', member = ''] = /^(.+)\[([\w-]+)\]$/.exec(place) ?? [];
  const endpoint: Endpoint | undefined = ENDPOINTS.find((one) => one.path === path);
  if (endpoint === undefined) return [];
  const queries = path.endsWith('/probe')
    ? PROBES.map(({ kind, vrf, ...rest }) => ({
        ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, String(value)])),
        ...{ deviceId: BRANCH.device, kind, vpn: String(vrf) },
      }))
    : /\/(?:device|template)\//.test(path)
      ? refs.map(({ device }) => ({ deviceId: device }))
      : [{}];
  const rows =
    answers.get(path) ??
    queries.flatMap((query) => {
      const answer: unknown = JSON.parse(JSON.stringify({ data: director.get(path)?.(query) }));
      return readRows(endpoint.form, answer) as readonly Readonly<Record<string, unknown>>[];
    });
  answers.set(path, rows);
  return rows.flatMap((row) => row[member] ?? []);
}

const flows = network.flows(TENANT, START, START + HOUR, 20_000);
const readFlow = (member: string): readonly unknown[] => flows.map((flow) => flow[member as keyof FlowRecord]);

const READERS = { snmp: readSnmp, netconf: readNetconf, rest: readRest, flow: readFlow } as const;
const ENTRIES: readonly (readonly [string, SignalSource])[] = Object.entries(SIGNALS);

describe('the list of signals', () => {
  it('is the catalogue', () => {
    const { signals } = JSON.parse(readFileSync(CATALOGUE, 'utf8'));
    expect(ENTRIES).toHaveLength(96);
    expect(ENTRIES.map(([name, { unit }]) => `${name} ${unit}`).sort()).toEqual(
      Object.entries<{ unit: string }>(signals)
        .map(([name, { unit }]) => `${name} ${unit}`)
        .sort(),
    );
  });

  it('is the published page', async () => {
    const cell = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``);
    const lines = ENTRIES.map(([name, { unit, snmp, trap, netconf, rest, flow, derived }]) =>
      [`\`${name}\``, unit, cell(snmp ?? trap), cell(netconf), cell(rest), cell(flow), derived ?? ''].join(' | '),
    );
    await expect(
      [
        '# Signals and where to read them',
        '',
        'Every signal of the catalogue, and each place where the simulated network shows it. SNMP: a column or scalar,',
        'or the notification. NETCONF: a path of the modules in `protocols/yang/modules`; `rpc:` is the output of an RPC.',
        'REST: a path of the director and the member of its rows. Flow: a member of the flow records. The list is',
        '`protocols/signals.ts`; a test reads each signal at each place and keeps this page equal to the list.',
        '',
        '## How old and through whom',
        '',
        '- The director hears of devices over their control connections, in the underlay. While one of a device is up, the',
        '  paths under `/dataservice/device` and `/dataservice/data` ask the device itself. While all are down, they give',
        '  what it said last; `lastupdated` says when. In tenants of more than 256 devices the director remembers only',
        '  what it was once asked about.',
        '- SNMP and NETCONF are polled from the first hub, over the overlay or the underlay. When the poller is cut off,',
        '  devices are silent on both, and the director still answers.',
        '- Rows under `/dataservice/statistics` are samples of every tenth minute, whoever asks; `approute` is the last whole poll.',
        '  Flow records tell the way that packets took when the minute began in which they ended.',
        '  Live state is newer; notifications are told at once.',
        '- Indices of SNMP rows are those of the MIBs; the ones decided here stand in `protocols/mib/oids.ts`.',
        '- Answers can be long: `count` asks for pages, `scrollId` for the next one.',
        '',
        '## Places',
        '',
        '| signal | unit | SNMP | NETCONF | REST | flow | derived |',
        '|---|---|---|---|---|---|---|',
        ...lines.map((line) => `| ${line} |`),
        '',
      ].join('\n'),
    ).toMatchFileSnapshot(PAGE);
  });
});

describe('a network of four branches', () => {
  const places = ENTRIES.filter(([, { unit }]) => unit !== 'event').flatMap(([name, source]) =>
    (['snmp', 'netconf', 'rest', 'flow'] as const).flatMap((protocol) => {
      const place = source[protocol];
      return place === undefined ? [] : [[name, protocol, place] as const];
    }),
  );
  it.each(places)('shows %s by %s at %s', (_name, protocol, place) => {
    expect(READERS[protocol](place).filter((value) => value !== undefined)).not.toEqual([]);
  });
});

/** What brings each notification about, for so many hours. */
const CAUSES = [
  {
    fault: 'device_down at node/br4_edge',
    hours: 1,
    tells: [
      ...['trap.bfd_state', 'trap.bgp_peer', 'trap.ctrl_conn', 'trap.coldStart', 'trap.linkUp', 'trap.interface_state'],
      ...['trap.omp_peer', 'trap.vsmart_count', 'trap.ospf_neighbor', 'trap.vrrp'],
    ],
  },
  { fault: 'link_down at interface/br1_edge/ge0/0', hours: 1, tells: ['trap.linkDown'] },
  { fault: 'cert_expired at node/br1_edge', hours: 3, tells: ['trap.cert_expired', 'trap.ctrl_auth_fail'] },
  { fault: 'nat_rebinding at circuit/br1/mpls', hours: 1, tells: ['trap.tloc_ip_change'] },
  { fault: 'ike_rekey_mismatch at tunnel/br1_edge:mpls--hub1_edge:mpls', hours: 3, tells: ['trap.ipsec_rekey'] },
  { fault: 'memory_leak at node/br1_edge', hours: 72, tells: ['trap.memory', 'trap.process_restart'] },
  {
    fault: 'unauthorised_change at node/br1_edge',
    hours: 1,
    tells: ['trap.aaa_login_fail', 'trap.system_commit', 'aaa.login'],
  },
  { fault: 'config_push_failed at node/br1_edge', hours: 1, tells: ['trap.pseudo_commit'] },
  {
    fault: 'asymmetric_provider_loss at circuit/br1/mpls',
    hours: 3,
    tells: ['trap.approute_sla_change', 'trap.sla_violation'],
  },
  { fault: 'circuit_saturated_by_host at circuit/br1/mpls', hours: 1, tells: ['trap.interface_bw'] },
  { fault: 'provider_brownout at node/isp2_core', hours: 3, tells: ['trap.cloudexpress_score'] },
  { fault: 'fw_session_table_full at node/br1_edge', hours: 1, tells: ['trap.zbf_table_full'] },
  { fault: 'syn_flood at host/br2_corp_pc1', hours: 1, tells: ['trap.zbf_half_open'] },
  { fault: 'dhcp_service_down at node/br1_edge', hours: 3, tells: ['trap.dhcp_server'] },
] as const;

it('loses no entry of any device on the way: every value is one of its type', () => {
  for (const [at, ref] of refs.entries()) {
    const state = network.state(ref);
    for (const key of Object.keys(STATE) as (keyof typeof STATE)[]) {
      const there = state[key];
      const read = readSection(trees[at] ?? [], key);
      expect(Array.isArray(read) ? read.length : read !== undefined, `${ref.device} ${key}`).toBe(
        Array.isArray(there) ? there.length : there !== undefined,
      );
    }
    const wrong = ENDPOINTS.filter(({ path }) => path.startsWith('/dataservice/device/')).flatMap(({ path, form }) => {
      const data = director.get(path)?.({ deviceId: ref.device }) ?? [];
      return readRows(form, { data }).length === data.length ? [] : [path];
    });
    expect(wrong, ref.device).toEqual([]);
  }
});

describe('events', () => {
  it('have a cause here, each of them', () => {
    const events = ENTRIES.flatMap(([name, { unit }]) => (unit === 'event' ? [name] : []));
    expect([...new Set<string>(CAUSES.flatMap(({ tells }) => tells))].sort()).toEqual(events.sort());
  });

  it.each(CAUSES)('are told by the director: $fault', ({ fault, hours, tells }) => {
    const [type = '', resource = ''] = fault.split(' at ');
    const broken = createNetwork({ topology: network.topology(), seed: 1, startAt: START, faults: FAULT_TYPES });
    const route = controllerRoutes(broken, TENANT).get('/dataservice/event');
    const form = ENDPOINTS.find(({ path }) => path === '/dataservice/event')?.form;
    if (route === undefined || form === undefined) throw new Error('the director tells of events');
    const told = (): readonly unknown[] =>
      readRows(form, { data: route({ count: '500' }) }).map((row) => (row as { eventname: string }).eventname);
    expect(told()).toEqual([]);
    broken.inject({ tenant: TENANT, type, resource, endAt: START + hours * HOUR });
    broken.advanceTo(START + (hours + 1) * HOUR);
    expect(told()).toEqual(expect.arrayContaining([...tells]));
  });
});
