/** Reads YAML against a schema; whatever is wrong is refused with file, line and field. */
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';

/** Of one story. */
export const MAX_BYTES = 256 * 1024;

export type Place = readonly (string | number)[];

export interface ReadYaml<T> {
  readonly value: T;
  /** The error of a value that the schema lets pass. */
  refuse(path: Place, says: string): WayleaveError;
}

/** Throws `SCENARIO_INVALID`. */
export function readYaml<T>(text: string, label: string, form: z.ZodType<T>): ReadYaml<T> {
  if (text.length > MAX_BYTES) throw new WayleaveError('SCENARIO_INVALID', `${label}: larger than 256 KiB.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `${label}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split('\n')[0]}`,
    );
  const refuse = (path: Place, says: string, key?: string): WayleaveError => {
    const offset = findOffset(document, path, key);
    const line = offset === undefined ? 1 : lines.linePos(offset).line;
    const field = [...path, ...(key === undefined ? [] : [key])].join('.') || 'document';
    return new WayleaveError('SCENARIO_INVALID', `${label}:${line}: ${field}: ${says}`);
  };
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 0 });
  } catch {
    throw new WayleaveError('SCENARIO_INVALID', `${label}: aliases are not allowed.`);
  }
  const parsed = form.safeParse(raw);
  if (parsed.success) return { value: parsed.data, refuse };
  const issue = deepest(parsed.error.issues);
  const path = (issue?.path ?? []).filter((one): one is string | number => typeof one !== 'symbol');
  throw refuse(path, issue?.message ?? 'invalid', issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined);
}

/** Of a union, the issue of the form that fitted furthest says most. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const [first] = issues;
  if (first?.code !== 'invalid_union') return first;
  const inner = first.errors.flatMap((each) => {
    const one = deepest(each);
    return one === undefined ? [] : [{ count: each.length, issue: { ...one, path: [...first.path, ...one.path] } }];
  });
  return inner.sort((a, b) => a.count - b.count)[0]?.issue ?? first;
}

/** Where the value at the path begins, or the nearest one above it that is there. */
function findOffset(document: Document, path: Place, key?: string): number | undefined {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    if (!isNode(node)) continue;
    if (key !== undefined && depth === path.length && isMap(node)) {
      const pair = node.items.find((one) => String(one.key) === key);
      if (isNode(pair?.key)) return pair.key.range?.[0];
    }
    return node.range?.[0];
  }
  return undefined;
}
