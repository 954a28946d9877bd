/** What the broker tells by its stream: devices at which a change is being carried out, and rings; the stream is opened anew when it ends. */
import { useEffect, useState } from 'react';
import { connection } from '../../api/connection.ts';
import { readEvents } from '../../api/read-events.ts';
import type { IntentStep } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { refresh } from '../../api/use-answer.ts';

/** A device that says nothing for so long, in milliseconds, is not being changed any more: more than a confirmed commit waits. */
const SILENCE_MS = 180_000;
const AGAIN_MS = 5_000;
const LAST: ReadonlySet<IntentStep['step']> = new Set(['unlock', 'rollback']);

/** `rung` is called when circuits or tunnels stand otherwise, and when the stream begins: before it nothing was heard. */
export function useChanging(rung: () => void): ReadonlySet<string> {
  const session = useSession();
  const [changing, setChanging] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const stop = new AbortController();
    const timers = new Map<string, ReturnType<typeof setTimeout>>();
    let later: ReturnType<typeof setTimeout> | undefined;
    const mark = (device: string, is: boolean): void => {
      clearTimeout(timers.get(device));
      if (is)
        timers.set(
          device,
          setTimeout(() => mark(device, false), SILENCE_MS),
        );
      setChanging((before) => {
        if (before.has(device) === is) return before;
        const after = new Set(before);
        if (is) after.add(device);
        else after.delete(device);
        return after;
      });
    };
    const listen = async (): Promise<void> => {
      for await (const { event, data } of readEvents(await session.broker('/api/events', { signal: stop.signal }))) {
        if (event === 'network' || event === 'ready') rung();
        if (event !== 'step') continue;
        const { device, step }: IntentStep = JSON.parse(data);
        mark(device, !LAST.has(step));
        if (LAST.has(step)) refresh('/api/approvals');
      }
    };
    const begin = (): void => {
      if (stop.signal.aborted || session.ended) return;
      const wait = connection.get() === 'ok' ? listen().catch(() => undefined) : Promise.resolve();
      void wait.then(() => {
        if (!stop.signal.aborted) later = setTimeout(begin, AGAIN_MS);
      });
    };
    begin();
    return () => {
      stop.abort();
      clearTimeout(later);
      for (const timer of timers.values()) clearTimeout(timer);
    };
  }, [session, rung]);
  return changing;
}
