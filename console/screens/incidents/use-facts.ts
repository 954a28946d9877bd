/** Everything that the API tells of an incident: its records, the changes that were asked for because of it, and what came of them. */
import { useEffect, useState } from 'react';
import type { Approval, Evidence, Incident, Receipt } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { fill, useAnswer } from '../../api/use-answer.ts';
import type { Session } from '../../login/session.ts';
import type { Facts } from './timeline.ts';

/** Records that are shown; an incident that cites more is told apart by its first ones. */
export const SHOWN_RECORDS = 60;
const AT_ONCE = 6;
const FRESH_MS = 5_000;

/** What exists of these, in their order: what is gone, or not for this person, is left out and counted by its absence. */
async function readAll<T>(session: Session, route: string, ids: readonly string[]): Promise<readonly T[]> {
  const found: T[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = await Promise.allSettled(
      ids.slice(at, at + AT_ONCE).map(async (id): Promise<T> => (await session.broker(fill(route, { id }))).json()),
    );
    found.push(...some.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  }
  return found;
}

/** Undefined while the first records are read. */
export function useFacts(incident: Incident): Facts | undefined {
  const session = useSession();
  const { data } = useAnswer('/api/approvals', {}, { every: FRESH_MS });
  const [evidence, setEvidence] = useState<readonly Evidence[]>();
  const [receipts, setReceipts] = useState<readonly Receipt[]>([]);
  const approvals: readonly Approval[] = (data?.approvals ?? []).filter(({ intent }) => intent.purpose === incident.id);
  const cited = incident.evidence.slice(0, SHOWN_RECORDS).join(' ');
  const consumed = approvals
    .filter(({ status }) => status === 'consumed')
    .map(({ intent }) => intent.id)
    .join(' ');
  useEffect(() => {
    let over = false;
    const ids = cited.split(' ').filter((id) => id !== '');
    void readAll<Evidence>(session, '/api/evidence/{id}', ids).then((found) => {
      if (!over) setEvidence(found);
    });
    return () => {
      over = true;
    };
  }, [session, cited]);
  useEffect(() => {
    let over = false;
    const ids = consumed.split(' ').filter((id) => id !== '');
    void readAll<Receipt>(session, '/api/intents/{id}', ids).then((found) => {
      if (!over) setReceipts(found);
    });
    return () => {
      over = true;
    };
  }, [session, consumed]);
  return evidence === undefined ? undefined : { incident, evidence, approvals, receipts };
}
