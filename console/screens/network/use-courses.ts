/** The courses of the last hours, kept up to date: asked for once, then what is new whenever the broker rings. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { callTool } from '../../api/call-tool.ts';
import { connection } from '../../api/connection.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { InventoryView } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { serverNow } from '../../login/dpop.ts';
import { addStates, type Courses, forgetBefore } from './courses.ts';

/** How far the slider goes back. */
export const HOURS = 6;
export const WINDOW_MS = HOURS * 3_600_000;
/** Rings that come closer are answered together. */
const GATHER_MS = 700;
/** Asked also without a ring: another broker may have heard of it. */
const EVERY_MS = 30_000;
/** What comes late, or with another broker's clock, is asked for again. */
const OVERLAP_MS = 60_000;
/** Up to so many devices are read at once when the page is opened; of larger networks the hubs are asked (use-survey.ts). */
export const FEW = 60;

export interface Watched {
  readonly courses: Courses;
  readonly problem?: Problem;
  /** To be called when the broker rings. */
  readonly ring: () => void;
  /** Reads tunnels and ports of the devices now; what they say arrives by a ring. */
  readonly measure: (devices: readonly string[]) => Promise<void>;
}

export function useCourses(inventory: InventoryView | undefined): Watched {
  const session = useSession();
  const [courses, setCourses] = useState<Courses>(new Map());
  const [problem, setProblem] = useState<Problem>();
  const until = useRef(0);
  const [asked, setAsked] = useState(0);

  const ask = useCallback(async (): Promise<void> => {
    const now = serverNow();
    const from = until.current === 0 ? now - WINDOW_MS : until.current - OVERLAP_MS;
    const iso = (at: number): string => new Date(at).toISOString();
    const input = { kind: 'states', resource: 'network', from: iso(from), to: iso(now + OVERLAP_MS) };
    try {
      const evidence = await callTool(session, { tool: 'telemetry.read', input });
      until.current = now;
      setCourses((before) => forgetBefore(addStates(before, evidence), now - WINDOW_MS));
      setProblem(undefined);
    } catch (error) {
      setProblem(toProblem(error));
    }
    setAsked((n) => n + 1);
  }, [session]);

  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const ring = useCallback((): void => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void ask();
    }, GATHER_MS);
  }, [ask]);
  useEffect(() => {
    void ask();
    const again = setInterval(() => {
      if (!document.hidden && connection.get() === 'ok') void ask();
    }, EVERY_MS);
    return () => {
      clearInterval(again);
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [ask]);

  const measure = useCallback(
    async (devices: readonly string[]): Promise<void> => {
      const reads = ['tunnels.read', 'interfaces.read'].map((tool) => callTool(session, { tool, devices }));
      // One that is silent keeps the others from nothing; what was read arrives as states.
      await Promise.allSettled(reads);
      ring();
    },
    [session, ring],
  );

  const measured = useRef(false);
  useEffect(() => {
    const sending = inventory?.devices.filter(({ role }) => role !== 'controller').map(({ name }) => name) ?? [];
    if (asked === 0 || measured.current || sending.length === 0 || sending.length > FEW) return;
    measured.current = true;
    void measure(sending);
  }, [asked, inventory, measure]);

  return { courses, ring, measure, ...(problem === undefined ? {} : { problem }) };
}
