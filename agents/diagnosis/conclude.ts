/** The conclusion of a diagnosis: verdict, root causes, why, and what speaks against the look-alikes, each with evidence. */
import type { Finding, RootCause, Statement } from '../events.ts';
import { quote } from '../events.ts';
import { classifyEntry, parseAclEntry } from './acl-features.ts';
import type { Codebook, FaultType, Hypothesis } from './codebook.ts';
import { expectedValue, likelihood } from './codebook.ts';
import type { Feature, Sighting } from './feature.ts';
import { coverSymptoms, explains, findSymptoms, rankHypotheses } from './infer.ts';
import { localiseFault } from './localise.ts';
import { LOOKALIKES } from './lookalikes.ts';
import { phraseFeature } from './phrases.ts';
import type { Read } from './reads.ts';
import type { Scope } from './scope.ts';

/** Below this probability a candidate is named, not concluded. */
const CONCLUSIVE = 0.8;
/** No finding is certain. */
const MAX_CONFIDENCE = 0.99;
/** Ids cited for one statement; more of the same kind add nothing. */
const MAX_CITED = 8;
const MAX_DETAILS = 6;

const cite = (evidence: readonly string[]): string[] => [...new Set(evidence)].slice(0, MAX_CITED);
const round = (probability: number): number => Math.round(Math.min(probability, MAX_CONFIDENCE) * 100) / 100;

const say = ({ name, value, evidence }: Feature): Statement => ({
  text: phraseFeature(name, value),
  evidence: cite(evidence),
});

/** The exact lines behind a fault: the drifted leaves and the denying entries of the suspect, quoted. */
function quoteDetails(faults: readonly FaultType[], scope: Scope, seen: readonly Sighting[]): Statement[] {
  const drift = seen.filter(({ resource, signal }) => signal === 'cfg.diff' && resource === `node/${scope.suspect}`);
  const entries = seen.filter((sighting) => {
    const entry = sighting.resource.startsWith(`policy/${scope.suspect}/`) ? parseAclEntry(sighting) : undefined;
    const kind = entry && classifyEntry(entry, scope);
    return (
      (kind === 'tcp179' && faults.includes('bgp_port_blocked')) ||
      (kind === 'app' && faults.includes('acl_blocks_app')) ||
      (kind === 'bfd' && faults.includes('bfd_port_blocked'))
    );
  });
  return [...drift, ...entries].slice(0, MAX_DETAILS).map(({ id, resource, value }) => ({
    text: `${resource} says "${quote(String(value))}"`,
    evidence: [id],
  }));
}

/** Why a rival is out: the features that fit the best hypothesis and not the rival, the strongest first. */
function ruleOut(
  codebook: Codebook,
  best: Hypothesis,
  rival: FaultType,
  features: Iterable<Feature>,
): Finding['ruledOut'][number] | undefined {
  const against = [...features]
    .map((one) => {
      const here = likelihood(codebook, best, one.name, one.value) ?? 1;
      const there = likelihood(codebook, rival, one.name, one.value) ?? 1;
      return { one, ratio: here / there };
    })
    .filter(({ ratio }) => ratio > 4)
    .sort((a, b) => b.ratio - a.ratio)
    .slice(0, 3);
  if (against.length === 0) return undefined;
  const because = against.map(({ one }) => {
    const expected = expectedValue(codebook, rival, one.name);
    const would = expected === undefined ? '' : ` (it would show: ${phraseFeature(one.name, expected)})`;
    return `${phraseFeature(one.name, one.value)}${would}`;
  });
  return { faultType: rival, because: because.join('; '), evidence: cite(against.flatMap(({ one }) => one.evidence)) };
}

/** What a conclusion is drawn from. */
export interface Observed {
  readonly codebook: Codebook;
  readonly scope: Scope;
  readonly features: ReadonlyMap<string, Feature>;
  readonly sightings: readonly Sighting[];
  /** What was asked for and not answered, in words. */
  readonly unread: readonly string[];
  /** Reads that could still be made, for an inconclusive verdict. */
  readonly open: readonly Read[];
  /** Evidence id of an approved change of the suspect near the onset, when the records have one. */
  readonly plannedBy?: string | undefined;
}

/** Draws the conclusion. Pure: the same observations give the same finding. */
export function concludeDiagnosis(observed: Observed): Finding {
  const { codebook, scope, features, sightings, open, plannedBy } = observed;
  const unread = [...observed.unread];
  const finding = (
    verdict: Finding['verdict'],
    because: Statement[],
    rootCauses: RootCause[] = [],
    ruledOut: Finding['ruledOut'] = [],
  ): Finding => ({ verdict, rootCauses, because, ruledOut, unread });

  if (!features.has('bfd.state@suspect') && !features.has('bgp.state@suspect') && !features.has('dev.reach@suspect')) {
    return finding('blind', []);
  }
  const all = [...features.values()];
  const symptoms = findSymptoms(codebook, all);
  const ranked = rankHypotheses(codebook, all);
  const best = ranked[0];
  if (best === undefined || (best.hypothesis === 'healthy' && symptoms.length === 0)) {
    const normal = all.filter(({ name }) => !name.startsWith('commit-'));
    return finding('healthy', normal.map(say), [], []);
  }
  const isKnown = best.hypothesis !== 'healthy' && symptoms.some((one) => explains(codebook, best.hypothesis, one));
  if (best.hypothesis === 'healthy' || !isKnown || best.probability < CONCLUSIVE) {
    if (
      features.get('probe.tcp.app@suspect')?.value === 'refused' &&
      features.get('probe.icmp.app@suspect')?.value === 'ok'
    ) {
      return finding('not-the-network', symptoms.map(say));
    }
    const candidates = ranked
      .filter(({ probability }) => probability > 0.05)
      .slice(0, 4)
      .flatMap(({ hypothesis, probability }) =>
        hypothesis === 'healthy'
          ? []
          : localiseFault(hypothesis, scope, features).map((resource) => ({
              resource,
              faultType: hypothesis,
              confidence: round(probability),
            })),
      );
    if (open[0]) unread.push(`${open[0].tool} was not made; it could settle this`);
    return finding('inconclusive', symptoms.map(say), candidates);
  }
  const faults = coverSymptoms(codebook, best.hypothesis, all);
  const rootCauses = faults.flatMap((faultType, index) =>
    localiseFault(faultType, scope, features).map((resource) => ({
      resource,
      faultType,
      confidence: round(index === 0 ? best.probability : best.probability * CONCLUSIVE),
    })),
  );
  const shown = all.filter(
    (one) => faults.some((fault) => explains(codebook, fault, one)) && !explains(codebook, 'healthy', one),
  );
  const unexplained = symptoms.filter((one) => !shown.includes(one));
  const because = [
    ...shown.map(say),
    ...quoteDetails(faults, scope, sightings),
    ...unexplained.map((one) => ({
      ...say(one),
      text: `${phraseFeature(one.name, one.value)} (not explained by this)`,
    })),
  ];
  const near = ranked.slice(1, 4).map(({ hypothesis }) => hypothesis);
  const rivals = [...new Set([...LOOKALIKES[best.hypothesis], ...near])]
    .filter((rival) => rival !== 'healthy')
    .filter((rival) => !faults.includes(rival));
  const ruledOut = rivals
    .map((rival) => ruleOut(codebook, best.hypothesis, rival, all))
    .filter((one) => one !== undefined);
  if (plannedBy !== undefined && best.hypothesis === 'if_admin_shutdown') {
    because.push({ text: 'an approved change of this device is on record for that time', evidence: [plannedBy] });
    return finding('planned', because, rootCauses, ruledOut);
  }
  return finding('root-cause', because, rootCauses, ruledOut);
}
