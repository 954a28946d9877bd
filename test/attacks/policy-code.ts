/** Decides by a policy that compares with the text it is given, and says whether the text was taken as text. Run with code generation off. */
import { compilePolicySet } from '../../broker/policy/cedar/policy-set.ts';
import { readUntyped } from '../../broker/policy/cedar/schema-reader.ts';

const [, , text = ''] = process.argv;
const scope = { op: 'All' };
const set = compilePolicySet([
  {
    id: 'one',
    json: {
      ...{ effect: 'permit', principal: scope, action: scope, resource: scope },
      conditions: [
        {
          kind: 'when',
          body: { '==': { left: { '.': { left: { Var: 'context' }, attr: 'said' } }, right: { Value: text } } },
        },
      ],
    },
  },
]);
const entity = { type: 'Thing', id: 'one' };
const decide = (said: string) =>
  set.decide(readUntyped({ principal: entity, action: entity, resource: entity, context: { said }, entities: [] }));
const taken =
  decide(text).decision === 'permit' && decide(`${text}x`).decision === 'deny' && decide('').decision === 'deny';
process.stdout.write(taken ? 'text\n' : 'not as text\n');
