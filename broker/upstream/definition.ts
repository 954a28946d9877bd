/** What a server says of a tool: brought into one form, pinned by a digest, and looked at for what no honest description needs. */
import { z } from 'zod';
import { canonicalText } from '../../protocols/canonical-json.ts';
import type { Json } from '../contract.ts';
import { sha256 } from '../digest.ts';
import { whyUnusable } from './json-schema.ts';
import type { UpstreamServer } from './server-list.ts';

const json: z.ZodType<Json> = z.json();
/** As it came, with whatever else it says: a field that is not read today may be tomorrow. */
const stated = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), json),
  outputSchema: z.record(z.string(), json).optional(),
  annotations: z
    .looseObject({ readOnlyHint: z.boolean().optional(), destructiveHint: z.boolean().optional() })
    .optional(),
});

export interface Definition {
  readonly name: string;
  /** RFC 8785 text of all that the server said of it. */
  readonly text: string;
  /** Over that text and where it comes from: the same words from another place are another tool. */
  readonly digest: string;
  /** Why it can never be offered; absent when it can. */
  readonly refused?: string | undefined;
  /** What whoever approves it must have read. */
  readonly warnings: readonly string[];
  /** It does not say of itself that it only reads: whoever approves it says so instead. */
  readonly undeclared: boolean;
}

/** The parts of a pinned definition that are used. */
export interface ReadDefinition {
  readonly description: string;
  readonly inputSchema: Json;
  readonly outputSchema: Json | undefined;
}

/** Tools of one server, bytes of one definition, and of a name with our prefix (what models take). */
export const MAX_TOOLS = 200;
const MAX_DEFINITION = 65_536;
const MAX_NAME = 64;

/** What no pin changes. */
const RUNS_HERE = 'is a program on the broker’s machine that may read what the broker may';

export const toolName = (server: string, tool: string): string => `upstream.${server}.${tool}`;
/** Clients write names in their own ways: `a.b-c` and `a_b.c` are one name to some of them. */
export const squashName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * Definitions in the order of their names. `taken` are names that a tool must not bear, squashed: those of the broker's own.
 * A list with one name twice has nothing under that name, since nobody could say which one is meant.
 */
export function readDefinitions(
  server: Pick<UpstreamServer, 'tenant' | 'name' | 'url' | 'program' | 'domain'>,
  tools: readonly unknown[],
  taken: ReadonlySet<string>,
): readonly Definition[] {
  const { tenant, name, url, program, domain } = server;
  const place = program === undefined ? { url } : { program: { run: [...program.run], digest: program.digest } };
  const all = tools.slice(0, MAX_TOOLS).map((tool): Definition => {
    const parsed = stated.safeParse(tool);
    const said = z.object({ name: z.string() }).safeParse(tool).data?.name ?? '?';
    const text = canonicalOrEmpty(tool);
    const digest = sha256(canonicalText({ server: { tenant, name, ...place, domain }, text }));
    const refused = parsed.success ? whyRefused(name, parsed.data, text, taken) : 'it is no definition of a tool';
    const { readOnlyHint, destructiveHint } = parsed.data?.annotations ?? {};
    return {
      ...{ name: said.slice(0, 200), text: text.slice(0, MAX_DEFINITION), digest },
      ...(refused === undefined ? {} : { refused }),
      warnings: [...(program === undefined ? [] : [RUNS_HERE]), ...suspicionsOf(text)],
      undeclared: readOnlyHint !== true || destructiveHint === true,
    };
  });
  const counts = new Map<string, number>();
  for (const one of all) counts.set(squashName(one.name), (counts.get(squashName(one.name)) ?? 0) + 1);
  return all
    .map((one) => ((counts.get(squashName(one.name)) ?? 0) > 1 ? { ...one, refused: 'its name is there twice' } : one))
    .filter((one, at, list) => list.findIndex(({ name: other }) => other === one.name) === at)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

export function readPinned(text: string): ReadDefinition {
  const { description, inputSchema, outputSchema } = stated.parse(JSON.parse(text));
  return { description: description ?? '', inputSchema, outputSchema };
}

/** What has no canonical form (a lone surrogate) has no digest of its own and is refused with its parts. */
function canonicalOrEmpty(value: unknown): string {
  try {
    return canonicalText(value);
  } catch {
    return '';
  }
}

function whyRefused(
  server: string,
  tool: z.infer<typeof stated>,
  text: string,
  taken: ReadonlySet<string>,
): string | undefined {
  const { name } = tool;
  if (text === '') return 'it has no canonical form';
  if (text.length > MAX_DEFINITION) return `it is longer than ${MAX_DEFINITION} characters`;
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name) || toolName(server, name).length > MAX_NAME)
    return `its name is not made of letters, digits, _ . - or is longer than ${MAX_NAME - toolName(server, '').length}`;
  if (taken.has(squashName(name))) return 'it bears the name of a tool of the broker';
  const hidden = hiddenIn(text);
  if (hidden !== undefined) return `it hides text (${hidden})`;
  if (tool.inputSchema['type'] !== 'object') return 'its input is no object';
  const input = whyUnusable(tool.inputSchema);
  if (input !== undefined) return `inputSchema: ${input}`;
  const output = tool.outputSchema === undefined ? undefined : whyUnusable(tool.outputSchema);
  return output === undefined ? undefined : `outputSchema: ${output}`;
}

/** Characters that a person does not see and a model reads (Unicode Default_Ignorable_Code_Point), and controls. */
function hiddenIn(text: string): string | undefined {
  const found =
    /\p{Default_Ignorable_Code_Point}|[\u007f-\u009f\u2028-\u202e\ufff9-\ufffb]|\\u00[01][0-9a-f]|\\[bf]/u.exec(text);
  return found === null ? undefined : `U+${(found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** What a description of a tool rarely says, and a description that wants to be obeyed often does. A hint for people, no wall. */
const SUSPICIONS = [
  [
    'speaks to the model about its instructions',
    /\b(ignore|disregard|forget|override)\b.{0,40}\b(instruction|rule|polic|previous|earlier|above|prompt)/i,
  ],
  [
    'pretends to be a message of the system',
    /<\/?\s*(system|important|instructions?|assistant|admin)\b|\[\/?(system|inst)\]|^\s*(system|assistant)\s*:/im,
  ],
  [
    'asks to hide something from people',
    /\b(do not|don't|never)\b.{0,30}\b(tell|mention|show|reveal|inform)\b|\bwithout (telling|asking|informing)\b/i,
  ],
  [
    'speaks of approvals or secrets',
    /\b(approv(ed|al)|password|secret|api.?key|access.?token|credential|private.?key)\b/i,
  ],
  [
    'wants other tools called',
    /\b(before|after|instead of|always|first)\b.{0,40}\b(call|use|invoke|run)\b.{0,40}\btool\b/i,
  ],
  ['has an address to send something to', /https?:\/\//i],
] as const;

function suspicionsOf(text: string): readonly string[] {
  const prose = text.slice(0, MAX_DEFINITION).replace(/"\$schema":"[^"]*"/g, '');
  return SUSPICIONS.flatMap(([what, form]) => (form.test(prose) ? [what] : []));
}
