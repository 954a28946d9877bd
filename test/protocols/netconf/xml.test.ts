/** The XML tree: what is parsed, what is refused, and that rendering loses nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  child,
  children,
  childText,
  el,
  parseXml,
  renderXml,
  XmlError,
  type XmlNode,
} from '../../../protocols/netconf/xml.ts';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof XmlError ? error.code : 'another error';
  }
  return 'accepted';
}

describe('parseXml', () => {
  it('resolves namespaces, drops prefixes and comments, joins CDATA', () => {
    const node = parseXml(
      '<?xml version="1.0" encoding="UTF-8"?><a:x xmlns:a="urn:a" xmlns="urn:b" xmlns:n="urn:n" n:op="m" k="v"><y>1<!-- c --><![CDATA[<2]]></y><z/></a:x>',
    );
    expect(node).toEqual(el('urn:a', 'x', [el('urn:b', 'y', '1<2'), el('urn:b', 'z')], { '{urn:n}op': 'm', k: 'v' }));
    expect(childText(node, 'y')).toBe('1<2');
    expect(child(node, 'y', 'urn:a')).toBeUndefined();
    expect(children(node, 'z')).toHaveLength(1);
  });

  it('keeps the namespace that a leaf value refers to', () => {
    const node = parseXml('<a xmlns="urn:a" xmlns:t="urn:t"><type>t:ethernet</type><addr>fe80::1</addr></a>');
    expect(child(node, 'type')?.attrs).toEqual({ 'xmlns:t': 'urn:t' });
    expect(child(node, 'addr')?.attrs).toEqual({});
    expect(parseXml(renderXml(node))).toEqual(node);
  });

  it.each([
    ['<!DOCTYPE a><a/>', 'DOCTYPE'],
    ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'DOCTYPE'],
    ['<a><?php x?></a>', 'PROCESSING_INSTRUCTION'],
    ['<a>\u0001</a>', 'CONTROL_CHARACTER'],
    ['<a>\u009b</a>', 'CONTROL_CHARACTER'],
    ['<a>&#x9b;</a>', 'CONTROL_CHARACTER'],
    ['<a b="&#127;"/>', 'CONTROL_CHARACTER'],
    ['<a>&#1;</a>', 'MALFORMED'],
    ['<a>&unknown;</a>', 'MALFORMED'],
    ['<a><b></a></b>', 'MALFORMED'],
    ['<a b="1" b="2"/>', 'MALFORMED'],
    ['<p:a/>', 'MALFORMED'],
    ['<a/><b/>', 'MALFORMED'],
    ['<a/>tail', 'MALFORMED'],
    ['', 'MALFORMED'],
    ['<a>text<b/></a>', 'MIXED_CONTENT'],
    ['<?xml version="1.1"?><a/>', 'ENCODING'],
    ['<?xml version="1.0" encoding="latin1"?><a/>', 'ENCODING'],
    ['<a>'.repeat(65) + '</a>'.repeat(65), 'TOO_DEEP'],
    [`<a ${Array.from({ length: 65 }, (_, i) => `a${i}=""`).join(' ')}/>`, 'TOO_MANY_ATTRIBUTES'],
    [`<a>${'x'.repeat(4 * 1024 * 1024)}</a>`, 'TOO_LARGE'],
    [`<a>${'<b/>'.repeat(200_000)}</a>`, 'TOO_MANY_ELEMENTS'],
    [`<a>${'<b c="" d="" e=""/>'.repeat(17_000)}</a>`, 'TOO_MUCH_MARKUP'],
    [`<a>${'&amp;'.repeat(50_001)}</a>`, 'TOO_MUCH_MARKUP'],
    [`<a>${'<!---->'.repeat(50_001)}</a>`, 'TOO_MUCH_MARKUP'],
    [`<a>${'<![CDATA[]]>'.repeat(50_001)}</a>`, 'TOO_MUCH_MARKUP'],
  ])('refuses case %#', (text, code) => {
    expect(codeOf(() => parseXml(text))).toBe(code);
  });

  it('takes lower limits', () => {
    expect(codeOf(() => parseXml('<a><b/></a>', { depth: 1 }))).toBe('TOO_DEEP');
    expect(codeOf(() => parseXml('<a>é</a>', { bytes: 8 }))).toBe('TOO_LARGE');
  });

  it('gets back what it rendered', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const text = fc.stringMatching(/^[ -~\n\t\ré]{0,12}$/);
    const ns = fc.constantFrom('', 'urn:a', 'urn:b&"<');
    const attrs = fc.dictionary(
      fc.oneof(
        name,
        name.map((each) => `{urn:q}${each}`),
      ),
      text,
      { maxKeys: 3 },
    );
    const tree: fc.Arbitrary<XmlNode> = fc.letrec<{ node: XmlNode }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.record({ name, ns, attrs, children: fc.constant([]), text }),
        fc.record({
          name,
          ns,
          attrs,
          children: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
          text: fc.constant(''),
        }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (node) => {
        expect(parseXml(renderXml(node))).toEqual(node);
        expect(parseXml(renderXml(node, { indent: 2 }))).toEqual(node);
      }),
      { seed: 1 },
    );
  });
});
