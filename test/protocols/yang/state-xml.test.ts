/** What a device reports is read back whole; what a hostile device reports is left out. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RpcFailure } from '../../../protocols/netconf/messages.ts';
import { el, parseXml, renderXml } from '../../../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../../../protocols/yang/namespaces.ts';
import { buildProbeRpc, parseProbeRpc } from '../../../protocols/yang/probe-rpc.ts';
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

const text = `<data>${stateToXml(CONFIG, STATE)
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
      ['acl-control-in', 'e15', 0],
      ['acl-control-in', 'e20', 0],
    ]);
  });

  it('is the same after the way there and back, whatever a device reports', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const nodes = stateToXml(CONFIG, { hostname: CONFIG.hostname, ...state });
        const data = parseData(nodes.map((node) => renderXml(node)).join(''));
        for (const key of SECTIONS) expect(readSection(data, key), key).toEqual(state[key]);
      }),
      { numRuns: 100, seed: 7 },
    );
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
    const nodes = stateToXml(CONFIG, { ...STATE, bgp: [first, { ...first, ...second }] });
    const xml = nodes.map((node) => renderXml(node)).join('');
    const broken = xml.replace('<session-state>idle</session-state>', '<session-state>weird</session-state>');
    expect(readBgp(parseData(broken)).map(({ neighbor }) => neighbor)).toEqual(['172.30.0.9']);
  });
});

describe('probe RPCs', () => {
  it('come back as they were sent', () => {
    const ping = { kind: 'icmp', vrf: 10, destination: '10.100.20.10', source: 'ge0/2', count: 5 } as const;
    const tcp = { kind: 'tcp', vrf: 10, destination: '10.100.20.10', port: 443 } as const;
    expect(parseProbeRpc(parseXml(renderXml(buildProbeRpc(ping))))).toEqual(ping);
    expect(parseProbeRpc(parseXml(renderXml(buildProbeRpc(tcp))))).toEqual(tcp);
  });

  it('are refused with wrong input and not known by another name', () => {
    expect(parseProbeRpc(el(SDWAN_NS, 'reboot'))).toBeUndefined();
    expect(() => parseProbeRpc(el(SDWAN_NS, 'ping', [el(SDWAN_NS, 'vrf', '10')]))).toThrow(RpcFailure);
  });
});
