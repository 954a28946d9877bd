/** Plays cases one after the other over one decision point, and scores each. */

import { createBrake } from '../../broker/policy/brake.ts';
import type { DecisionPoint } from '../../broker/ports.ts';
import { namingOf } from '../../scenarios/replay/canonical.ts';
import type { ReplayCase } from '../../scenarios/replay/case.ts';
import { scoreCase } from '../../scenarios/replay/score.ts';
import type { Scored } from '../../scenarios/replay/summary.ts';
import { TOOLS } from '../../tools/registry.ts';
import { openDecisionPoint } from '../compose/broker-policy.ts';
import { loadNetwork, playCase } from './play-case.ts';

export interface Player {
  play(given: ReplayCase): Promise<Scored>;
  close(): Promise<void>;
}

/** The policies are activated once: a decision point remembers nothing of a case. */
export async function openPlayer(): Promise<Player> {
  const decisionPoint: DecisionPoint = await openDecisionPoint(TOOLS, createBrake());
  return {
    async play(given) {
      const played = await playCase(given, decisionPoint);
      if (played.not_applicable !== undefined) return { played };
      return { played, score: scoreCase(played, namingOf(loadNetwork(given))) };
    },
    close: () => decisionPoint.close(),
  };
}
