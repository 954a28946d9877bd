/** Holds a finding to its evidence: what does not resolve at the broker is not shown. */
import type { Finding } from '../events.ts';

/** All ids that a finding cites. */
export function citedIds(finding: Finding): readonly string[] {
  return [...new Set([...finding.because, ...finding.ruledOut].flatMap(({ evidence }) => evidence))];
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
