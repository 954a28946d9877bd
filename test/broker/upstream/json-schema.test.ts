/** The interpreter of other people's schemas: what it understands, what it refuses, and that it always ends. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../broker/contract.ts';
import { findMismatch, whyUnusable } from '../../../broker/upstream/json-schema.ts';

describe('a value', () => {
  it.each([
    [{ type: 'integer', minimum: 1, maximum: 3 }, 2, [0, 4, 1.5, '2', null]],
    [{ type: ['string', 'null'], minLength: 2, maxLength: 3 }, 'ab', ['a', 'abcd', 1]],
    [{ enum: ['a', { b: 1, c: 2 }] }, { c: 2, b: 1 }, ['b', { b: 1 }]],
    [{ const: [1] }, [1], [[2], 1]],
    [{ type: 'array', items: { type: 'number' }, minItems: 1, uniqueItems: true }, [1, 2], [[], [1, 1], ['1']]],
    [{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['a', 1], [[1], ['a', 'b']]],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'x', [true]],
    [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 1.5, [1, 'x']],
    [{ allOf: [{ minimum: 1 }, { exclusiveMaximum: 3 }], multipleOf: 0.5 }, 2.5, [3, 0, 1.3]],
    [{ not: { type: 'string' } }, 1, ['x']],
    [
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
      { a: 'x' },
      [{}, { a: 1 }, { a: 'x', b: 1 }, []],
    ],
    [{ propertyNames: { maxLength: 1 }, maxProperties: 1 }, { a: 1 }, [{ ab: 1 }, { a: 1, b: 1 }]],
    [{ $defs: { n: { type: 'number' } }, $ref: '#/$defs/n' }, 1, ['x']],
  ] as readonly (readonly [Json, Json, readonly Json[]])[])('%j', (schema, fits, others) => {
    expect(whyUnusable(schema)).toBeUndefined();
    expect(findMismatch(schema, fits)).toBeUndefined();
    for (const other of others) expect(findMismatch(schema, other), JSON.stringify(other)).toBeTypeOf('string');
  });

  it('inherits nothing', () => {
    const schema = { type: 'object', required: ['constructor'], properties: {}, additionalProperties: false };
    expect(findMismatch(schema, {})).toBe('/constructor is missing');
    expect(findMismatch(schema, JSON.parse('{"__proto__":1,"constructor":1}'))).toBeTypeOf('string');
  });
});

describe('a schema', () => {
  it.each([
    [{ $ref: 'https://example.org/schema' }],
    [{ properties: { a: { $ref: '#/$defs/none' } } }],
    [{ $dynamicRef: '#a' }],
    [{ patternProperties: { '^(a+)+$': {} } }],
    [{ if: { type: 'string' } }],
    [{ type: 'text' }],
    [{ items: 'x' }],
    [{ anyOf: {} }],
    [JSON.parse(`${'{"items":'.repeat(50)}{}${'}'.repeat(50)}`)],
    [{ enum: [1], properties: Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`a${at}`, {}])) }],
  ] as readonly (readonly [Json])[])('%# is refused', (schema) => {
    expect(whyUnusable(schema)).toBeTypeOf('string');
  });

  it('that refers to itself ends, also inside a negation', () => {
    for (const schema of [{ $ref: '#' }, { not: { $ref: '#' } }, { anyOf: [{ $ref: '#' }, { $ref: '#' }] }]) {
      expect(whyUnusable(schema)).toBeUndefined();
      expect(findMismatch(schema, 1)).toBeTypeOf('string');
    }
  });
});
