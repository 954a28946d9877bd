/** The configuration survives the way to XML and back, and nothing else is taken for a configuration. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE_NS, RpcFailure } from '../../../protocols/netconf/messages.ts';
import { el, parseXml, renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import { xmlToConfig } from '../../../protocols/yang/config-from-xml.ts';
import { configToXml } from '../../../protocols/yang/config-to-xml.ts';
import { listKeys, userOrdered } from '../../../protocols/yang/list-keys.ts';
import { SDWAN_NS } from '../../../protocols/yang/namespaces.ts';
import { anyConfig } from './any-config.ts';
import { CONFIG } from './device-values.ts';

const overTheWire = (nodes: readonly XmlNode[]): readonly XmlNode[] =>
  parseXml(renderXml(el(BASE_NS, 'data', nodes))).children;

/** Tags and paths of the refusal; [] when it is accepted. */
function refusal(nodes: readonly XmlNode[]): readonly string[] {
  try {
    xmlToConfig(nodes);
    return [];
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    return error.errors.map(({ tag, path }) => `${tag} ${path}`);
  }
}

/** The tree with one element replaced wherever it is. */
function change(
  nodes: readonly XmlNode[],
  name: string,
  replace: (node: XmlNode) => readonly XmlNode[],
): readonly XmlNode[] {
  return nodes.flatMap((node) =>
    node.name === name ? replace(node) : [{ ...node, children: change(node.children, name, replace) }],
  );
}

describe('configuration as XML', () => {
  it('is the same after the way there and back', () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        expect(xmlToConfig(overTheWire(configToXml(config)))).toEqual(config);
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it('refuses what it does not know, with the path', () => {
    const nodes = change(configToXml(CONFIG), 'local-as', (node) => [node, el(SDWAN_NS, 'debug', 'on')]);
    expect(refusal(nodes)).toEqual(['unknown-element /bgp/debug']);
    const foreign = change(configToXml(CONFIG), 'local-as', (node) => [node, el('urn:other', 'local-as', '1')]);
    expect(refusal(foreign)).toEqual(['unknown-element /bgp/local-as']);
  });

  it('refuses a missing mandatory leaf, a wrong value and a node that is there twice', () => {
    const nodes = configToXml(CONFIG);
    expect(refusal(change(nodes, 'local-as', () => []))).toEqual(['missing-element /bgp/local-as']);
    expect(refusal(change(nodes, 'local-as', (node) => [{ ...node, text: '-1' }]))).toEqual([
      'invalid-value /bgp/local-as',
    ]);
    expect(refusal(change(nodes, 'local-as', (node) => [node, node]))).toEqual(['bad-element /bgp/local-as']);
    expect(refusal(change(nodes, 'access-list', (node) => [node, node]))).toContain(
      'bad-element /access-lists/access-list',
    );
    expect(refusal(change(nodes, 'enabled', () => []))).toContain(
      "missing-element /interfaces/interface[name='ge0/0']/enabled",
    );
  });

  it('refuses an identity of another module', () => {
    const nodes = change(configToXml(CONFIG), 'type', (node) => [{ ...node, attrs: { 'xmlns:ianaift': 'urn:x' } }]);
    expect(refusal(nodes)).toContain("invalid-value /interfaces/interface[name='ge0/0']/type");
  });

  it('knows the keys of its lists', () => {
    expect(listKeys(['interfaces', 'interface'])).toEqual(['name']);
    expect(listKeys(['interfaces', 'interface', 'ipv4', 'address'])).toEqual(['ip']);
    expect(listKeys(['access-lists', 'access-list', 'entry'])).toEqual(['name']);
    expect(listKeys(['bgp', 'network'])).toEqual([]);
    expect(listKeys(['bgp-state', 'neighbor'])).toEqual(['address']);
    expect(listKeys(['bgp'])).toBeUndefined();
    expect(listKeys(['nothing', 'here'])).toBeUndefined();
    expect(userOrdered(['access-lists', 'access-list', 'entry'])).toBe(true);
    expect(userOrdered(['interfaces', 'interface'])).toBe(false);
  });
});
