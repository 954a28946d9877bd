/** The `like` operator: a pattern of literals and wildcards, matched in time linear in the text for each literal. */
import { CompileError } from './compile-error.ts';

/** Compiles the parsed pattern of a policy to a test of a text. A wildcard stands for any characters, also none. */
export function compilePattern(pattern: unknown): (text: string) => boolean {
  if (!Array.isArray(pattern)) throw new CompileError('a pattern is not a list');
  const pieces: string[] = [''];
  for (const element of pattern as readonly unknown[]) {
    if (element === 'Wildcard') pieces.push('');
    else pieces[pieces.length - 1] += readLiteral(element);
  }
  const [first = '', ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  const middle = rest.filter((piece) => piece !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, from);
      if (found < 0) return false;
      from = found + piece.length;
    }
    return from <= text.length - last.length;
  };
}

function readLiteral(element: unknown): string {
  const literal = typeof element === 'object' && element !== null && 'Literal' in element ? element.Literal : undefined;
  if (typeof literal !== 'string') throw new CompileError('a pattern has a part that is not known');
  return literal;
}
