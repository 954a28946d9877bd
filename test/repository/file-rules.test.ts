/** The file rules hold everywhere, and each of them can fail. */
import { describe, expect, it } from 'vitest';
import { breakRules } from './file-rules.ts';
import { readFiles } from './source-files.ts';

const header = '/** Says what it is for. */\n';
// Put together here, so that this file does not break the rules itself.
const unfinished = ['TO', 'DO'].join('');
const place = ['', 'work', ''].join('/');
const lines = (count: number): string => 'const a = 1;\n'.repeat(count);

describe('the file rules', () => {
  it('hold in every file', () => {
    expect(readFiles(() => true).flatMap(breakRules)).toEqual([]);
  });

  it.each([
    ['a missing header', 'tools/a.ts', 'const a = 1;\n'],
    ['length without a reason', 'tools/a.ts', header + lines(300)],
    ['too much length', 'tools/a.ts', `/** Over 300 lines because of a table. */\n${lines(500)}`],
    ['an empty name', 'tools/bgp-utils.ts', header],
    ['a name in camel case', 'tools/bgpRead.ts', header],
    ['time from the process', 'broker/a.ts', `${header}const now = Date.now();\n`],
    ['unfinished work', 'tools/a.ts', `${header}// ${unfinished}: later\n`],
    ['a private place', 'docs/a.md', `See ${place}notes.\n`],
  ])('see %s', (_, path, text) => {
    expect(breakRules({ path, text })).toHaveLength(1);
  });

  it('accept a reason, an entry point with a clock, and time in a comment', () => {
    expect(
      breakRules({ path: 'tools/a.ts', text: `/** Over 300 lines because of a table. */\n${lines(400)}` }),
    ).toEqual([]);
    expect(breakRules({ path: 'apps/a.ts', text: `${header}const now = Date.now();\n` })).toEqual([]);
    expect(breakRules({ path: 'broker/a.ts', text: '/** Never `Date.now()`. */\n' })).toEqual([]);
  });
});
