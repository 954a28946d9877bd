/** Why the look-alikes of a cause are out: what was seen that they do not show, and what they would show and was looked for in vain. */
import type { Finding } from '../events.ts';
import { type Candidate, type Case, type Claim, toCandidate } from './case.ts';
import { type Explained, gainOf, likelihood, type Standing, stand } from './explain.ts';
import { LOOKALIKES } from './lookalikes.ts';
import { NORMAL } from './observation.ts';
import { phrase } from './phrases.ts';
import type { Place } from './places.ts';
import { roleOf } from './role.ts';

type RuledOut = Finding['ruledOut'][number];

/** Rivals of one cause that are spoken of, and reasons given for each. */
const MAX_RIVALS = 6;
const MAX_REASONS = 3;
const MAX_CITED = 6;
/** An observation that is this many times as likely without the rival speaks against it (nats). */
const AGAINST = Math.log(4);

interface Reason {
  readonly nats: number;
  readonly text: string;
  readonly evidence: readonly string[];
}

const isNear = (place: Place, of: Place): boolean =>
  (place.device !== undefined && place.device === of.device) ||
  (place.site !== undefined && place.site === of.site) ||
  (place.provider !== undefined && place.provider === of.provider) ||
  (place.peer !== undefined && place.peer === of.device);

/** The rival where it would explain most of what the cause explains. */
function placeRival(
  one: Case,
  places: readonly Place[],
  rest: Standing,
  type: string,
  cause: Explained,
): Candidate | undefined {
  const patterns = one.codebook.patterns.filter((pattern) => pattern.type === type);
  const hypotheses = patterns.flatMap((pattern) =>
    places.filter(({ kind }) => kind === pattern.kind).map((place) => ({ type, place, pattern })),
  );
  const near = hypotheses.filter(({ place }) => isNear(place, cause.place));
  return (near.length > 0 ? near : hypotheses)
    .map((hypothesis) => toCandidate(one, hypothesis))
    .map((candidate) => ({ candidate, gain: gainOf(one, rest, candidate) }))
    .sort((a, b) => b.gain - a.gain)[0]?.candidate;
}

/** What the rival would show of a thing that looks well; undefined when it shows nothing of it. */
function expected(one: Case, { pattern, place }: Candidate, item: number): string | undefined {
  const observation = one.items[item]?.observation;
  if (observation === undefined) return undefined;
  const shares = pattern.shows.get(observation.feature)?.get(roleOf(place, observation.entity, one.map));
  return shares && [...shares].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function reasonsAgainst(one: Case, rest: Standing, cause: Candidate, rival: Candidate): readonly Reason[] {
  const byItem = (claims: readonly Claim[]) => new Map(claims.map((claim) => [claim.item, claim]));
  const ours = byItem(cause.claims);
  const theirs = byItem(rival.claims);
  const reasons = new Map<string, Reason>();
  const add = ({ nats, text, evidence }: Reason): void => {
    const known = reasons.get(text);
    reasons.set(text, {
      text,
      nats: nats + (known?.nats ?? 0),
      evidence: [...(known?.evidence ?? []), ...evidence],
    });
  };
  for (const item of new Set([...ours.keys(), ...theirs.keys()])) {
    const thing = one.items[item];
    if (thing === undefined) continue;
    const worth = (claim: Claim | undefined): number =>
      likelihood(
        thing,
        (rest.none[item] ?? 1) * (1 - (claim?.share ?? 0)),
        (rest.fits[item] ?? 1) * (1 - (claim?.other ?? 0)),
      );
    const nats = worth(ours.get(item)) - worth(theirs.get(item));
    const { feature, value, evidence } = thing.observation;
    if (nats <= 0 || evidence.length === 0) continue;
    const would = value === NORMAL ? expected(one, rival, item) : undefined;
    if (value === NORMAL && would === undefined) continue;
    const text =
      would === undefined
        ? `${phrase(feature, value)}, which it does not explain`
        : `${phrase(feature, value)} (it would show: ${phrase(feature, would)})`;
    add({ nats, text, evidence });
  }
  for (const { feature, value, nats } of rival.absent) {
    const evidence = lookedInVain(one, feature, rival.place);
    if (evidence.length > 0) add({ nats, text: `nothing shows that ${phrase(feature, value)}`, evidence });
  }
  return [...reasons.values()].filter(({ nats }) => nats >= AGAINST).sort((a, b) => b.nats - a.nats);
}

/** Records of a look that found nothing of a single symptom: the comparison of the configuration, the newest events. */
function lookedInVain({ items }: Case, feature: string, { device }: Place): readonly string[] {
  const shows = feature === 'cfg' ? 'sync' : feature;
  return items
    .map(({ observation }) => observation)
    .filter((one) => one.feature === shows && (feature !== 'cfg' || one.entity.device === device))
    .flatMap(({ evidence }) => evidence.slice(0, 1))
    .slice(-MAX_CITED);
}

/** Every look-alike and rival of the causes that something speaks against, each type once. Pure. */
export function ruleOut(one: Case, places: readonly Place[], explained: readonly Explained[]): readonly RuledOut[] {
  const named = new Set(explained.map(({ type }) => type));
  const found = new Map<string, RuledOut>();
  for (const cause of explained) {
    const rest = stand(
      one,
      explained.filter((other) => other !== cause),
    );
    const rivals = [...(LOOKALIKES[cause.type] ?? []), ...cause.rivals.map(({ type }) => type)];
    for (const type of [...new Set(rivals)].slice(0, MAX_RIVALS)) {
      if (named.has(type) || found.has(type)) continue;
      const rival = placeRival(one, places, rest, type, cause);
      const reasons = rival === undefined ? [] : reasonsAgainst(one, rest, cause, rival).slice(0, MAX_REASONS);
      if (reasons.length === 0) continue;
      found.set(type, {
        faultType: type,
        because: reasons.map(({ text }) => text).join('; '),
        evidence: [...new Set(reasons.flatMap(({ evidence }) => evidence.slice(0, 3)))].slice(0, MAX_CITED),
      });
    }
  }
  return [...found.values()];
}
