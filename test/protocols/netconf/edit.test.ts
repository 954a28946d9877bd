/** Edits: RFC 6241 §7.2 case by case, and what must hold for all of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalConfig } from '../../../protocols/netconf/canonical.ts';
import {
  type DefaultOperation,
  EDIT_OPERATIONS,
  editConfig,
  OPERATION_ATTRIBUTE,
} from '../../../protocols/netconf/edit.ts';
import type { ListKeys } from '../../../protocols/netconf/list-keys.ts';
import { RpcFailure } from '../../../protocols/netconf/messages.ts';
import { el, parseXml, renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';

const KEYS: Record<string, readonly string[]> = {
  'box/item': ['name'],
  'box/tag': [],
  'box/acl': ['name'],
  'box/acl/entry': ['name'],
};
const keys: ListKeys = (path) => KEYS[path.join('/')];
const NC = 'xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns:y="urn:ietf:params:xml:ns:yang:1"';
const root = (xml: string): XmlNode => parseXml(`<data xmlns="urn:b">${xml}</data>`);
const config = (xml: string): XmlNode => parseXml(`<config xmlns="urn:b" ${NC}>${xml}</config>`);
const START = root('<box><item><name>a</name><mtu>1500</mtu></item><item><name>b</name></item><tag>x</tag></box>');

function edit(xml: string, operation?: DefaultOperation, start = START): string {
  const text = renderXml(editConfig(start, config(xml), keys, operation));
  return text.replace('<data xmlns="urn:b">', '').replace('</data>', '').replace('<data xmlns="urn:b"/>', '');
}

function errorOf(run: () => unknown): { tag: string; path: string | undefined } | 'accepted' {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RpcFailure)) throw error;
    const [first] = error.errors;
    return { tag: first?.tag ?? '', path: first?.path };
  }
  return 'accepted';
}

describe('editConfig', () => {
  it('merges leaves, entries and leaf-list values', () => {
    expect(
      edit('<box><item><name>a</name><mtu>1400</mtu></item><item><name>c</name></item><tag>y</tag><tag>x</tag></box>'),
    ).toBe(
      '<box><item><name>a</name><mtu>1400</mtu></item><item><name>b</name></item><tag>x</tag><item><name>c</name></item><tag>y</tag></box>',
    );
    expect(edit('<box/>')).toBe(edit(''));
  });

  it('replaces a node, or everything', () => {
    expect(edit('<box><item nc:operation="replace"><name>a</name></item></box>')).toBe(
      '<box><item><name>a</name></item><item><name>b</name></item><tag>x</tag></box>',
    );
    expect(edit('<box><tag>z</tag></box>', 'replace')).toBe('<box><tag>z</tag></box>');
    expect(edit('', 'replace')).toBe('');
  });

  it('creates, deletes and removes', () => {
    expect(edit('<box><item nc:operation="create"><name>c</name></item></box>', 'none')).toContain('<name>c</name>');
    expect(edit('<box><item nc:operation="delete"><name>a</name></item><tag nc:operation="remove">x</tag></box>')).toBe(
      '<box><item><name>b</name></item></box>',
    );
    expect(edit('<box><item nc:operation="remove"><name>q</name></item></box>')).toBe(edit(''));
    expect(edit('<box><item><name>a</name><mtu nc:operation="delete"/></item></box>')).not.toContain('mtu');
  });

  it.each<[string, DefaultOperation, string, string]>([
    ['<box><item nc:operation="create"><name>a</name></item></box>', 'merge', 'data-exists', "/box/item[name='a']"],
    ['<box><item nc:operation="delete"><name>q</name></item></box>', 'merge', 'data-missing', "/box/item[name='q']"],
    [
      '<box><item><name>b</name><mtu nc:operation="delete"/></item></box>',
      'merge',
      'data-missing',
      "/box/item[name='b']/mtu",
    ],
    [
      '<box><item><name>q</name><mtu nc:operation="delete"/></item></box>',
      'merge',
      'data-missing',
      "/box/item[name='q']/mtu",
    ],
    ['<box><item><name>q</name></item></box>', 'none', 'data-missing', "/box/item[name='q']"],
    ['<box><item><mtu>1</mtu></item></box>', 'merge', 'missing-element', '/box/item'],
    ['<box><item nc:operation="drop"><name>a</name></item></box>', 'merge', 'bad-attribute', "/box/item[name='a']"],
    ['<box><item operation="delete"><name>a</name></item></box>', 'merge', 'unknown-attribute', "/box/item[name='a']"],
    [
      '<box><item><name nc:operation="delete">a</name></item></box>',
      'merge',
      'bad-attribute',
      "/box/item[name='a']/name",
    ],
    ['<box><tag>y</tag><tag>y</tag></box>', 'merge', 'bad-element', '/box/tag'],
    ['<box nc:operation="create"/>', 'merge', 'data-exists', '/box'],
  ])('refuses %s under %s with %s', (xml, operation, tag, path) => {
    expect(errorOf(() => edit(xml, operation))).toEqual({ tag, path });
  });

  it('refuses a datastore in which one node is twice rather than lose one', () => {
    const twice = root('<box><mtu>1</mtu><mtu>2</mtu></box>');
    expect(errorOf(() => edit('<box><tag>y</tag></box>', 'merge', twice))).toEqual({
      tag: 'operation-failed',
      path: '/box/mtu',
    });
  });

  it('places entries of lists that are ordered by user', () => {
    const start = root(
      '<box><acl><name>l</name><entry><name>1</name></entry><entry><name>2</name></entry></acl></box>',
    );
    const order = (attrs: string, name: string): string[] => {
      const text = edit(
        `<box><acl><name>l</name><entry ${attrs}><name>${name}</name></entry></acl></box>`,
        'merge',
        start,
      );
      return [...text.matchAll(/<entry><name>(.)/g)].map(([, each]) => each ?? '');
    };
    expect(order('', '3')).toEqual(['1', '2', '3']);
    expect(order('y:insert="first"', '3')).toEqual(['3', '1', '2']);
    expect(order(`y:insert="before" y:key="[b:name='2']"`, '3')).toEqual(['1', '3', '2']);
    expect(order(`y:insert="after" y:key="[name='1']"`, '3')).toEqual(['1', '3', '2']);
    expect(order('y:insert="last"', '1')).toEqual(['2', '1']);
    expect(errorOf(() => order(`y:insert="before" y:key="[name='9']"`, '3'))).toMatchObject({ tag: 'bad-attribute' });
  });
});

const entry = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), mtu: fc.option(fc.nat(3), { nil: undefined }) });
const entries = fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 4 });
const item = ({ name, mtu }: { name: string; mtu: number | undefined }, attrs: Record<string, string> = {}): XmlNode =>
  el(
    'urn:b',
    'item',
    [el('urn:b', 'name', name), ...(mtu === undefined ? [] : [el('urn:b', 'mtu', String(mtu))])],
    attrs,
  );
const box = (items: readonly XmlNode[]): XmlNode => el('urn:b', 'data', [el('urn:b', 'box', items)]);
const withOperation = fc
  .tuple(entry, fc.constantFrom(undefined, ...EDIT_OPERATIONS))
  .map(([each, operation]) => item(each, operation === undefined ? {} : { [OPERATION_ATTRIBUTE]: operation }));

describe('editConfig, for any configuration', () => {
  it('is all or nothing and leaves its inputs alone', () => {
    fc.assert(
      fc.property(
        entries,
        fc.array(withOperation, { maxLength: 4 }),
        fc.constantFrom<DefaultOperation>('merge', 'none', 'replace'),
        (start, edits, operation) => {
          const before = box(start.map((each) => item(each)));
          const change = box(edits);
          const copies = JSON.stringify([before, change]);
          const outcome = errorOf(() => editConfig(before, change, keys, operation));
          expect(JSON.stringify([before, change])).toBe(copies);
          if (outcome !== 'accepted') expect(outcome.tag).toMatch(/^(data-|bad-|missing-)/);
          else expect(JSON.stringify(editConfig(before, change, keys, operation))).not.toContain('operation');
        },
      ),
      { seed: 3 },
    );
  });

  it('comes back to where it was when what was created is deleted', () => {
    fc.assert(
      fc.property(entries, entry, (start, added) => {
        const before = box(start.filter(({ name }) => name !== added.name).map((each) => item(each)));
        const created = editConfig(before, box([item(added, { [OPERATION_ATTRIBUTE]: 'create' })]), keys);
        const deleted = editConfig(created, box([item(added, { [OPERATION_ATTRIBUTE]: 'delete' })]), keys);
        expect(deleted).toEqual(before);
        expect(created).not.toEqual(before);
      }),
      { seed: 4 },
    );
  });

  it('merges idempotently, and a replace by itself gives itself', () => {
    fc.assert(
      fc.property(entries, entries, (start, change) => {
        const before = box(start.map((each) => item(each)));
        const edits = box(change.map((each) => item(each)));
        const once = editConfig(before, edits, keys);
        expect(editConfig(once, edits, keys)).toEqual(once);
        expect(canonicalConfig(editConfig(before, edits, keys, 'replace'), keys)).toBe(canonicalConfig(edits, keys));
      }),
      { seed: 5 },
    );
  });
});
