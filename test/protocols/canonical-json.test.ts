/** Canonical JSON is the same text as the library's, for whatever there is, and as the vectors of RFC 8785. */
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../protocols/canonical-json.ts';

describe('canonical JSON', () => {
  it('is what RFC 8785 §3.2.2 and §3.2.3 show', () => {
    const text = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    expect(canonicalText(JSON.parse(text))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
    const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(canonicalText(names)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}');
  });

  it('is the library’s text for any value, or none of them has one', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', '\\', '\u0000', '\u007f', '\ud800', '€', '😀'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
    });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        ...[text, fc.double(), fc.integer(), fc.boolean(), fc.constantFrom(null, -0, 1e21, 1e-7, undefined)],
        fc.array(tie('value'), { maxLength: 6 }),
        fc.dictionary(text, tie('value'), { maxKeys: 40 }),
      ),
    }));
    fc.assert(
      fc.property(value, (one) => {
        expect(attempt(() => canonicalText(one))).toBe(attempt(() => canonicalize(one)));
      }),
      { numRuns: 3000 },
    );
  });

  it('has none for what is no JSON', () => {
    for (const one of [
      undefined,
      () => 1,
      Symbol('s'),
      1n,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '\udc00',
      { '\ud800': 1 },
    ])
      expect(() => canonicalText(one)).toThrow(TypeError);
  });
});

/** The text; undefined where there is none. */
function attempt(work: () => string | undefined): string | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
