/** Canonical text and diffs of configurations. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalConfig } from '../../../protocols/netconf/canonical.ts';
import { unifiedDiff } from '../../../protocols/netconf/diff.ts';
import { el, parseXml } from '../../../protocols/netconf/xml.ts';

const keys = (path: readonly string[]) => ({ 'ifs/if': ['name'], 'ifs/dns': [] })[path.join('/')];
const text = (xml: string, ordered = false) => canonicalConfig(parseXml(`<data>${xml}</data>`), keys, () => ordered);

describe('canonicalConfig', () => {
  it('orders leaves by name and entries by key, and shows namespaces where they change', () => {
    const one = text(
      '<ifs xmlns="urn:i"><if><name>b</name></if><if><up>true</up><name>a</name><v4><ip>1</ip></v4><mtu>9</mtu></if><dns>2</dns><dns>1</dns></ifs>',
    );
    const two = text(
      '<p:ifs xmlns:p="urn:i"><p:dns>1</p:dns><p:if><p:name> a </p:name><p:mtu>9</p:mtu><p:up>true</p:up><p:v4><p:ip>1</p:ip></p:v4></p:if><p:dns>2</p:dns><p:if><p:name>b</p:name></p:if></p:ifs>',
    );
    expect(one).toBe(
      'ifs {urn:i}\n  dns 1\n  dns 2\n  if name=a\n    mtu 9\n    up true\n    v4\n      ip 1\n  if name=b\n',
    );
    expect(two).toBe(one);
  });

  it('keeps the order where it means something', () => {
    expect(text('<ifs><if><name>b</name></if><if><name>a</name></if></ifs>', true)).toBe(
      'ifs\n  if name=b\n  if name=a\n',
    );
  });

  it('does not let a value pass for structure', () => {
    expect(text('<ifs><mtu>1\n  up true</mtu></ifs>')).toBe('ifs\n  mtu "1\\n  up true"\n');
    expect(text('<ifs xmlns:t="urn:t"><type>t:eth</type></ifs>')).toBe(
      text('<ifs xmlns:u="urn:t"><type>u:eth</type></ifs>'),
    );
    expect(text('<ifs xmlns:t="urn:t"><type>t:eth</type></ifs>')).not.toBe(text('<ifs><type>t:eth</type></ifs>'));
    expect(text('')).toBe('');
  });

  it('is equal for any order of children and different for any other value', () => {
    const value = fc.string({ maxLength: 5 }).map((each) => each.trim());
    const leaves = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, { minKeys: 1 });
    const render = (entries: readonly [string, string][]) =>
      canonicalConfig(
        el('', 'data', [
          el(
            '',
            'ifs',
            entries.map(([name, each]) => el('', name, each)),
          ),
        ]),
        keys,
      );
    fc.assert(
      fc.property(leaves, leaves, (one, other) => {
        const sorted = (record: object) => JSON.stringify(record, ['a', 'b', 'c', 'd']);
        expect(render(Object.entries(one).reverse())).toBe(render(Object.entries(one)));
        expect(render(Object.entries(one)) === render(Object.entries(other))).toBe(sorted(one) === sorted(other));
      }),
      { seed: 6 },
    );
  });
});

/** What a patch program does with one file. */
function patch(before: string, diff: string): string {
  const source = before === '' ? [] : before.replace(/\n$/, '').split('\n');
  const out: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2, -1)) {
    const header = /^@@ -(\d+),(\d+) /.exec(line);
    if (header !== null) {
      const start = Number(header[1]) - (header[2] === '0' ? 0 : 1);
      out.push(...source.slice(at, start));
      at = start;
    } else if (line.startsWith('+')) out.push(line.slice(1));
    else {
      expect(source[at]).toBe(line.slice(1));
      if (line.startsWith(' ')) out.push(line.slice(1));
      at += 1;
    }
  }
  out.push(...source.slice(at));
  return out.length === 0 ? '' : `${out.join('\n')}\n`;
}

describe('unifiedDiff', () => {
  it('shows three lines of context and what encloses them', () => {
    const lines = ['box', '  item name=a', '    a 1', '    b 2', '    c 3', '    mtu 1500', '    n 4', '  item name=b'];
    const before = `${lines.join('\n')}\n`;
    expect(unifiedDiff(before, before.replace('1500', '1400'), 'br2_edge')).toBe(
      '--- br2_edge (before)\n+++ br2_edge (after)\n@@ -3,6 +3,6 @@ box / item name=a\n     a 1\n     b 2\n     c 3\n-    mtu 1500\n+    mtu 1400\n     n 4\n   item name=b\n',
    );
    expect(unifiedDiff(before, before, 'x')).toBe('');
  });

  it('gives a patch that turns one into the other', () => {
    const file = fc
      .array(fc.constantFrom('a', 'b', ' c', ' d'), { maxLength: 25 })
      .map((all) => all.map((each) => `${each}\n`).join(''));
    fc.assert(
      fc.property(file, file, (before, after) => {
        const diff = unifiedDiff(before, after, 'x');
        expect(diff === '').toBe(before === after);
        if (diff !== '') expect(patch(before, diff)).toBe(after);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('stays right beyond the size it compares line by line', () => {
    const file = (from: number) => Array.from({ length: 2_500 }, (_, i) => `${from + i}\n`).join('');
    expect(patch(file(0), unifiedDiff(file(0), file(10_000), 'x'))).toBe(file(10_000));
  });
});
