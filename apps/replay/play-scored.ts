/** Plays cases one after the other over one decision point, and scores each. */

import type { DecisionPoint } from '../../broker/ports.ts';
import { namingOf } from '../../scenarios/replay/canonical.ts';
import type { ReplayCase } from '../../scenarios/replay/case.ts';
import { scoreCase } from '../../scenarios/replay/score.ts';
import type { Scored } from '../../scenarios/replay/summary.ts';
import { openShippedPolicies } from '../compose/broker-policy.ts';
import { playCase } from './play-case.ts';
import { playRecording } from './play-recording.ts';
import { loadNetwork } from './set-case.ts';

export interface Player {
  play(given: ReplayCase): Promise<Scored>;
  close(): Promise<void>;
}

/** The policies are activated once: a decision point remembers nothing of a case. */
export async function openPlayer(): Promise<Player> {
  const decisionPoint: DecisionPoint = await openShippedPolicies();
  return {
    async play(given) {
      if (given.recording !== undefined) {
        const { played, naming } = await playRecording(given, given.recording);
        return played.not_applicable === undefined ? { played, score: scoreCase(played, naming) } : { played };
      }
      const played = await playCase(given, decisionPoint);
      if (played.not_applicable !== undefined) return { played };
      const naming = namingOf(loadNetwork(given));
      const baselines = Object.entries(played.baselines).map(([name, pairs]) => {
        const answer = {
          ...played,
          verdict: pairs.length === 0 ? 'healthy' : 'root-cause',
          root_causes: pairs,
        } as const;
        return [name, scoreCase({ ...answer, writes: 0, violations: [] }, naming)] as const;
      });
      const score = scoreCase(played, naming);
      if (given.without.length === 0) return { played, score, baselines: Object.fromEntries(baselines) };
      // What it does not know it should not name: right is who doubts at the right place.
      const pairs = [...played.root_causes, ...played.candidates];
      const place = scoreCase({ ...played, verdict: 'root-cause', root_causes: pairs }, naming).localisation;
      const unknown = { doubts: played.verdict === 'inconclusive', placed: place.recall > 0 };
      return { played, score: { ...score, right: unknown.doubts && unknown.placed }, unknown };
    },
    close: () => decisionPoint.close(),
  };
}
