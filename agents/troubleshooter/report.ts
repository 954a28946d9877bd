/** A finding in plain sentences, with citations: what people read when no model phrases it. */
import type { Finding } from '../events.ts';

const cite = (evidence: readonly string[]): string =>
  evidence.length > 0 ? ` [${evidence.slice(0, 3).join(', ')}]` : '';

const OPENINGS: { readonly [Verdict in Finding['verdict']]: string } = {
  'root-cause': 'Root cause',
  planned: 'This is a planned change',
  healthy: 'is healthy: every signal that was read is normal.',
  'not-the-network': 'The network carries the traffic; the service itself refuses it.',
  inconclusive: 'No single cause is proven.',
  blind: 'I am blind here: the monitoring path gave no answers, so nothing can be said about the network itself.',
};

/** Template text of a finding about a device. */
export function writeReport(finding: Finding, suspect: string): string {
  const { verdict, rootCauses, because, ruledOut, unread } = finding;
  const causes = rootCauses.map(({ resource, faultType, confidence }) => `${faultType} at ${resource} (${confidence})`);
  const opening =
    verdict === 'healthy'
      ? `${suspect} ${OPENINGS.healthy}`
      : verdict === 'root-cause' || verdict === 'planned'
        ? `${OPENINGS[verdict]}: ${causes.join('; ')}.`
        : `${OPENINGS[verdict]}${causes.length > 0 ? ` Candidates: ${causes.join('; ')}.` : ''}`;
  return [
    opening,
    ...(because.length > 0 ? [verdict === 'healthy' ? 'Seen:' : 'Because:'] : []),
    ...because.map(({ text, evidence }) => `- ${text}${cite(evidence)}`),
    ...(ruledOut.length > 0 ? ['Ruled out:'] : []),
    ...ruledOut.map(({ faultType, because: why, evidence }) => `- ${faultType}: ${why}${cite(evidence)}`),
    ...(unread.length > 0 ? ['Not read:', ...unread.map((text) => `- ${text}`)] : []),
  ].join('\n');
}
