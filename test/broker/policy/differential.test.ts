/** The differential comparison itself: the evaluators agree, and a planted mistake of the compiler is seen. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compilePolicySet, type ParsedPolicy, type PolicySet } from '../../../broker/policy/cedar/policy-set.ts';
import { compareCorpus } from './differential/corpus.ts';
import { compareGenerated } from './differential/generated.ts';
import { createRandom } from './differential/random.ts';
import { compareShipped } from './differential/shipped.ts';

const differencesOf = (compile?: (policies: readonly ParsedPolicy[]) => PolicySet) =>
  [...compareGenerated(1_200, createRandom(7), compile)].flatMap(({ difference }) => difference ?? []);

describe('policy:differential', () => {
  it('finds no difference in generated policies', () => {
    expect(differencesOf()).toEqual([]);
  });

  it('finds no difference in the shipped policies', async () => {
    for await (const { difference } of compareShipped(150, createRandom(7))) expect(difference).toBeUndefined();
  });

  it('finds no difference in the folder of tests, and compares all of it', () => {
    const results = [...compareCorpus(path.join(import.meta.dirname, 'differential/corpus'))];
    expect(results).toMatchObject([{ compared: 16, differences: [] }]);
  });

  it.each([
    ['forgets a forbid', (text: string) => text.replaceAll('"forbid"', '"permit"')],
    ['takes < for <=', (text: string) => text.replaceAll('{"<=":', '{"<":')],
    ['takes && for ||', (text: string) => text.replaceAll('{"||":', '{"&&":')],
    ['turns unless into when', (text: string) => text.replaceAll('"unless"', '"when"')],
    ['takes has for a constant', (text: string) => text.replaceAll('{"has":', '{"hasTag":')],
  ])('sees a compiler that %s', (_, misread) => {
    const found = differencesOf((policies) => {
      try {
        return compilePolicySet(JSON.parse(misread(JSON.stringify(policies))) as readonly ParsedPolicy[]);
      } catch {
        return { decide: () => ({ decision: 'deny', policies: ['not compiled'], errors: [] }) };
      }
    });
    expect(found.length).toBeGreaterThan(0);
  });

  it('refuses to compile an integer that the parsed form has rounded, and an operator it does not know', () => {
    const policy = (body: unknown) => ({
      effect: 'permit',
      principal: { op: 'All' },
      action: { op: 'All' },
      resource: { op: 'All' },
      conditions: [{ kind: 'when', body }],
    });
    const compile = (body: unknown) => () => compilePolicySet([{ id: 'p', json: policy(body) }]);
    expect(compile({ '==': { left: { Value: 2 ** 53 }, right: { Value: 1 } } })).toThrow(/policy p: .*not an integer/);
    expect(compile({ unknown: [{ Value: 'x' }] })).toThrow(/policy p: the operator unknown/);
    expect(compile({ constructor: [{ Value: 'x' }] })).toThrow(/policy p: the operator constructor/);
    const deep = Array.from({ length: 500 }).reduce<unknown>((inner) => ({ '!': { arg: inner } }), { Value: true });
    expect(compile(deep)).toThrow(/nested/);
    expect(compile({ '&&': { left: { Value: true } } })).toThrow(/policy p/);
  });
});
