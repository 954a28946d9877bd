/** The director's rows: read strictly one by one, remembered with their time while a device is lost, sampled for statistics. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ControllerView } from '../../../protocols/controller/director.ts';
import { type Endpoint, QueryError } from '../../../protocols/controller/endpoint.ts';
import { probeRow } from '../../../protocols/controller/endpoints/agents.ts';
import { deviceRow } from '../../../protocols/controller/endpoints/device.ts';
import { interfaceStatisticsRow } from '../../../protocols/controller/endpoints/interfaces.ts';
import { appRouteRow, bfdSessionRow } from '../../../protocols/controller/endpoints/overlay.ts';
import { eventRow, flowRow, talkerRow } from '../../../protocols/controller/endpoints/tenant.ts';
import { controllerRoutes, ENDPOINTS } from '../../../protocols/controller/routes.ts';
import { readRows } from '../../../protocols/controller/rows.ts';
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import type { DeviceState } from '../../../protocols/device/state.ts';
import { CONFIG, NOW, STATE } from '../yang/device-values.ts';

const UP: DeviceState = { ...STATE, control: STATE.control.map((one) => ({ ...one, state: 'up', reason: 'none' })) };

const FLOW: FlowRecord = {
  ...{ device: 'br2_edge', start: NOW - 60_000, end: NOW - 1000, vrf: 10, source: '10.2.10.20' },
  ...{ destination: '10.100.20.10', sourcePort: 50_000, destinationPort: 443, protocol: 6, octets: 9000, packets: 12 },
  ...{ tcpFlags: 18, dscpIn: 0, dscpOut: 26, application: 'erp', egress: 'tun-mpls-hub1_edge', color: 'mpls' },
};

/** `reportedBefore` is what it said until now, when that is something else. */
function view(): ControllerView & { time: number; reported: DeviceState; reportedBefore: DeviceState | undefined } {
  return {
    time: NOW,
    reported: UP,
    reportedBefore: undefined,
    now() {
      return this.time;
    },
    devices: () => [
      { tenant: 'acme', device: 'br2_edge' },
      { tenant: 'globex', device: 'br1_edge' },
    ],
    config: () => CONFIG,
    intendedConfig: () => CONFIG,
    section(_ref, key) {
      return this.reported[key];
    },
    asOf(at, read) {
      const { time, reported } = this;
      [this.time, this.reported] = [at, at < time ? (this.reportedBefore ?? reported) : reported];
      const found = read();
      [this.time, this.reported] = [time, reported];
      return found;
    },
    alive: () => true,
    probe: (_ref, { kind, destination }) => ({
      sent: 1,
      received: 1,
      rttMs: destination === '10.100.20.10' ? 80 : 0,
      result: 'ok',
      ...(kind === 'voice' ? { figures: { mos: 4.3 } } : {}),
    }),
    flows: () => [FLOW, { ...FLOW, octets: 1000 }, { ...FLOW, source: '10.2.10.21', octets: 99_000 }],
    records: () => ({ windows: [], tickets: [], knownSources: [{ name: '10.0.0.9', role: 'scanner', summary: 'x' }] }),
    hostProcesses: () => [{ host: 'hub1_dns', process: 'named', state: 'running' }],
    events: () =>
      [1, 2, 3].map((seq) => ({
        seq,
        at: NOW + seq,
        name: 'trap.bfd_state',
        device: 'br2_edge',
        resource: `node/x${seq}`,
        severity: 'major' as const,
        detail: 'down',
      })),
  };
}

const QUERY = { deviceId: 'br2_edge' };

/** Asks, and puts the answer through JSON as over the wire. */
const asking =
  (network: ControllerView, routes = controllerRoutes(network, 'acme')) =>
  (path: string, query: Readonly<Record<string, string>> = QUERY): unknown =>
    JSON.parse(JSON.stringify({ data: routes.get(path)?.(query) }));

describe('the director', () => {
  it('keeps the last known rows of a lost device, with their old time', () => {
    const network = view();
    const ask = asking(network);
    const sessions = () => readRows(bfdSessionRow, ask('/dataservice/device/bfd/sessions'));
    network.time += 5000;
    expect(sessions()).toMatchObject([{ state: 'down', lastupdated: NOW + 5000 }]);
    network.time += 5000;
    network.reported = { ...STATE, tunnels: [] };
    expect(sessions()).toMatchObject([{ state: 'down', lastupdated: NOW + 5000 }]);
    expect(readRows(deviceRow, ask('/dataservice/device', {}))).toMatchObject([
      // Nobody asked how the device is since the director began.
      { deviceId: 'br2_edge', reachability: 'unreachable', state: 'red', lastupdated: NOW },
    ]);
    // What was never asked about is remembered from the beginning.
    expect(ask('/dataservice/device/vrrp')).toMatchObject({ data: [{ 'vrrp-state': 'master', lastupdated: NOW }] });
  });

  it('knows statistics as of the last sample and polls as of their end', () => {
    const network = view();
    const ask = asking(network);
    const [port] = UP.interfaces;
    const errors = () =>
      readRows(interfaceStatisticsRow, ask('/dataservice/statistics/interface')).map((one) => [
        one.rx_errors,
        one.lastupdated - NOW,
      ]);
    network.reportedBefore = UP;
    network.reported = { ...UP, interfaces: port === undefined ? [] : [{ ...port, inErrors: 50 }] };
    network.time += 599_999;
    expect(errors()).toEqual([[3, 0]]);
    network.time += 1;
    expect(errors()).toEqual([[50, 600_000]]);
    expect(readRows(appRouteRow, ask('/dataservice/statistics/approute'))).toMatchObject([
      { loss_percentage: 0.1, entry_time: NOW - 300_000, lastupdated: network.time },
    ]);
  });

  it('asks nothing of thousands of devices before it is asked itself', () => {
    const network = view();
    const asked = new Set<string>();
    const ask = asking({
      ...network,
      now: () => NOW,
      devices: () => Array.from({ length: 5000 }, (_, at) => ({ tenant: 'acme', device: `br${at}_edge` })),
      section: (ref, key) => {
        asked.add(`${ref.device} ${key}`);
        return UP[key];
      },
    });
    expect([...asked]).toEqual([]);
    expect(ask('/dataservice/device/vrrp', { deviceId: 'br7_edge' })).toMatchObject({ data: [{ 'group-id': 10 }] });
    expect([...asked]).toEqual(['br7_edge control', 'br7_edge vrrp']);
  });

  it('knows no device of another tenant', () => {
    const ask = asking(view());
    expect(ask('/dataservice/device/bfd/sessions', { deviceId: 'br1_edge' })).toEqual({ data: [] });
    expect(ask('/dataservice/data/device/state/BFDSessions', {})).toMatchObject({
      data: [{ 'vdevice-name': 'br2_edge' }],
    });
  });

  it('tells the newest events first, as many as asked for', () => {
    const rows = asking(view())('/dataservice/event', { count: '2' });
    expect(readRows(eventRow, rows).map(({ id }) => id)).toEqual([3, 2]);
  });

  it('ranks talkers out of flows', () => {
    const rows = readRows(talkerRow, asking(view())('/dataservice/statistics/dpi', {}));
    expect(rows.map(({ src_ip, octets, flows }) => [src_ip, octets, flows])).toEqual([
      ['10.2.10.21', 99_000, 1],
      ['10.2.10.20', 10_000, 2],
    ]);
    expect(readRows(flowRow, asking(view())('/dataservice/statistics/flows', {}))).toHaveLength(3);
  });

  it('has a probe run, and refuses one that makes no sense', () => {
    const ask = asking(view());
    const probe = { ...QUERY, kind: 'voice', destination: '10.100.20.10', vpn: '10', host: 'br2_corp_pc1' };
    expect(readRows(probeRow, ask('/dataservice/dem/probe', probe))).toEqual([
      {
        ...{ 'vdevice-name': 'br2_edge', lastupdated: NOW, kind: 'voice', host: 'br2_corp_pc1' },
        ...{ destination: '10.100.20.10', sent: 1, received: 1, result: 'ok', rtt_ms: 80, mos: 4.3 },
      },
    ]);
    for (const bad of [{ kind: 'tcp' }, { vpn: 'x' }, { destination: 'erp' }, { port: '1' }, { dscp: '64' }])
      expect(() => ask('/dataservice/dem/probe', { ...probe, ...bad }), JSON.stringify(bad)).toThrow(QueryError);
    expect(() => ask('/dataservice/statistics/flows', { startDate: '0' })).toThrow(QueryError);
  });

  it('gives rows of the form that it publishes, at every path', () => {
    const ask = asking(view());
    const probe = { kind: 'tcp', destination: '10.100.20.10', vpn: '10', port: '443' };
    const wrong = ENDPOINTS.flatMap(({ path, form }: Endpoint) => {
      const answer = ask(path, path.endsWith('/probe') ? { ...QUERY, ...probe } : QUERY) as { data: unknown[] };
      return readRows(form, answer).length === answer.data.length ? [] : [path];
    });
    expect(wrong).toEqual([]);
  });
});

it('rows of another form are left out, the others kept', () => {
  const [good] = controllerRoutes(view(), 'acme').get('/dataservice/event')?.({}) ?? [];
  expect(readRows(eventRow, { data: [null, { ...good, details: 'a\u001b[2J' }, { ...good, id: '7' }, good] })).toEqual([
    good,
  ]);
  expect(readRows(eventRow, 'nothing')).toEqual([]);
});

it('are read by the tens of thousands, as a flood of half-open connections makes them, and never half of them', () => {
  const form = z.object({ n: z.number() });
  const rows = (count: number) => ({ data: Array.from({ length: count }, (_, n) => ({ n })) });
  expect(readRows(form, rows(30_000))).toHaveLength(30_000);
  expect(readRows(form, rows(50_001))).toEqual([]);
});
