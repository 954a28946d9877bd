/** What policy is asked about a tool: one of our own by its name and parameters, one of an upstream server by where it comes from. */

import { canonicalText } from '../../protocols/canonical-json.ts';
import type { Tool } from '../../tools/tool.ts';
import type { Json } from '../contract.ts';
import type { DecisionRequest } from '../ports.ts';
import { sampleInput } from './sample-input.ts';
import { UPSTREAM_READ } from './schema.ts';

/** Without an input the question is whether any call could be permitted. */
export function asked(tool: Tool, input?: { readonly [key: string]: Json }): Pick<DecisionRequest, 'tool' | 'input'> {
  const { name, domain, effect, upstream } = tool;
  if (upstream === undefined) return { tool: { name, domain, effect }, input: input ?? sampleInput(tool) };
  const { server, tool: theirs } = upstream;
  return {
    tool: { name, domain: UPSTREAM_READ.domain, effect, action: UPSTREAM_READ.name },
    // Their schemas are no types that Cedar could check: the arguments are one opaque text.
    input: { server, tool: theirs, domain, arguments: canonicalText(input ?? {}) },
  };
}
