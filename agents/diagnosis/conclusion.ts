/** From explanations to a verdict: what is a fault and what is only work that was announced, and on which resource it sits. */
import type { Finding, Verdict } from '../events.ts';
import type { Case } from './case.ts';
import type { Concern } from './concern.ts';
import type { Explained } from './explain.ts';
import { fits, isTrouble, measureFit, type Unexplained } from './fit.ts';
import { localise } from './localise.ts';
import type { NetworkMap } from './network-map.ts';
import type { Observation } from './observation.ts';
import { HARMLESS, PLANNED } from './patterns.ts';
import { type Place, placeOf } from './places.ts';
import type { Cause } from './run-diagnosis.ts';
import { isSameAnswer } from './same-answer.ts';

/** Below this a candidate is named, not concluded. */
const CONCLUSIVE = 0.6;
const MAX_CONFIDENCE = 0.99;
const MAX_EVIDENCE = 12;
/** A fault that the codebook does not know, and the confidence of what is named in doubt. */
const UNKNOWN = 'unknown';
const DOUBTED = 0.5;
/** What one symptom that a doubted fault shows counts for where the trouble is looked for (nats). */
const WORTH = 4;

/** Types that the catalogue writes on a link, and on a circuit, where a port would do as well. */
const ON_LINK = new Set(['link_down', 'link_flap', 'link_packet_corruption', 'circuit_capacity_bottleneck']);
const ON_CIRCUIT = new Set([
  'asymmetric_provider_loss',
  'circuit_high_latency',
  'circuit_jitter',
  'lte_data_cap',
  'nat_rebinding',
  'overlay_port_blocked',
  'path_mtu_blackhole',
  'provider_brownout',
]);

/** Name of the resource in the form that the catalogue uses for the type. */
function nameResource(map: NetworkMap, type: string, place: Place): string {
  const { device, port, color, provider, site } = place;
  if (device === undefined || port === undefined || color === undefined) return place.resource;
  if (ON_LINK.has(type)) return `link/${device}:${port}--${provider}:${site}`;
  if (ON_CIRCUIT.has(type)) {
    // Where two edges share a site, the circuit of the first has the site's name.
    const first = map.inventory.circuits.find((one) => one.color === color && map.device(one.device)?.site === site);
    return first === undefined || first.device === device
      ? `circuit/${site}/${color}`
      : `link/${device}:${port}--${provider}:${site}`;
  }
  return place.kind.startsWith('circuit') ? place.resource : `interface/${device}/${port}`;
}

const round = (probability: number): number => Math.round(100 * Math.min(probability, MAX_CONFIDENCE)) / 100;

/** Types that two devices are in together, either of them as much as the other: both are named. */
const MUTUAL = new Set(['routing_loop']);
/** Who explains this much of what the other explains is in it with the other. */
const SHARED = 0.7;
/** Nearer than this, nothing tells two rivals apart (nats). */
const EVEN = 1;
/** Rivals that are named beside a cause in doubt. */
const MAX_RIVALS = 2;

const isPartner = (one: Explained, rival: Explained['rivals'][number]): boolean =>
  MUTUAL.has(one.type) && rival.type === one.type && rival.gain > SHARED * one.gain;

/** A cause, and whoever is in it with the first. */
function toCauses(map: NetworkMap, one: Explained): readonly Cause[] {
  const partners = one.rivals.filter((rival) => isPartner(one, rival)).slice(0, 1);
  const cause = toCause(map, one);
  return [cause, ...partners.map(({ place }) => ({ ...cause, resource: nameResource(map, one.type, place) }))];
}

function toCause(map: NetworkMap, one: Explained): Cause {
  const rival = one.rivals.find((each) => !isSameAnswer(one, each) && !isPartner(one, each));
  const lead = one.gain - (rival?.gain ?? 0);
  return {
    resource: nameResource(map, one.type, one.place),
    fault_type: one.type,
    confidence: round(1 / (1 + Math.exp(-lead))),
    evidence: [...new Set(one.shown.flatMap(({ evidence }) => evidence.slice(0, 2)))].slice(0, MAX_EVIDENCE),
  };
}

/** Names the seats of what nothing explains; the resource is right even where the fault has no name here. */
const nameUnknown = (weighed: Case, wrong: readonly Unexplained[]): readonly Cause[] =>
  localise(weighed, wrong).map(({ place, covered }) => ({
    resource: place.resource,
    fault_type: UNKNOWN,
    confidence: DOUBTED,
    evidence: [...new Set(covered.flatMap(({ observation }) => observation.evidence.slice(0, 1)))].slice(
      0,
      MAX_EVIDENCE,
    ),
  }));

export interface Conclusion {
  readonly verdict: Verdict;
  readonly causes: readonly Cause[];
  /** What the causes were drawn from. */
  readonly faults: readonly Explained[];
  /** What they show, and symptoms that nothing explains. */
  readonly shown: readonly Observation[];
  readonly unexplained: readonly Observation[];
  /** Faults that have nothing to do with what was asked. */
  readonly elsewhere: readonly { readonly cause: Cause; readonly shown: readonly Observation[] }[];
  readonly ruledOut: readonly Finding['ruledOut'][number][];
}

const isFault = ({ type }: Explained): boolean => !PLANNED.has(type) && !HARMLESS.has(type);

/** Draws the conclusion about what was asked. Pure: the same explanations give the same verdict. */
export function conclude(
  weighed: Case,
  explained: readonly Explained[],
  concern: Concern,
): Omit<Conclusion, 'ruledOut'> {
  const { map, items } = weighed;
  const mine = explained.filter((one) => concern.cause(one));
  const fit = measureFit(weighed, explained);
  const left = fit.unexplained.filter(({ observation }) => concern.thing(observation));
  const draw = (verdict: Verdict, causes: readonly Cause[], faults: readonly Explained[]) => ({
    ...{ verdict, causes, faults },
    shown: [...new Set(faults.flatMap(({ shown }) => shown))],
    unexplained: verdict === 'healthy' ? [] : left.map(({ observation }) => observation),
    elsewhere: explained
      .filter((one) => isFault(one) && !mine.includes(one))
      .map((one) => ({ cause: toCause(map, one), shown: one.shown }))
      .filter(({ cause }) => cause.confidence >= CONCLUSIVE),
  });
  const faults = mine.filter(isFault);
  const named = faults.map((one) => ({ one, causes: toCauses(map, one) }));
  const causes = named.flatMap((each) => each.causes);
  if (faults.length === 0) {
    // Work that is on no record is not planned.
    const work = mine.filter(({ type }) => PLANNED.has(type));
    const planned = work.filter(({ shown }) => shown.some(({ feature }) => feature === 'record'));
    const isExcused = fits(fit) && planned.length === work.length;
    if (planned.length > 0 && isExcused) {
      const known = planned.map((one) => toCause(map, one));
      return draw('planned', known, planned);
    }
    // What is harmless by itself is not where something beside it is not.
    const unknown = nameUnknown(weighed, isExcused ? left : [...left, ...troubleOf(mine)]);
    if (unknown.length > 0) return draw('inconclusive', unknown, []);
    const heard = items.some(({ observation: { feature } }) => feature !== 'answers' && feature !== 'reach');
    return draw(heard ? 'healthy' : 'blind', [], mine);
  }
  const sure = causes.filter(({ confidence }) => confidence >= CONCLUSIVE);
  if (!fits(fit)) return draw('inconclusive', doubt(weighed, causes, faults, left), faults);
  if (sure.length === 0)
    return draw('inconclusive', doubt(weighed, [...causes, ...rivalsOf(map, faults)], faults, left), faults);
  const certain = named.flatMap((each) => (each.causes.some((cause) => sure.includes(cause)) ? [each.one] : []));
  if (faults.some(({ type }) => type === 'monitoring_path_down')) return draw('blind', sure, certain);
  if (sure.every(({ fault_type }) => fault_type === 'tcp_receive_window'))
    return draw('not-the-network', sure, certain);
  return draw('root-cause', sure, certain);
}

/** The symptoms that are explained, where the explanation is in doubt. */
const troubleOf = (faults: readonly Explained[]): readonly Unexplained[] =>
  faults.flatMap((one) => one.shown.filter(isTrouble)).map((observation) => ({ observation, nats: WORTH }));

/** What explains a doubtful case as well as the best does. */
const rivalsOf = (map: NetworkMap, faults: readonly Explained[]): readonly Cause[] =>
  faults.flatMap((one) =>
    one.rivals
      .filter((rival) => one.gain - rival.gain < EVEN && !isSameAnswer(one, rival) && !isPartner(one, rival))
      .slice(0, MAX_RIVALS)
      .map(({ type, place }) => ({ ...toCause(map, one), resource: nameResource(map, type, place), fault_type: type })),
  );

/**
 * Devices that have the ports and policies that are named: of a fault that is not known it is not known either whether a part has it or
 * the whole.
 */
const bearersOf = (map: NetworkMap, named: readonly Cause[]): readonly Cause[] =>
  named.flatMap(({ resource, evidence }) => {
    const device = /^(?:policy|interface)\//.test(resource) ? placeOf(map, resource)?.device : undefined;
    return device === undefined
      ? []
      : [{ resource: `node/${device}`, fault_type: UNKNOWN, confidence: DOUBTED, evidence }];
  });

/** What is best but does not fit is named with little confidence, beside the seat of all that is wrong. */
function doubt(
  weighed: Case,
  causes: readonly Cause[],
  faults: readonly Explained[],
  left: readonly Unexplained[],
): readonly Cause[] {
  const unknown = nameUnknown(weighed, [...left, ...troubleOf(faults)]);
  const doubted = causes.map((one) => ({ ...one, confidence: Math.min(one.confidence, DOUBTED) }));
  const seats = [...unknown, ...bearersOf(weighed.map, [...doubted, ...unknown])];
  const all = [...doubted, ...seats];
  return all.filter(
    ({ resource, fault_type: type }, at) =>
      all.findIndex((one) => one.resource === resource && (type === UNKNOWN || one.fault_type === type)) === at,
  );
}
