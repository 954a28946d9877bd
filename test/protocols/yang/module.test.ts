/** The published YANG module has the nodes that the mapping writes, and no others; every refnet configuration is valid. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { xmlToConfig } from '../../../protocols/yang/config-from-xml.ts';
import { CONFIG } from '../../../protocols/yang/config-schema.ts';
import { configToXml } from '../../../protocols/yang/config-to-xml.ts';
import { SDWAN_NS } from '../../../protocols/yang/namespaces.ts';
import { PROBE_OUTPUT, PROBES } from '../../../protocols/yang/probe-rpc.ts';
import type { Field } from '../../../protocols/yang/schema.ts';
import { STATE } from '../../../protocols/yang/state-schema.ts';
import { refnet } from '../../../simulators/topologies/refnet.ts';

const MODULE = new URL('../../../protocols/yang/modules/wayleave-sdwan.yang', import.meta.url);

interface Statement {
  readonly keyword: string;
  readonly argument: string;
  readonly children: readonly Statement[];
}

/** Statements of a module (RFC 7950 §6.3). */
function parseYang(text: string): readonly Statement[] {
  const tokens = text.match(/"(?:\\.|[^"\\])*"|[{};]|[^\s{};"]+/g) ?? [];
  let at = 0;
  const block = (): readonly Statement[] => {
    const found: Statement[] = [];
    while (at < tokens.length && tokens[at] !== '}') {
      const [keyword = '', argument = ''] = [tokens[at], tokens[at + 1] === ';' ? '' : tokens[at + 1]];
      at += argument === '' || argument === '{' ? 1 : 2;
      const hasBlock = tokens[at] === '{';
      at += 1;
      found.push({ keyword, argument: argument.replace(/^"|"$/g, ''), children: hasBlock ? block() : [] });
      if (hasBlock) at += 1;
    }
    return found;
  };
  return block();
}

const [root] = parseYang(readFileSync(MODULE, 'utf8'));
const statements = root?.children ?? [];
const argumentOf = (node: Statement, keyword: string): string | undefined =>
  node.children.find((each) => each.keyword === keyword)?.argument;

const line = (...words: readonly string[]): string => words.filter((word) => word !== '').join(' ');

/** `path once|list [keys] [user] [optional]` of every data node under a statement. */
function nodesOf(parent: readonly Statement[], path: string, keys: readonly string[] = []): readonly string[] {
  return parent.flatMap((node) => {
    if (node.keyword === 'uses') {
      const grouping = statements.find((each) => each.keyword === 'grouping' && each.argument === node.argument);
      return nodesOf(grouping?.children ?? [], path);
    }
    if (!['container', 'list', 'leaf', 'leaf-list'].includes(node.keyword)) return [];
    const here = `${path}/${node.argument}`;
    const key = argumentOf(node, 'key') ?? '';
    const many = node.keyword === 'list' || node.keyword === 'leaf-list';
    // What may be absent: a leaf that is neither mandatory nor a key, a container whose presence means something.
    const optional =
      node.keyword === 'leaf'
        ? argumentOf(node, 'mandatory') !== 'true' && !keys.includes(node.argument)
        : argumentOf(node, 'presence') !== undefined;
    return [
      line(here, many ? `list [${key}]` : 'once', argumentOf(node, 'ordered-by') ?? '', optional ? 'optional' : ''),
      ...nodesOf(node.children, here, key.split(' ')),
    ];
  });
}

/** The same of a description. A list without key and a leaf-list look alike here. */
function fieldsOf(fields: readonly Field[], path: string): readonly string[] {
  return fields
    .filter(({ ns }) => ns === SDWAN_NS)
    .flatMap(({ name, keys, userOrdered, optional, inner }) => {
      const here = `${path}/${name}`;
      const many = keys !== undefined || KEYLESS.has(name);
      const isLeafList = many && inner.length === 0;
      return [
        line(
          here,
          many ? `list [${keys?.join(' ') ?? ''}]` : 'once',
          userOrdered ? 'user' : '',
          optional && !isLeafList ? 'optional' : '',
        ),
        ...fieldsOf(inner, here),
      ];
    });
}

const KEYLESS = new Set(['login']);
const inside = (target: string): readonly string[] =>
  nodesOf(statements.find((each) => each.argument === target)?.children ?? [], target);

it('has the nodes of configuration and state, with their keys, order and what must be there', () => {
  const described = fieldsOf([...Object.values(CONFIG), ...Object.values(STATE)], '');
  expect(described.length).toBeGreaterThan(200);
  expect([...nodesOf(statements, '')].sort()).toEqual([...described].sort());
});

// An augmentation must not add mandatory configuration (RFC 7950 §7.17): what a port lacks only the device says.
const must = (node: string): string => (node.startsWith('/if:interfaces/') ? node.replace(/ optional$/, '') : node);

it('adds to ports what our mapping adds', () => {
  const ports = (field: Field): readonly Field[] => field.inner[0]?.inner ?? [];
  for (const [target, field] of [
    ['/if:interfaces/if:interface', CONFIG.interfaces],
    ['/if:interfaces-state/if:interface', STATE.interfaces],
  ] as const)
    expect(inside(target).map(must).sort()).toEqual(fieldsOf(ports(field), target).map(must).sort());
});

it('has an RPC for each kind of probe, with its input and the one output', () => {
  const output = fieldsOf(Object.values(PROBE_OUTPUT), '');
  for (const { rpc, input } of Object.values(PROBES)) {
    const found = statements.find((each) => each.keyword === 'rpc' && each.argument === rpc);
    const part = (keyword: string) =>
      nodesOf(found?.children.find((each) => each.keyword === keyword)?.children ?? [], '');
    expect([...part('input')].sort(), rpc).toEqual([...fieldsOf(Object.values(input), '')].sort());
    expect([...part('output')].sort(), rpc).toEqual([...output].sort());
  }
});

it('holds every configuration of the reference network', () => {
  for (const { config } of refnet({ tenant: 'acme', branches: 4, seed: 1, tenantIndex: 0 }).devices)
    expect(xmlToConfig(configToXml(config))).toEqual(config);
});
