/** Plays a recording: the diagnosis looks at each of its moments until it has an answer, without a broker or a network. */
import { createMap } from '../../agents/diagnosis/network-map.ts';
import { runDiagnosis } from '../../agents/diagnosis/run-diagnosis.ts';
import { readInventory } from '../../agents/inventory.ts';
import type { Evidence } from '../../broker/contract.ts';
import { playBack } from '../../scenarios/recording/play-back.ts';
import { type RecordedRead, readRecording } from '../../scenarios/recording/recording.ts';
import type { Naming } from '../../scenarios/replay/canonical.ts';
import { type Moment, NAMING, type Pair, type Played, type ReplayCase } from '../../scenarios/replay/case.ts';
import { TENANT } from './set-case.ts';

export interface PlayedRecording {
  readonly played: Played;
  readonly naming: Naming;
}

/** Throws `REPLAY_UNREADABLE`. */
export async function playRecording(given: ReplayCase, file: string): Promise<PlayedRecording> {
  const begun = performance.now();
  const { at, moments: recorded } = readRecording(file);
  const began = Date.parse(at);
  const told: Moment[] = [];
  const seen = new Map<string, Evidence>();
  let reads = 0;
  let detectedAt: number | null = null;
  let finding: Awaited<ReturnType<typeof runDiagnosis>>['finding'] | undefined;
  for (const moment of recorded) {
    const now = Math.max(0, Math.round((timeOf(moment) - began) / 1_000));
    told.push({ at: now, kind: 'question', text: given.question });
    const answers = playBack(moment, TENANT);
    const result = await runDiagnosis(async (call) => {
      const answer = await answers(call);
      const found = 'evidence' in answer ? answer.evidence : [];
      for (const one of found) seen.set(one.id, one);
      const said = 'evidence' in answer ? `${found.length} records` : `${answer.code}: ${answer.message}`;
      told.push({
        at: now,
        kind: 'read',
        text: `troubleshooter ${call.tool} ${call.devices.join(', ')}: ${said}`.slice(0, 400),
      });
      return answer;
    });
    reads += result.reads;
    finding = result.finding;
    const causes = finding.rootCauses.map(({ resource, faultType }) => `${faultType} at ${resource}`);
    told.push({ at: now, kind: 'verdict', text: [finding.verdict, ...causes].join(' · ') });
    if (finding.verdict !== 'healthy') detectedAt ??= now;
    if (finding.verdict !== 'healthy' && finding.verdict !== 'inconclusive') break;
  }
  const verdict = finding?.verdict ?? 'inconclusive';
  const pairs = (finding?.rootCauses ?? []).map(
    ({ resource, faultType }): Pair => ({ resource, fault_type: faultType }),
  );
  const named = NAMING.includes(verdict);
  const show = (text: string, ids: readonly string[]) => ({
    text,
    evidence: ids.map((id) => {
      const one = seen.get(id);
      const shown = one && `${one.resource} ${one.signal} = ${one.value} (${one.source}, ${one.observedAt})`;
      return { id, text: (shown ?? 'does not resolve').slice(0, 400) };
    }),
  });
  const statements = [...(finding?.because ?? []), ...(finding?.ruledOut ?? [])];
  const cited = [...new Set(statements.flatMap((one) => one.evidence))];
  const { id, title, seed, size, expect, unscored } = given;
  return {
    naming: namingOf(recorded.flat()),
    played: {
      ...{ id, title, seed, size, verdict, expect, reads, writes: 0, violations: [], baselines: {}, diff: '' },
      ...(unscored === undefined ? {} : { not_applicable: `It says ${told.at(-1)?.text ?? verdict}. ${unscored}` }),
      root_causes: named ? pairs : [],
      candidates: named ? [] : pairs,
      detected_at_s: detectedAt,
      remediation: { outcome: 'none', regressions: 0, not_counted: 'a recording cannot be changed' },
      evidence: { cited: cited.length, resolved: cited.filter((one) => seen.has(one)).length },
      because: (finding?.because ?? []).map((one) => show(one.text, one.evidence)),
      ruled_out: (finding?.ruledOut ?? []).map((one) => ({
        ...show(one.because, one.evidence),
        fault_type: one.faultType,
      })),
      moments: told,
      wall_ms: Math.round(performance.now() - begun),
    },
  };
}

const timeOf = (moment: readonly RecordedRead[]): number =>
  Math.max(0, ...moment.flatMap(({ evidence = [] }) => evidence.slice(0, 1).map((one) => Date.parse(one.collectedAt))));

function namingOf(reads: readonly RecordedRead[]): Naming {
  const records = reads.filter(({ tool }) => tool.startsWith('inventory.')).flatMap(({ evidence = [] }) => evidence);
  const map = createMap(readInventory(records));
  const ends = new Map(
    map.inventory.circuits
      .toReversed()
      .map(({ device, color }) => [`circuit/${map.device(device)?.site}/${color}`, device]),
  );
  return { siteOf: (device) => map.device(device)?.site, deviceOf: (circuit) => ends.get(circuit) };
}
