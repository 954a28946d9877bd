/** A conclusion in statements for people: what shows it, how old that is, what else is wrong elsewhere, each with evidence ids. */
import type { Finding, Statement } from '../events.ts';
import { quote } from '../events.ts';
import type { Attached } from './attach.ts';
import { isAbnormal } from './case.ts';
import type { Conclusion } from './conclusion.ts';
import type { Observation } from './observation.ts';
import { phrase } from './phrases.ts';

/** Statements of a finding, resources named in one, and ids cited for it; more of the same kind add nothing. */
const MAX_STATEMENTS = 14;
const MAX_NAMED = 3;
const MAX_CITED = 6;
const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;

/** Readings younger than a minute are of now. */
function ageOf(observedAt: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(observedAt)) / MINUTE_MS);
  if (!Number.isFinite(minutes) || minutes < 1) return '';
  return minutes < 2 * HOUR_MINUTES ? `; ${minutes} min old` : `; ${Math.floor(minutes / HOUR_MINUTES)} h old`;
}

/** Signals whose values people write: told between quotation marks. */
const WRITTEN = /^(cfg\.diff|cfg\.leaf|if\.description) (.*)$/s;

/** `signal value`, as one line. */
function showValue(shown: string): string {
  const [, signal, value = ''] = WRITTEN.exec(shown) ?? [];
  return signal === undefined ? quote(shown) : `${signal} "${quote(value)}"`;
}

/** One statement for all things that show the same. */
function say(group: readonly Observation[], now: number): readonly Statement[] {
  const [first] = group;
  if (first === undefined) return [];
  const newest = group.reduce((one, other) => (one.observedAt >= other.observedAt ? one : other));
  const resources = [...new Set(group.map(({ resource }) => resource))];
  const more = resources.length - MAX_NAMED;
  const named = `${resources.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return [
    {
      text: `${phrase(first.feature, first.value)}: ${named} (${showValue(first.shown)}${ageOf(newest.observedAt, now)})`,
      evidence: [...new Set(group.flatMap(({ evidence }) => evidence))].slice(0, MAX_CITED),
    },
  ];
}

/** Differences of the configuration are told apart by device; everything else by what it shows. */
const keyOf = ({ feature, value, resource }: Observation): string =>
  feature === 'cfg' ? `${feature} ${value} ${resource}` : `${feature} ${value}`;

export function sayAll(observations: readonly Observation[], now: number): readonly Statement[] {
  const groups = new Map<string, Observation[]>();
  for (const one of observations) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return [...groups.values()].flatMap((group) => say(group, now));
}

/** What was announced is one incident, or not. */
function sayAttached(attached: Attached | undefined): readonly Statement[] {
  if (attached === undefined || attached.belonging.length < 2) return [];
  const { belonging, others } = attached;
  return [
    {
      text: `${belonging.length} of the ${belonging.length + others.length} announcements that were read belong to this`,
      evidence: belonging.slice(0, MAX_CITED).map(({ id }) => id),
    },
  ];
}

/** The finding of a conclusion. Pure. */
export function tellFinding(
  {
    verdict,
    causes,
    shown,
    unexplained,
    elsewhere,
    ruledOut,
    attached,
  }: Conclusion & { readonly attached?: Attached | undefined },
  observations: readonly Observation[],
  unread: readonly string[],
  now: number,
): Finding {
  const left = unexplained.filter((one) => !shown.includes(one));
  const grounds = shown.length > 0 || left.length > 0 ? shown : observations;
  const calm = grounds === shown ? grounds : grounds.filter((one) => verdict === 'healthy' || isAbnormal(one));
  const notes = (prefix: string, statements: readonly Statement[]): readonly Statement[] =>
    statements.map(({ text, evidence }) => ({ text: `${prefix}${text}`, evidence: [...evidence] }));
  return {
    verdict,
    rootCauses: causes.map(({ resource, fault_type, confidence }) => ({ resource, faultType: fault_type, confidence })),
    because: [
      ...sayAll(calm, now).slice(0, MAX_STATEMENTS),
      ...sayAttached(attached),
      ...notes('Not explained by this: ', sayAll(left, now).slice(0, MAX_NAMED)),
      ...elsewhere.slice(0, MAX_NAMED).flatMap(({ cause: { resource, fault_type }, shown: there }) => {
        const evidence = [...new Set(there.flatMap((one) => one.evidence))].slice(0, MAX_CITED);
        return [{ text: `Elsewhere, and not what was asked about: ${fault_type} at ${resource}`, evidence }];
      }),
    ].map(({ text, evidence }) => ({ text, evidence: [...evidence] })),
    ruledOut: [...ruledOut],
    unread: [...unread],
  };
}
