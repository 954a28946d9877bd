/** Activates a folder of policies for whoever writes them: with the real referee, the tools there are, and no broker. */

import { WayleaveError } from '../../broker/errors.ts';
import { loadCases, type PolicyCase, parseCases } from '../../broker/policy/cases.ts';
import { createJudge, type Judge } from '../../broker/policy/judge.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../broker/policy/load-policies.ts';
import { startReferee } from '../../broker/policy/referee/client.ts';
import type { ActivePolicy, PolicyBundle, PolicyFile } from '../../broker/policy/referee/messages.ts';
import { spawnReferee, systemTimers } from '../../broker/policy/referee/spawn-referee.ts';
import { buildSchema, type ToolFacts, UPSTREAM_READ } from '../../broker/policy/schema.ts';
import { TOOLS } from '../../tools/registry.ts';

export interface PolicyWorkbench {
  readonly tools: readonly ToolFacts[];
  readonly policies: readonly ActivePolicy[];
  readonly schema: PolicyBundle['schema'];
  readonly cases: readonly PolicyCase[];
  readonly judge: Judge;
}

/** Without a folder: the policies that Wayleave ships with; with those of a tenant, if any, which narrow them. @throws WayleaveError `CONFIG_INVALID` with every finding. */
export async function openWorkbench(folder: string = DEFAULT_POLICIES, narrow?: string): Promise<PolicyWorkbench> {
  const own = narrow === undefined ? [] : nameOwn(await loadPolicies(narrow));
  return openWith([...(await loadPolicies(folder)), ...own], await loadCases(folder));
}

/** Files of a tenant beside those of the provider, whose names they may share. */
export const nameOwn = (files: readonly PolicyFile[]): readonly PolicyFile[] =>
  files.map(({ name, text }) => ({ name: `own-${name}`, text }));

/** The files of a bundle, without what it only observes. @throws WayleaveError `CONFIG_INVALID` */
export const openWorkbenchOf = (files: readonly PolicyFile[], observe: readonly string[]): Promise<PolicyWorkbench> =>
  openWith(
    files.filter(({ name }) => name.endsWith('.cedar')),
    parseCases(files.filter(({ name }) => name.endsWith('.test.yaml'))),
    observe,
  );

async function openWith(
  files: readonly PolicyFile[],
  cases: readonly PolicyCase[],
  observe: readonly string[] = [],
): Promise<PolicyWorkbench> {
  const referee = startReferee({ spawn: spawnReferee, timers: systemTimers });
  try {
    const schema = buildSchema(TOOLS);
    const activated = await referee.activate({ policies: files, schema });
    if (!activated.ok) throw new WayleaveError('CONFIG_INVALID', activated.errors.join('; '));
    const policies = activated.policies.filter(({ id }) => !observe.includes(id));
    const judge = createJudge(policies, schema);
    return { tools: [...TOOLS, UPSTREAM_READ], policies, schema, judge, cases };
  } finally {
    await referee.close();
  }
}
