/** Starts the decision point and lets it prove that it refuses what must be refused; if it does not, changes stop. */
import type { Brake } from '../../broker/policy/brake.ts';
import { createDecisionPoint } from '../../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../broker/policy/load-policies.ts';
import { startReferee } from '../../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../../broker/policy/referee/spawn-referee.ts';
import { proveRefusals } from '../../broker/policy/refusals.ts';
import type { DecisionPoint } from '../../broker/ports.ts';
import type { Tool } from '../../tools/tool.ts';

export interface ProvenDecisionPoint extends DecisionPoint {
  /** What was permitted although it must not be; when not empty every probe and change is denied. */
  readonly failures: readonly string[];
}

export async function openDecisionPoint(tools: readonly Tool[], brake: Brake): Promise<ProvenDecisionPoint> {
  const decisionPoint = await createDecisionPoint({
    referee: startReferee({ spawn: spawnReferee, timers: systemTimers }),
    tools,
    brake,
    policies: await loadPolicies(DEFAULT_POLICIES),
  });
  const failures = await proveRefusals(decisionPoint, tools);
  return {
    ...decisionPoint,
    failures,
    decide: async (request) => {
      const decision = await decisionPoint.decide(request);
      if (failures.length === 0 || request.tool.effect === 'read') return decision;
      const reasons = ['Changes are stopped: the policies permitted what must be refused.'];
      return { ...decision, effect: 'deny', reasons, obligations: [] };
    },
  };
}
