/** Times as people read them: how long ago or how long to go, with the exact time (UTC) on demand; they move by themselves. */
import { useSyncExternalStore } from 'react';
import { serverNow } from '../login/dpop.ts';
import { TEXT } from '../text.ts';

/** Whole seconds, so that all that is drawn at once agrees. */
let second = Math.floor(serverNow() / 1000);
const listeners = new Set<() => void>();
setInterval(() => {
  const now = Math.floor(serverNow() / 1000);
  if (now === second || document.hidden) return;
  second = now;
  for (const listener of listeners) listener();
}, 250);

/** The server's time, epoch seconds, ticking. */
export const useSecond = (): number =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => second,
  );

/** `90` → `1 min`; the largest unit that is not zero, two below ten minutes. */
export function spanOf(seconds: number): string {
  const n = Math.abs(Math.round(seconds));
  if (n === 0) return TEXT.time.instant;
  if (n < 60) return TEXT.time.seconds(n);
  if (n < 600)
    return n % 60 === 0
      ? TEXT.time.minutes(n / 60)
      : `${TEXT.time.minutes(Math.floor(n / 60))} ${TEXT.time.seconds(n % 60)}`;
  if (n < 3600) return TEXT.time.minutes(Math.round(n / 60));
  if (n < 86_400) return TEXT.time.hours(Math.round(n / 3600));
  return TEXT.time.days(Math.round(n / 86_400));
}

/** `2026-03-01 14:05:09 UTC`. */
export const exactTime = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;
export const clockTime = (iso: string): string => iso.slice(11, 19);

/** How long ago. */
export function Ago({ at }: { readonly at: string }) {
  const seconds = useSecond() - Date.parse(at) / 1000;
  const text = seconds < 5 ? TEXT.time.now : TEXT.time.ago(spanOf(seconds));
  return (
    <time dateTime={at} title={exactTime(at)}>
      {text}
    </time>
  );
}

/** How long to go; turns to a warning below a minute. */
export function Countdown({ until }: { readonly until: string }) {
  const left = Math.ceil(Date.parse(until) / 1000 - useSecond());
  const urgency = left <= 0 ? 'over' : left < 60 ? 'urgent' : '';
  return (
    <time className={`countdown ${urgency}`} dateTime={until} title={exactTime(until)}>
      {left <= 0 ? TEXT.time.over : TEXT.time.left(spanOf(left))}
    </time>
  );
}
