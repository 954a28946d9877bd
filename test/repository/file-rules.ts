/** The rules for single files: header, length, name, words. CONTRIBUTING.md says them to people. */
import path from 'node:path';
import type { SourceFile } from './source-files.ts';

const CODE = /\.(ts|tsx|js|mjs)$/;
const MOST_LINES = 500;
const LINES_WITHOUT_REASON = 300;
const EMPTY_NAMES = [
  'util',
  'utils',
  'helper',
  'helpers',
  'manager',
  'service',
  'handler',
  'checker',
  'guard',
  'misc',
  'common',
];
// Written backwards, so that this file does not break its own rules.
const reversed = (words: readonly string[]): string => words.map((word) => word.split('').reverse().join('')).join('|');
const UNFINISHED = new RegExp(`\\b(${reversed(['ODOT', 'EMXIF', 'KCAH'])})\\b`);
const PRIVATE_PLACES = new RegExp(reversed(['/krow/', 'lw/pmt/', 'mpn.yrtsiger', 'yrotcafitra', 'oiccadrev']));
/** Time and chance are arguments here. Entry points under apps/ and the processes' main files make the real ones. */
const INJECTED = /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)/;
const PURE = /^(agents|broker|tools|protocols|simulators)\/(?!.*(^|\/)main\.ts$)/;

/** Every broken rule in the file, one line each. */
export function breakRules({ path: name, text }: SourceFile): readonly string[] {
  const broken: string[] = [];
  const lines = text.split('\n').length - 1;
  const header = /^(#!.*\n)?(\/\*\*[\s\S]*?\*\/|(\/\/.*\n)+)/.exec(text)?.[2] ?? '';
  if (CODE.test(name)) {
    if (!/[A-Za-z]{2}[\s\S]*[.:!?)*]/.test(header))
      broken.push('does not begin with a comment that says what it is for');
    if (lines > MOST_LINES) broken.push(`has ${lines} lines, more than ${MOST_LINES}`);
    else if (lines > LINES_WITHOUT_REASON && !/over 300 lines because/i.test(header)) {
      broken.push(`has ${lines} lines, and its header does not say "Over 300 lines because …"`);
    }
    const words = path.posix.basename(name).split('.')[0]?.split('-') ?? [];
    const empty = words.find((word) => EMPTY_NAMES.includes(word));
    if (empty !== undefined) broken.push(`is called ${empty}, which names nothing`);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.(ts|tsx|js|mjs)$/.test(path.posix.basename(name))) {
      broken.push('has a name that is not kebab-case');
    }
  }
  if (PURE.test(name) && INJECTED.test(withoutComments(text))) broken.push('takes time or chance from the process');
  if (UNFINISHED.test(text)) broken.push('marks something as unfinished');
  if (PRIVATE_PLACES.test(text)) broken.push('names a place that only exists on one machine, or a registry');
  return broken.map((rule) => `${name} ${rule}`);
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
