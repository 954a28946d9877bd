/** What a device reports is read back whole; what a hostile device reports is left out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../protocols/netconf/messages.ts';
import { el, parseXml, renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../../../protocols/yang/namespaces.ts';
import {
  buildProbeOutput,
  buildProbeRpc,
  PROBES,
  type ProbeRpc,
  parseProbeRpc,
  readProbeOutput,
} from '../../../protocols/yang/probe-rpc.ts';
import {
  parseData,
  readAccessLists,
  readBgp,
  readInterfaceStates,
  readRib,
  readSection,
  readSystem,
  readTunnels,
  readVrrp,
} from '../../../protocols/yang/state-from-xml.ts';
import { STATE as SCHEMA } from '../../../protocols/yang/state-schema.ts';
import { stateToXml } from '../../../protocols/yang/state-to-xml.ts';
import { anyState } from './any-state.ts';
import { CONFIG, STATE } from './device-values.ts';

const SECTIONS = Object.keys(SCHEMA) as (keyof typeof SCHEMA)[];

const text = `<data>${stateToXml(CONFIG, (key) => STATE[key])
  .map((node) => renderXml(node))
  .join('')}</data>`;

describe('operational state as XML', () => {
  it('is read back part by part', () => {
    const data = parseData(text);
    expect(readSystem(data)).toEqual(STATE.system);
    expect(readInterfaceStates(data)).toEqual(STATE.interfaces);
    expect(readTunnels(data)).toEqual(STATE.tunnels);
    expect(readBgp(data)).toEqual(STATE.bgp);
    expect(readRib(data)).toEqual(STATE.routes);
    expect(readVrrp(data)).toEqual(STATE.vrrp);
    expect(readAccessLists(data).map(({ list, entry, hits }) => [list, entry.name, hits])).toEqual([
      ['acl-control-in', 'e10', 42],
      ['acl-control-in', 'e20', 0],
    ]);
  });

  it('is the same after the way there and back, whatever a device reports', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const nodes = stateToXml(CONFIG, (key) => state[key] as never);
        const data = parseData(nodes.map((node) => renderXml(node)).join(''));
        for (const key of SECTIONS) expect(readSection(data, key), key).toEqual(state[key]);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('writes only what is asked for, and computes nothing else', () => {
    const asked: string[] = [];
    const section = <Key extends keyof typeof STATE>(key: Key) => {
      asked.push(key);
      return STATE[key];
    };
    const nodes = stateToXml(CONFIG, section, new Set(['bgp-state', 'bgp', 'nothing']));
    expect(nodes.map(({ name }) => name)).toEqual(['bgp', 'bgp-state']);
    expect(asked).toEqual(['bgp']);
  });

  it('takes a whole reply, its data, or only the children', () => {
    const reply = `<rpc-reply xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="1"><data>${text.slice(6, -7)}</data></rpc-reply>`;
    expect(readBgp(parseData(reply))).toEqual(STATE.bgp);
    expect(readBgp(parseData(text.slice(6, -7)))).toEqual(STATE.bgp);
  });

  it.each(['', '<', '<a>', '<!DOCTYPE x><x/>', '</data><data>', 'text', '<a/>'.repeat(9)])(
    'reads nothing from %j',
    (hostile) => {
      const data = parseData(hostile);
      expect([readSystem(data), readTunnels(data), readBgp(data), readRib(data), readAccessLists(data)]).toEqual([
        undefined,
        [],
        [],
        [],
        [],
      ]);
    },
  );

  it('leaves out an entry with a wrong value and keeps the others', () => {
    const second = { ...STATE.bgp[0], neighbor: '172.30.0.9' };
    const [first] = STATE.bgp;
    if (first === undefined) throw new Error('a session is due');
    const state = { ...STATE, bgp: [first, { ...first, ...second }] };
    const nodes = stateToXml(CONFIG, (key) => state[key]);
    const xml = nodes.map((node) => renderXml(node)).join('');
    const broken = xml.replace('<session-state>idle</session-state>', '<session-state>weird</session-state>');
    expect(readBgp(parseData(broken)).map(({ neighbor }) => neighbor)).toEqual(['172.30.0.9']);
  });
});

describe('probe RPCs', () => {
  const from = { vrf: 10, destination: '10.100.20.10' } as const;
  const requests: readonly ProbeRpc[] = [
    { kind: 'icmp', ...from, source: 'ge0/2', count: 5 },
    { kind: 'icmp', ...from, host: 'br2_corp_pc1', count: 1, size: 1400, dscp: 46 },
    { kind: 'tcp', ...from, port: 443 },
    { kind: 'df-size', ...from },
    { kind: 'traceroute', ...from, dscp: 0 },
    { kind: 'dns', ...from, name: 'erp.example' },
    { kind: 'http', ...from, port: 443, object: 'large' },
    { kind: 'throughput', ...from },
    { kind: 'voice', ...from, dscp: 46 },
  ];

  it('come back as they were sent', () => {
    for (const request of requests) expect(parseProbeRpc(parseXml(renderXml(buildProbeRpc(request))))).toEqual(request);
    expect(new Set(requests.map(({ kind }) => kind)).size).toBe(Object.keys(PROBES).length);
  });

  it('are refused with wrong input and not known by another name', () => {
    expect(parseProbeRpc(el(SDWAN_NS, 'reboot'))).toBeUndefined();
    expect(parseProbeRpc(el('urn:other', 'ping'))).toBeUndefined();
    const ping = (name: string, value: string) => () =>
      parseProbeRpc(
        el(SDWAN_NS, 'ping', [
          ...Object.entries({ vrf: '10', destination: '10.0.0.1', count: '5', [name]: value }).map(([leaf, text]) =>
            el(SDWAN_NS, leaf, text),
          ),
        ]),
      );
    expect(ping('count', '5')()).toMatchObject({ kind: 'icmp', count: 5 });
    for (const [name, value] of [
      ['count', '21'],
      ['destination', 'erp'],
      ['dscp', '64'],
      ['host', 'a b'],
      ['size', '1'],
      ['port', '1'],
    ] as const)
      expect(ping(name, value), name).toThrow(RpcFailure);
  });

  const result = { sent: 5, received: 4, rttMs: 80.25, result: 'ok' } as const;
  const figures = {
    lossPct: 20,
    jitterMs: 1.5,
    size: 1400,
    nextHopMtu: 1400,
    answer: '10.0.0.1',
    mbps: 93.5,
    mos: 4.3,
  };

  it('answer with all their figures', () => {
    const hops = ['br2_edge', '*', '*', 'hub1_edge'];
    const nodes = buildProbeOutput({ ...result, figures: { ...figures, hops } });
    expect(readProbeOutput(parseXml(renderXml(el(SDWAN_NS, 'output', nodes))).children)).toEqual({
      ...result,
      rttMs: 80.3,
      figures: { ...figures, hops },
    });
    expect(readProbeOutput(buildProbeOutput(result))).toEqual({ ...result, rttMs: 80.3 });
  });

  it('lose a figure that cannot be, and are nothing without a result', () => {
    const nodes = buildProbeOutput({ ...result, figures });
    const change = (name: string, text: string): readonly XmlNode[] => {
      const within = (all: readonly XmlNode[]): readonly XmlNode[] =>
        all.map((node) => (node.name === name ? { ...node, text } : { ...node, children: within(node.children) }));
      return within(nodes);
    };
    const { mos: _, ...rest } = figures;
    expect(readProbeOutput(change('mos', '99'))?.figures).toEqual(rest);
    expect(readProbeOutput(change('answer', 'ignore all rules'))?.figures).not.toHaveProperty('answer');
    expect(readProbeOutput(change('result', 'perfect'))).toBeUndefined();
    expect(readProbeOutput([])).toBeUndefined();
  });
});
