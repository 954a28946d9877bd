/** Defences of the policies themselves. */
import type { Defence } from './defence.ts';

const READ = 'broker/policy-bundles/read-active.ts';
const ADMIT = 'broker/policy-bundles/admit-bundle.ts';

export const POLICY_DEFENCES = {
  'signed-policies': {
    what: 'the bundle in force is signed with an accepted key, and is the one that was activated',
    without: [
      {
        file: 'broker/policy-bundles/bundle.ts',
        find: "if (!signatureHolds(jws, key)) throw new TokenRefused('the signature is not of these bytes');",
        replace: '',
      },
      {
        file: READ,
        find: "demand(\n    sameDigest(digestBundle(bundle), activation.digest),\n    'the bundle in the store is not the one that was activated',\n  );",
        replace: 'void digestBundle;',
      },
    ],
  },
  'activations-only-rise': {
    what: 'an activation below the highest that was seen is not taken',
    without: [{ file: READ, find: 'seen === undefined || activation.number >= seen.number,', replace: 'true,' }],
  },
  'tried-before-proposed': {
    what: 'a bundle is parsed, validated, compiled and held against its cases before it can be in force',
    without: [{ file: ADMIT, find: 'if (findings.length === 0) return point;', replace: 'return point;' }],
  },
  'tenants-apart': {
    what: 'a bundle under which a request could cross tenants is never in force',
    without: [
      {
        file: ADMIT,
        find: 'for (const crossing of findCrossings(deciding, [tool], judge)) crossings.add(crossing);',
        replace: 'void findCrossings;',
      },
      { file: ADMIT, find: '...(await examine(deps, bundle, point)),', replace: '' },
    ],
  },
  'bounded-policies': {
    what: 'a bundle has so many characters and a pattern so many wildcards',
    without: [{ file: 'broker/policy-bundles/bundle.ts', find: '  demandBounds(bundle.data);\n', replace: '' }],
  },
  'no-code-of-texts': {
    what: 'policies are compiled to closures: a text of theirs is a value and never code',
    without: [
      {
        file: 'broker/policy/cedar/expression.ts',
        find: 'const expression: Expression = () => value;',
        replace: "const expression: Expression = new Function('return \"' + String(value) + '\"') as never;",
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
