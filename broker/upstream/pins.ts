/**
 * What people approved of an upstream server, and what it says now. A tool is offered while both are the same, and once they
 * differed not again before people looked, also when the server takes it back.
 */
import { z } from 'zod';
import type { Definition } from './definition.ts';

/** How many different people approve a definition. */
export const APPROVERS = 2;

const vote = z.strictObject({ human: z.string(), reason: z.string(), at: z.string(), states: z.boolean() });
const definition = z.strictObject({
  name: z.string(),
  text: z.string(),
  digest: z.string(),
  refused: z.string().optional(),
  warnings: z.array(z.string()).readonly(),
  undeclared: z.boolean(),
});

const pinnedTool = z.strictObject({
  /** Approved; absent while it never was. */
  pinned: definition.optional(),
  /** As at the last contact; absent when it was not there. */
  seen: definition.optional(),
  /** Why it is not offered although it was approved. */
  quarantine: z.strictObject({ why: z.string(), at: z.string() }).optional(),
  /** For what is seen, and nothing else. */
  votes: z.array(vote).readonly(),
});
export type PinnedTool = Readonly<z.infer<typeof pinnedTool>>;

export const serverPins = z.strictObject({
  tenant: z.string(),
  server: z.string(),
  tools: z.record(z.string(), pinnedTool),
  /** The last contact that was understood, and what went wrong since. */
  seenAt: z.string().optional(),
  problem: z.string().optional(),
});
export type ServerPins = Readonly<z.infer<typeof serverPins>>;

export type ToolState = 'offered' | 'waiting' | 'quarantined' | 'refused' | 'gone';

export function stateOf({ pinned, seen, quarantine }: PinnedTool): ToolState {
  if (quarantine !== undefined) return 'quarantined';
  if (seen === undefined) return 'gone';
  if (seen.refused !== undefined) return 'refused';
  return pinned !== undefined && pinned.digest === seen.digest ? 'offered' : 'waiting';
}

/** The tool by its own name; a prototype's is none. */
export const pinOf = (pins: ServerPins | undefined, tool: string): PinnedTool | undefined =>
  pins !== undefined && Object.hasOwn(pins.tools, tool) ? pins.tools[tool] : undefined;

/** Takes in what a server says now. `changed` names the approved tools that go into quarantine by it. */
export function observe(
  before: ServerPins,
  definitions: readonly Definition[],
  at: string,
): { readonly pins: ServerPins; readonly changed: readonly { readonly tool: string; readonly why: string }[] } {
  const now = new Map(definitions.map((one) => [one.name, one]));
  const changed: { readonly tool: string; readonly why: string }[] = [];
  const names = [...new Set([...Object.keys(before.tools), ...now.keys()])].toSorted();
  const tools = names.flatMap((name): readonly (readonly [string, PinnedTool])[] => {
    const known = pinOf(before, name);
    const seen = now.get(name);
    const pinned = known?.pinned;
    let quarantine = known?.quarantine;
    if (pinned !== undefined && quarantine === undefined && pinned.digest !== seen?.digest) {
      quarantine = { why: seen === undefined ? 'it went away' : 'its definition changed', at };
      changed.push({ tool: name, why: quarantine.why });
    }
    if (pinned === undefined && seen === undefined) return []; // it was never approved and is forgotten
    const votes = known?.seen !== undefined && known.seen.digest === seen?.digest ? known.votes : [];
    return [[name, withoutAbsent({ pinned, seen, quarantine, votes })]];
  });
  const { problem: _, ...rest } = before;
  return { pins: { ...rest, tools: Object.fromEntries(tools), seenAt: at }, changed };
}

/** One person's yes to what is seen; with the last that is needed it is what is pinned. */
export function approvePin(tool: PinnedTool, by: z.infer<typeof vote>): PinnedTool {
  const { seen } = tool;
  if (seen === undefined) return tool;
  const votes = [...tool.votes, by];
  if (votes.length < APPROVERS) return { ...tool, votes };
  return { pinned: seen, seen, votes };
}

/** Stops a tool at once; to have it again takes all approvals again. */
export const quarantinePin = (tool: PinnedTool, why: string, at: string): PinnedTool => ({
  ...tool,
  quarantine: { why, at },
  votes: [],
});

/** Lines of the definitions that differ, `-` approved and `+` said now; empty when they are the same. */
export function diffPin({ pinned, seen }: PinnedTool): readonly string[] {
  const [before, after] = [flatten(pinned), flatten(seen)];
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (old === now) return [];
    return [...(old === undefined ? [] : [`- ${path}: ${old}`]), ...(now === undefined ? [] : [`+ ${path}: ${now}`])];
  });
}

/** Each leaf of a definition by its path. */
function flatten(one: Definition | undefined): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
    if (isLeaf) leaves.set(path, JSON.stringify(value));
    else for (const [key, child] of Object.entries(value)) walk(child, path === '' ? key : `${path}.${key}`);
  };
  if (one !== undefined) {
    // A text that was cut is no JSON any more.
    if (one.refused === undefined) walk(JSON.parse(one.text), '');
    else leaves.set('refused', JSON.stringify(one.refused));
    leaves.set('digest', one.digest);
  }
  return leaves;
}

function withoutAbsent(tool: { [Key in keyof PinnedTool]: PinnedTool[Key] | undefined }): PinnedTool {
  const { pinned, seen, quarantine, votes } = tool;
  return {
    ...(pinned === undefined ? {} : { pinned }),
    ...(seen === undefined ? {} : { seen }),
    ...(quarantine === undefined ? {} : { quarantine }),
    votes: votes ?? [],
  };
}
