/** Commands as documents quote them: found in Markdown, split as a shell would, and held against the real command line. */
import type { Command } from 'commander';
import { CommanderError } from 'commander';
import { createProgram } from '../../apps/cli/program.ts';
import { makeIo } from '../apps/cli/fake-io.ts';

export interface Quoted {
  readonly line: number;
  readonly text: string;
  /** A line of a block is meant to be typed as it stands; in a sentence a command may be named without what it needs. */
  readonly isWhole: boolean;
}

/** Every `wayleave …` of a Markdown text, in blocks and between backticks. */
export function findCommands(markdown: string): readonly Quoted[] {
  const found: Quoted[] = [];
  let inBlock = false;
  const lines = markdown.replaceAll(/\\\n\s*/g, ' ').split('\n');
  for (const [at, line] of lines.entries()) {
    if (/^\s*```/.test(line)) inBlock = !inBlock;
    else if (inBlock) {
      const [, text] = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?(wayleave(?: .*)?)$/.exec(line) ?? [];
      if (text !== undefined) found.push({ line: at + 1, text, isWhole: true });
    } else
      for (const [, text = ''] of line.matchAll(/`(wayleave(?: [^`]*)?)`/g))
        found.push({ line: at + 1, text, isWhole: false });
  }
  return found;
}

/** Words up to a comment, a pipe or the next command; quotes hold words together. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [whole, quoted, single] of text.matchAll(/"([^"]*)"|'([^']*)'|[^\s"']+/g)) {
    if (/^(?:#|\||&&|;|>|<$)/.test(whole)) break;
    words.push((quoted ?? single ?? whole).replace(/;$/, ''));
  }
  return words;
}

/** What is wrong with it; undefined when the command line takes it. */
export async function complainOf({ text, isWhole }: Quoted): Promise<string | undefined> {
  const words = splitWords(text).slice(1);
  const program = createProgram(makeIo().io, () => undefined);
  disarm(program);
  if (!isWhole) return nameUnknown(program, words);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? undefined : error.message;
  }
}

/** Nothing is done, and nothing ends the test. */
function disarm(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  if (command.commands.length === 0) command.action(() => undefined);
  for (const one of command.commands) disarm(one);
}

/** Words in capitals, ellipses and alternatives stand for something. */
const STANDS_FOR = /^[A-Z…"<[]|…|\|/;

function nameUnknown(program: Command, words: readonly string[]): string | undefined {
  let at = program;
  let isArgument = false;
  for (const word of words) {
    if (word.startsWith('-')) {
      const name = word.split('=')[0] ?? '';
      const known = lineage(at).flatMap(({ options }) => options.map(({ long, short }) => [long, short]));
      if (name !== '--help' && !known.flat().includes(name)) return `there is no option ${name}`;
      isArgument = true;
    } else if (!isArgument) {
      const next = at.commands.find((one) => one.name() === word || one.aliases().includes(word));
      if (next === undefined && at.commands.length > 0 && !STANDS_FOR.test(word)) return `there is no command ${word}`;
      if (next === undefined) isArgument = true;
      else at = next;
    }
  }
  return undefined;
}

const lineage = (command: Command): readonly Command[] =>
  command.parent === null ? [command] : [command, ...lineage(command.parent)];
