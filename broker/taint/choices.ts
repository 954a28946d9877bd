/** The parameters of a tool that are picked from a list: every word that can stand there is the tool's own. */
import { z } from 'zod';
import type { Tool } from '../../tools/tool.ts';
import type { Json } from '../contract.ts';

const fields = z.looseObject({
  properties: z.record(
    z.string(),
    z.looseObject({ enum: z.array(z.unknown()).optional(), const: z.unknown().optional() }),
  ),
});

/** Worked out once a tool. */
const known = new WeakMap<Tool, ReadonlySet<string>>();

function choicesOf(tool: Tool): ReadonlySet<string> {
  const before = known.get(tool);
  if (before !== undefined) return before;
  const read = fields.safeParse(z.toJSONSchema(tool.input, { io: 'input', unrepresentable: 'any' }));
  const properties = Object.entries(read.data?.properties ?? {});
  const listed = properties.filter(([, one]) => one.enum !== undefined || one.const !== undefined);
  const names = new Set(listed.map(([name]) => name));
  known.set(tool, names);
  return names;
}

/** The input without what the tool's schema lists; it has been checked against that schema. */
export function withoutChoices(
  tool: Tool,
  input: { readonly [name: string]: Json },
): { readonly [name: string]: Json } {
  const choices = choicesOf(tool);
  return Object.fromEntries(Object.entries(input).filter(([name]) => !choices.has(name)));
}
