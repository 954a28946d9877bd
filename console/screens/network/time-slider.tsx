/** The hours behind: a slider over them with a mark wherever a circuit or tunnel turned, and the way back to now. */
import { Icon } from '../../parts/icon.tsx';
import { exactTime, useSecond } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';
import { type Courses, turnsOf } from './courses.ts';
import { HOURS, WINDOW_MS } from './use-courses.ts';

const text = TEXT.network;
const MINUTE_MS = 60_000;
/** Marks are drawn at most so close, in shares of the slider. */
const CLOSE = 0.004;

interface TimeSliderProps {
  readonly courses: Courses;
  /** Epoch milliseconds; undefined for now. */
  readonly at: number | undefined;
  readonly choose: (at: number | undefined) => void;
}

export function TimeSlider({ courses, at, choose }: TimeSliderProps) {
  // The end of this minute, so that what turned just now is on the slider.
  const now = Math.ceil(useSecond() / 60) * MINUTE_MS;
  const begin = now - WINDOW_MS;
  const minutes = at === undefined ? 0 : Math.min(0, Math.round((at - now) / MINUTE_MS));
  const spoken = at === undefined ? text.now : exactTime(new Date(at).toISOString());
  return (
    <div className={`time-slider ${at === undefined ? '' : 'past'}`}>
      <span className="live-mark">
        <Icon name={at === undefined ? 'pulse' : 'clock'} size={14} /> {at === undefined ? text.live : text.past}
      </span>
      <span className="slider-track">
        <input
          type="range"
          min={-HOURS * 60}
          max={0}
          step={1}
          value={minutes}
          aria-label={text.slider}
          aria-valuetext={spoken}
          onChange={({ target }) => {
            const chosen = Number(target.value);
            choose(chosen === 0 ? undefined : now + chosen * MINUTE_MS);
          }}
        />
        <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          {thin(turnsOf(courses).map((turn) => (turn - begin) / WINDOW_MS)).map((share) => (
            <rect key={share} x={share * 1000} y="0" width="3" height="8" />
          ))}
        </svg>
      </span>
      <time className="mono">{spoken}</time>
      <button
        type="button"
        disabled={at === undefined}
        title={at === undefined ? text.isNow : undefined}
        onClick={() => choose(undefined)}
      >
        {text.toNow}
      </button>
    </div>
  );
}

function thin(shares: readonly number[]): readonly number[] {
  const kept: number[] = [];
  for (const share of shares) if (share >= 0 && share <= 1 && share - (kept.at(-1) ?? -1) >= CLOSE) kept.push(share);
  return kept;
}
