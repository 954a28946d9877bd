/** The tests beside the policies: readable cases in `*.test.yaml`, what each asks, and what of the policies no case reaches. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { AGENTS, type Json, LADDER, ROLES } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { DecisionRequest } from '../ports.ts';
import type { Judge } from './judge.ts';
import { nameObligations } from './obligations.ts';
import type { PolicyFile } from './referee/messages.ts';
import { sampleInput } from './sample-input.ts';
import { type ToolFacts, UPSTREAM_READ } from './schema.ts';

const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one, z.array(one).min(1)]);

/** Who asks for what, where the circumstances left out are: own tenant, an open incident, noon, risk 0, one edge in `normal`. */
export const Circumstances = z.strictObject({
  /** Roles of the person; several names in one list are several cases, not one person with several roles. */
  as: oneOrMore(z.enum([...ROLES, 'nobody'])),
  agent: oneOrMore(z.enum(AGENTS)).optional(),
  tool: oneOrMore(z.string()),
  tenant: z.enum(['own', 'foreign']).default('own'),
  risk: z.number().int().min(0).max(100).default(0),
  purpose: z.enum(['incident', 'schedule', 'chat', 'none']).default('incident'),
  open: z.boolean().default(true),
  /** ISO-8601. */
  at: z.iso.datetime().default('2026-01-01T12:00:00Z'),
  targets: z.number().int().min(1).max(100).default(1),
  role: z.string().default('edge'),
  site: z.string().default('br2'),
  ladder: z.enum(LADDER).default('confirmed'),
  criticality: z.enum(['low', 'normal', 'critical']).default('normal'),
  taint: z.array(z.string()).default([]),
  windows: z.array(z.string()).default([]),
  unusual: z.array(z.string()).default([]),
  input: z.record(z.string(), z.json()).optional(),
});
export type Circumstances = z.infer<typeof Circumstances>;

const Case = Circumstances.extend({
  name: z.string().min(1),
  expect: z.enum(['permit', 'deny']),
  /** The determining policies, exactly; an empty list is a denial because nothing permits. */
  because: z.array(z.string()),
  /** The obligations, exactly, in the words of `@obligations`. */
  obligations: z.array(z.string()).default([]),
});
export type PolicyCase = z.infer<typeof Case>;
const CaseFile = z.strictObject({ cases: z.array(Case).min(1) });

/** All cases of the folder. @throws WayleaveError `CONFIG_INVALID` naming the file and what is wrong in it. */
export async function loadCases(folder: string): Promise<readonly PolicyCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.test.yaml')).sort();
  return parseCases(
    await Promise.all(names.map(async (name) => ({ name, text: await readFile(path.join(folder, name), 'utf8') }))),
  );
}

/** The cases of such files. @throws WayleaveError `CONFIG_INVALID` naming the file and what is wrong in it. */
export function parseCases(files: readonly PolicyFile[]): readonly PolicyCase[] {
  return files.flatMap(({ name, text }) => {
    const read = CaseFile.safeParse(readYaml(name, text));
    if (read.success) return read.data.cases;
    throw new WayleaveError('CONFIG_INVALID', `${name}: ${z.prettifyError(read.error)}`);
  });
}

function readYaml(name: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new WayleaveError('CONFIG_INVALID', `${name}: ${error instanceof Error ? error.message : 'it is no YAML'}`);
  }
}

const listOf = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? (one as readonly T[]) : [one as T]);

/** One request for each combination of role, agent and tool. @throws WayleaveError `CONFIG_INVALID` for an unknown tool. */
export function buildRequests(given: Circumstances, tools: readonly ToolFacts[]): readonly DecisionRequest[] {
  return listOf(given.as).flatMap((role) =>
    listOf(given.agent).flatMap((agent) =>
      listOf(given.tool).map((name) => {
        const tool = [...tools, UPSTREAM_READ].find((one) => one.name === name);
        if (tool === undefined) throw new WayleaveError('CONFIG_INVALID', `There is no tool ${name}.`);
        return buildRequest(given, role, agent, tool);
      }),
    ),
  );
}

function buildRequest(
  given: Circumstances,
  role: (typeof ROLES)[number] | 'nobody',
  agent: (typeof AGENTS)[number] | undefined,
  tool: ToolFacts,
): DecisionRequest {
  const { ladder, criticality, site, taint, windows, unusual, risk } = given;
  const devices = Array.from({ length: tool.targets === 'none' ? 0 : given.targets }, (_, n) => `device${n + 1}`);
  const input: { readonly [name: string]: Json } = given.input ?? sampleInput(tool);
  return {
    subject: {
      ...{ human: 'person@own', tenant: 'own', session: 'ses_case' },
      roles: role === 'nobody' ? [] : [role],
      chain: agent === undefined ? ['person@own'] : [agent, 'person@own'],
      ...(agent === undefined ? {} : { agent }),
    },
    tool: { name: tool.name, domain: tool.domain, effect: tool.effect },
    tenant: given.tenant,
    targets: devices.map((device) => ({ device, role: given.role, site, ladder, criticality })),
    purpose: { id: 'inc_case', kind: given.purpose, open: given.open },
    now: Date.parse(given.at),
    ...{ input, risk, taint, windows, unusual },
  };
}

/** A case that does not come out as written. */
export interface Failure {
  readonly name: string;
  /** Role, agent and tool of the combination that failed. */
  readonly asked: string;
  readonly expected: string;
  readonly got: string;
}

const tell = (effect: string, policies: readonly string[], obligations: readonly string[]): string =>
  `${effect} because of [${policies.join(', ')}]${obligations.length > 0 ? `, obliged to ${obligations.join(', ')}` : ''}`;

/** Decides every combination of every case; `asked` counts them. */
export function runCases(
  cases: readonly PolicyCase[],
  tools: readonly ToolFacts[],
  judge: Judge,
): { readonly asked: number; readonly failures: readonly Failure[] } {
  let asked = 0;
  const failures: Failure[] = [];
  for (const one of cases) {
    const expected = tell(one.expect, [...one.because].sort(), [...one.obligations].sort());
    for (const request of buildRequests(one, tools)) {
      asked += 1;
      const { effect, policies, obligations } = judge(request);
      const got = tell(effect, policies, nameObligations(obligations));
      const who = [...request.subject.roles, request.subject.agent ?? 'direct', request.tool.name].join(' ');
      if (got !== expected) failures.push({ name: one.name, asked: who, expected, got });
    }
  }
  return { asked, failures };
}

/** What has no case: policies that determine none, roles, agents and tools that none names. */
export function findGaps(
  cases: readonly PolicyCase[],
  tools: readonly ToolFacts[],
  policies: readonly string[],
): readonly string[] {
  const named = new Set(
    cases.flatMap(({ as, agent, tool, because }) => [...listOf(as), ...listOf(agent), ...listOf(tool), ...because]),
  );
  const gaps = (kind: string, names: readonly string[]): readonly string[] =>
    names.filter((name) => !named.has(name)).map((name) => `${kind} ${name} has no case`);
  return [
    ...gaps('policy', policies),
    ...gaps('role', ROLES),
    ...gaps('agent', AGENTS),
    ...gaps(
      'tool',
      tools.map(({ name }) => name),
    ),
  ];
}
