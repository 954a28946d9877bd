/** Reads Cedar files as a list of rules: id, effect, why, obligations, and who and what each names. Shows what is written, decides nothing. */
import type { PolicyFile } from '../../api/schema.ts';

export interface Rule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly because: string;
  readonly obligations: readonly string[];
  /** Roles and agents that it names, e.g. `tenant-admin`; none where it is about everybody. */
  readonly who: readonly string[];
  /** Tools, domains and effects that it names, e.g. `wan`, `change`. */
  readonly what: readonly string[];
  readonly file: string;
  /** As written, annotations and comments aside. */
  readonly text: string;
}

/** One token of Cedar: a comment, a string, a semicolon, or what is between them (Cedar reference, grammar). */
const TOKEN = /\/\/[^\n]*|"(?:[^"\\]|\\.)*"|;|[^"/;]+|\//g;

/** The statements of a file, without comments; a semicolon in a string ends none. */
function splitStatements(text: string): readonly string[] {
  const statements: string[] = [];
  let statement = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('//')) continue;
    statement += token;
    if (token !== ';') continue;
    statements.push(statement.trim());
    statement = '';
  }
  return statements;
}

export function readRules(files: readonly PolicyFile[]): readonly Rule[] {
  return files.flatMap(({ name, text }) => (name.endsWith('.cedar') ? splitStatements(text).map(readRule(name)) : []));
}

const readRule =
  (file: string) =>
  (statement: string): Rule => {
    const note = (name: string): string =>
      unquote(new RegExp(`@${name}\\(("(?:[^"\\\\]|\\\\.)*")\\)`).exec(statement)?.[1]);
    const text = statement.replace(/@[A-Za-z_]+\(\s*"(?:[^"\\]|\\.)*"\s*\)\s*/g, '').trim();
    const named = (kind: string): readonly string[] => [
      ...new Set([...text.matchAll(new RegExp(`\\b${kind}::"([^"]*)"`, 'g'))].map(([, name]) => name ?? '')),
    ];
    return {
      ...{ id: note('id'), because: note('because'), file, text },
      effect: text.startsWith('forbid') ? 'forbid' : 'permit',
      obligations: note('obligations')
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
      who: [...named('Role'), ...named('Agent'), ...kinds(text)],
      what: named('Action'),
    };
  };

/** `principal is Agent`: all of a kind. */
const kinds = (text: string): readonly string[] =>
  [...text.matchAll(/\bprincipal is (Agent|Human)\b/g)].map(([, kind]) => `every ${kind?.toLowerCase()}`);

const unquote = (quoted: string | undefined): string => {
  if (quoted === undefined) return '';
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1); // an escape that JSON does not know
  }
};
