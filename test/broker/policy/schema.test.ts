/** How a tool's zod schema becomes the types that policies are checked against. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildSchema, shapeInput } from '../../../broker/policy/schema.ts';
import { EXAMPLE_TOOLS } from './example-tools.ts';

const shape = (input: z.ZodType) => shapeInput({ name: 'x.y', input });

describe('shapeInput', () => {
  it('types nested parameters', () => {
    const input = z.strictObject({
      port: z.number().int().min(1).max(65_535),
      lists: z.array(z.strictObject({ name: z.enum(['a', 'b']), on: z.boolean().optional() })),
    });
    expect(shape(input)).toEqual({
      type: 'Record',
      attributes: {
        port: { type: 'Long', required: true },
        lists: {
          type: 'Set',
          required: true,
          element: {
            type: 'Record',
            attributes: { name: { type: 'String', required: true }, on: { type: 'Boolean', required: false } },
          },
        },
      },
    });
  });

  it.each([
    ['a number with a fraction', z.strictObject({ ratio: z.number() })],
    ['a union', z.strictObject({ ratio: z.union([z.string(), z.number().int()]) })],
    ['an open record', z.strictObject({ ratio: z.record(z.string(), z.string()) })],
    ['an object that ignores unknown keys', z.strictObject({ ratio: z.looseObject({}) })],
  ])('refuses %s and names it', (_, input) => {
    expect(() => shape(input)).toThrow(/x\.y: input\.ratio/);
  });
});

describe('buildSchema', () => {
  it('gives each tool an action in the groups of its effect and domain, on devices or on the tenant', () => {
    const actions = buildSchema(EXAMPLE_TOOLS)['']?.actions;
    expect(actions?.['bgp.set-local-as']).toMatchObject({
      memberOf: [{ id: 'change' }, { id: 'wan' }],
      appliesTo: { resourceTypes: ['Device'] },
    });
    expect(actions?.['inventory.devices']?.appliesTo?.resourceTypes).toEqual(['Tenant']);
  });
});
