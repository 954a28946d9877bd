/** The audit log from its end backwards: thousands of entries at once, older ones on demand, and new ones as they come. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { connection } from '../../api/connection.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { Answers, StoredAuditEntry } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { fill } from '../../api/use-answer.ts';
import type { Session } from '../../login/session.ts';

const PAGE = 1_000;
/** Entries that are read at once; a tenant's may lie far apart among those of others, so pages are bounded as well. */
const AT_ONCE = 10_000;
const PAGES = 40;
const FRESH_MS = 5_000;

export interface Log {
  /** Newest first. */
  readonly entries: readonly StoredAuditEntry[];
  readonly reading: boolean;
  /** Nothing older is left. */
  readonly whole: boolean;
  readonly problem?: Problem | undefined;
  readonly older: () => void;
}

/** Number of entries of the whole log: the second line of a checkpoint (C2SP tlog-checkpoint). */
async function readSize(session: Session): Promise<number> {
  const note = await (await session.broker('/api/audit/checkpoint')).text();
  return Number(note.split('\n', 2)[1]);
}

/** Entries of `from` up to `end`, newest first. */
async function readRange(session: Session, from: number, end: number): Promise<readonly StoredAuditEntry[]> {
  const answer = await session.broker(fill('/api/audit', { from, limit: Math.min(PAGE, end - from) }));
  const { entries }: Answers['/api/audit'] = await answer.json();
  return entries.filter(({ index }) => index < end).toReversed();
}

export function useLog(): Log {
  const session = useSession();
  const [entries, setEntries] = useState<readonly StoredAuditEntry[]>([]);
  const [reading, setReading] = useState(true);
  const [problem, setProblem] = useState<Problem>();
  /** What has been read: from `low` up to `high`. */
  const range = useRef({ low: 0, high: 0 });
  const [whole, setWhole] = useState(false);

  const older = useCallback(async () => {
    setReading(true);
    setProblem(undefined);
    try {
      if (range.current.high === 0) {
        const size = await readSize(session);
        range.current = { low: size, high: size };
      }
      for (let [read, page] = [0, 0]; read < AT_ONCE && page < PAGES && range.current.low > 0; page += 1) {
        const from = Math.max(0, range.current.low - PAGE);
        const found = await readRange(session, from, range.current.low);
        range.current.low = from;
        read += found.length;
        setEntries((known) => [...known, ...found]);
      }
      setWhole(range.current.low === 0);
    } catch (error) {
      setProblem(toProblem(error));
    } finally {
      setReading(false);
    }
  }, [session]);

  const newer = useCallback(async () => {
    const { high } = range.current;
    const size = await readSize(session);
    if (high === 0 || size <= high) return;
    const end = Math.min(size, high + PAGE);
    const found = await readRange(session, high, end);
    range.current.high = end;
    setEntries((known) => [...found, ...known]);
  }, [session]);

  useEffect(() => {
    range.current = { low: 0, high: 0 };
    setEntries([]);
    void older();
    let underway = false;
    const timer = setInterval(() => {
      if (document.hidden || underway || connection.get() !== 'ok') return;
      underway = true;
      // What fails now is asked for again with the next tick; the banner says that nobody answers.
      void newer()
        .catch(() => undefined)
        .finally(() => (underway = false));
    }, FRESH_MS);
    return () => clearInterval(timer);
  }, [older, newer]);

  return { entries, reading, whole, problem, older: () => void older() };
}
