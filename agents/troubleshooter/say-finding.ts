/** Tells people a proven finding: as data for the screen, and as a report, which a language model may put into words. */
import type { Finding } from '../events.ts';
import type { Counsel } from '../model/consult.ts';
import { phraseAnswer } from '../model/phrase-answer.ts';
import { rankCandidates } from '../model/rank-candidates.ts';
import type { Talk } from '../talk.ts';
import { writeReport } from './report.ts';

const AGENT = 'troubleshooter';

/** What follows (incident, repair) goes on from the finding as it was proven, whatever a model made of it here. */
export async function sayFinding(
  counsel: Counsel | undefined,
  talk: Talk,
  proven: Finding,
  about: string,
): Promise<void> {
  const finding = await rankCandidates(counsel, talk, AGENT, proven);
  talk.tell({ type: 'finding', ...finding });
  const report = writeReport(finding, about);
  talk.tell({ type: 'text', text: await phraseAnswer(counsel, talk, AGENT, report, finding) });
}
