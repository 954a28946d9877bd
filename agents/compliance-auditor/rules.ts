/** The golden rules: read from the files beside this one, each checked for its form, and held against the leaves of a configuration. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { SEVERITIES } from '../../broker/contract.ts';

/** What ships; a literal list, so that a file that is dropped into the folder rules nobody. */
const FILES = ['paths.yaml', 'protection.yaml', 'services.yaml'] as const;

const compare = z.strictObject({
  equal: z.string().optional(),
  oneOf: z.array(z.string()).min(1).optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
  exist: z.literal(true).optional(),
});
type Compare = z.infer<typeof compare>;

const ruleForm = z
  .strictObject({
    id: z.string().regex(/^[A-Z][A-Z0-9-]{1,30}$/),
    title: z.string().min(1),
    severity: z.enum(SEVERITIES),
    /** Tenet of NIST SP 800-207 §2.1. */
    tenet: z.int().min(1).max(7),
    section: z.string(),
    /** Leaves that the rule is about; `*` stands for one step. */
    each: z.string(),
    /** Another leaf of the same entry that must be so; the leaf itself when absent. */
    leaf: z.string().optional(),
    must: compare.optional(),
    /** How many leaves of `each` there must be. */
    count: compare.optional(),
    roles: z.array(z.enum(['edge', 'hub'])).optional(),
    unless: z.strictObject({ leaf: z.string(), equal: z.string() }).optional(),
    fix: z.strictObject({ tool: z.string(), input: z.record(z.string(), z.string()) }).optional(),
    because: z.string().min(1),
  })
  .refine((rule) => (rule.must === undefined) !== (rule.count === undefined), 'a rule has either must or count');
export type Rule = z.infer<typeof ruleForm>;

/** Reads rules from YAML text. Throws with the file and the field when one has another form. */
export function parseRules(text: string, file: string): readonly Rule[] {
  const parsed = z.array(ruleForm).safeParse(parse(text));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RangeError(`${file}: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** The rules that ship. */
export const RULES: readonly Rule[] = FILES.flatMap((file) =>
  parseRules(readFileSync(new URL(`./rules/${file}`, import.meta.url), 'utf8'), file),
);

export interface Leaf {
  readonly path: string;
  readonly value: string;
  readonly line: number;
  /** Evidence record that tells of it. */
  readonly id: string;
}

/** What is configured on one device, and what the inventory says of it. */
export interface Configured {
  readonly device: string;
  readonly role: 'edge' | 'hub';
  readonly facts: { readonly [name: string]: string };
  readonly leaves: readonly Leaf[];
  /** Record that the sections were read. */
  readonly read: string;
}

export interface Deviation {
  readonly rule: Rule;
  readonly device: string;
  readonly path: string;
  readonly line?: number | undefined;
  readonly found: string;
  readonly wanted: string;
  readonly evidence: readonly string[];
}

/** `cfg.leaf` as `config.leaves` writes it. */
export function readLeaf(value: string): Omit<Leaf, 'id'> | undefined {
  const match = /^(\S+) = (.*) \(line (\d+)\)$/s.exec(value);
  return match?.[1] === undefined || match[2] === undefined
    ? undefined
    : { path: match[1], value: match[2], line: Number(match[3]) };
}

/** A star takes one step or more: names of ports and prefixes have slashes of their own. */
function fits(pattern: string, path: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.+')}$`).test(path);
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function holds(wanted: Compare, value: string | number | undefined): boolean {
  if (value === undefined) return false;
  return (
    (wanted.equal === undefined || String(value) === wanted.equal) &&
    (wanted.oneOf === undefined || wanted.oneOf.includes(String(value))) &&
    (wanted.atLeast === undefined || Number(value) >= wanted.atLeast) &&
    (wanted.atMost === undefined || Number(value) <= wanted.atMost)
  );
}

function say({ equal, oneOf, atLeast, atMost }: Compare): string {
  if (equal !== undefined) return equal;
  if (oneOf !== undefined) return oneOf.join(' or ');
  if (atLeast !== undefined) return `${atLeast} at least`;
  if (atMost !== undefined) return `${atMost} at most`;
  return 'present';
}

/** Puts facts of the inventory in place of `{name}`; undefined when one is not known. */
export function fillFacts(text: string, facts: Configured['facts']): string | undefined {
  let known = true;
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = facts[name];
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known ? filled : undefined;
}

/** Every deviation of a device from the rules. A rule that needs a fact which the inventory lacks is not judged. */
export function checkRules(rules: readonly Rule[], configured: Configured): readonly Deviation[] {
  const { device, role, facts, leaves, read } = configured;
  return rules.flatMap((rule): readonly Deviation[] => {
    if (rule.roles && !rule.roles.includes(role)) return [];
    const found = leaves.filter(({ path }) => fits(rule.each, path));
    if (rule.count !== undefined) {
      if (holds(rule.count, found.length)) return [];
      return [
        {
          ...{ rule, device, path: rule.each, found: `${found.length}`, wanted: say(rule.count) },
          ...(found[0] ? { line: found[0].line } : {}),
          evidence: found.length > 0 ? found.map(({ id }) => id) : [read],
        },
      ];
    }
    const equal = rule.must?.equal === undefined ? undefined : fillFacts(rule.must.equal, facts);
    if (rule.must?.equal !== undefined && equal === undefined) return [];
    const must: Compare = { ...rule.must, ...(equal === undefined ? {} : { equal }) };
    return found.flatMap((one): readonly Deviation[] => {
      const sibling = (leaf: string): Leaf | undefined =>
        leaves.find(({ path }) => fits(`${parentOf(one.path)}/${leaf}`, path));
      if (rule.unless && sibling(rule.unless.leaf)?.value === rule.unless.equal) return [];
      const meant = rule.leaf === undefined ? one : sibling(rule.leaf);
      if (holds(must, meant?.value)) return [];
      const path = meant?.path ?? `${parentOf(one.path)}/${rule.leaf ?? ''}`;
      return [
        {
          rule,
          device,
          path,
          line: (meant ?? one).line,
          found: meant?.value ?? 'absent',
          wanted: say(must),
          evidence: [(meant ?? one).id],
        },
      ];
    });
  });
}
