/** Activates a folder of policies for whoever writes them: with the real referee, the tools there are, and no broker. */

import { WayleaveError } from '../../broker/errors.ts';
import { loadCases, type PolicyCase } from '../../broker/policy/cases.ts';
import { createJudge, type Judge } from '../../broker/policy/judge.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../broker/policy/load-policies.ts';
import { startReferee } from '../../broker/policy/referee/client.ts';
import type { ActivePolicy, PolicyBundle } from '../../broker/policy/referee/messages.ts';
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

/** Without a folder: the policies that Wayleave ships with. @throws WayleaveError `CONFIG_INVALID` with every finding. */
export async function openWorkbench(folder: string = DEFAULT_POLICIES): Promise<PolicyWorkbench> {
  const referee = startReferee({ spawn: spawnReferee, timers: systemTimers });
  try {
    const schema = buildSchema(TOOLS);
    const activated = await referee.activate({ policies: await loadPolicies(folder), schema });
    if (!activated.ok) throw new WayleaveError('CONFIG_INVALID', activated.errors.join('; '));
    const judge = createJudge(activated.policies, schema);
    return {
      tools: [...TOOLS, UPSTREAM_READ],
      policies: activated.policies,
      schema,
      judge,
      cases: await loadCases(folder),
    };
  } finally {
    await referee.close();
  }
}
