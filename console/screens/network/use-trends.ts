/** What was measured of a few resources in the last hours, from the broker's history: for the curves beside them. */
import { useEffect, useState } from 'react';
import { callTool } from '../../api/call-tool.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import { useSession } from '../../api/session-context.ts';
import { serverNow } from '../../login/dpop.ts';
import { TEXT } from '../../text.ts';
import { WINDOW_MS } from './use-courses.ts';

/** By resource kind: which signals, with their units. */
const SIGNALS = {
  tunnel: [
    { signal: 'tunnel.latency_ms', label: TEXT.network.latency, unit: 'ms' },
    { signal: 'tunnel.loss_pct', label: TEXT.network.loss, unit: '%' },
  ],
  interface: [{ signal: 'if.util_pct', label: TEXT.network.utilisation, unit: '%' }],
} as const;
/** Points of a curve at most: more than its pixels say anything. */
const POINTS = 60;

export interface Trend {
  readonly resource: string;
  readonly label: string;
  readonly unit: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/** `again` asks once more when it changes. Signals of which nothing was kept are left out. */
export function useTrends(resources: readonly string[], again: number) {
  const session = useSession();
  const [found, setFound] = useState<{ readonly trends?: readonly Trend[]; readonly problem?: Problem }>({});
  const wanted = resources.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is a reason to ask, not a part of the question
  useEffect(() => {
    const stop = new AbortController();
    const now = serverNow();
    const window = { from: new Date(now - WINDOW_MS).toISOString(), to: new Date(now + 60_000).toISOString() };
    const read = async (resource: string): Promise<readonly Trend[]> => {
      const kind = resource.startsWith('tunnel/') ? 'tunnel' : 'interface';
      return Promise.all(
        SIGNALS[kind].map(async ({ signal, label, unit }) => {
          const input = { kind: 'readings', resource, signal, ...window, last: POINTS };
          const evidence = await callTool(session, { tool: 'telemetry.read', input, signal: stop.signal });
          const points = evidence.flatMap(({ value, observedAt }) =>
            typeof value === 'number' ? [{ at: Date.parse(observedAt), value }] : [],
          );
          return { resource, label, unit, points: points.toSorted((a, b) => a.at - b.at) };
        }),
      );
    };
    Promise.all(wanted === '' ? [] : wanted.split(' ').map(read))
      .then((trends) => setFound({ trends: trends.flat().filter(({ points }) => points.length > 0) }))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setFound({ problem: toProblem(error) });
      });
    return () => stop.abort();
  }, [session, wanted, again]);
  return found;
}
