/** Holds a finding to its evidence: what does not resolve at the broker is not shown. */
import type { Evidence } from '../../broker/contract.ts';
import type { Sighting } from '../diagnosis/feature.ts';
import type { Finding } from '../events.ts';

const content = ({ resource, signal, value }: Pick<Sighting, 'resource' | 'signal' | 'value'>): string =>
  JSON.stringify([resource, signal, typeof value === 'string' ? value.slice(0, 400) : value]);

/** All ids that a finding cites. */
export function citedIds(finding: Finding): readonly string[] {
  return [...new Set([...finding.because, ...finding.ruledOut].flatMap(({ evidence }) => evidence))];
}

/**
 * Ids that the broker's answer bears out: the record comes back under its id, or its exact content does (an answer
 * about evidence may be stored as evidence of its own).
 */
export function resolveIds(sightings: readonly Sighting[], answered: readonly Evidence[]): ReadonlySet<string> {
  const ids = new Set(answered.map(({ id }) => id));
  const contents = new Set(answered.map(content));
  return new Set([...ids, ...sightings.filter((one) => contents.has(content(one))).map(({ id }) => id)]);
}

/** The finding with unresolved statements left out. A verdict that loses all its reasons becomes inconclusive. */
export function keepResolved(finding: Finding, resolved: ReadonlySet<string>): Finding {
  const holds = ({ evidence }: { readonly evidence: readonly string[] }): boolean =>
    evidence.length > 0 && evidence.every((id) => resolved.has(id));
  const because = finding.because.filter(holds);
  const ruledOut = finding.ruledOut.filter(holds);
  if (because.length === 0 && finding.because.length > 0) {
    return { ...finding, verdict: 'inconclusive', rootCauses: [], because, ruledOut };
  }
  return { ...finding, because, ruledOut };
}
