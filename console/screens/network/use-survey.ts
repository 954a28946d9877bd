/** Asks the hubs how the tunnels to some sites stand, part by part: a hub has one to every site, so a network of any size is read by few calls. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { callTool } from '../../api/call-tool.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { InventoryView } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';

/** Far ends that one call may name (tools/peers.ts). */
const PEERS = 50;

export interface Survey {
  /** Devices that were asked about, of how many; undefined while nothing was asked. */
  readonly progress?: { readonly done: number; readonly all: number; readonly problem?: Problem };
  /** Those that were asked about already, with or without an answer, are left out unless `again`. What is said arrives by a ring. */
  readonly ask: (edges: readonly string[], again?: boolean) => void;
}

export function useSurvey(inventory: InventoryView | undefined, ring: () => void): Survey {
  const session = useSession();
  const [progress, setProgress] = useState<Survey['progress']>();
  const asked = useRef(new Set<string>());
  const turn = useRef(Promise.resolve());
  const gone = useRef<AbortController>(undefined);
  const devices = inventory?.devices;
  useEffect(() => {
    const leaving = new AbortController();
    gone.current = leaving;
    return () => leaving.abort();
  }, []);

  const ask = useCallback(
    (edges: readonly string[], again = false): void => {
      const hubs = devices?.filter(({ role }) => role === 'hub').map(({ name }) => name) ?? [];
      const wanted = again ? edges : edges.filter((name) => !asked.current.has(name));
      if (hubs.length === 0 || wanted.length === 0) return;
      for (const name of wanted) asked.current.add(name);
      // One part after the other, and one survey after the other: the read limits are for everybody.
      const run = async (): Promise<void> => {
        for (let done = 0; done < wanted.length; done += PEERS) {
          const signal = gone.current?.signal;
          if (signal?.aborted === true) return;
          setProgress({ done, all: wanted.length });
          const peers = wanted.slice(done, done + PEERS);
          try {
            await callTool(session, {
              ...{ tool: 'tunnels.read', devices: hubs, input: { peers } },
              ...(signal === undefined ? {} : { signal }),
            });
          } catch (error) {
            setProgress({ done, all: wanted.length, problem: toProblem(error) });
            return;
          }
          ring();
        }
        setProgress({ done: wanted.length, all: wanted.length });
      };
      turn.current = turn.current.then(run);
    },
    [devices, session, ring],
  );
  return { ask, ...(progress === undefined ? {} : { progress }) };
}
