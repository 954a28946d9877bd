/** What happened, in the order of time, each moment in the lane of who or what it was. */
import type { Lane, Moment } from '../../api/schema.ts';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { clockTime, exactTime } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';
import { Records } from './records.tsx';

const text = TEXT.incidents;
const LANES: readonly (readonly [Lane, IconName])[] = [
  ['telemetry', 'pulse'],
  ['agent', 'chat'],
  ['policy', 'rules'],
  ['human', 'user'],
  ['device', 'building'],
];

export function Timeline({ moments }: { readonly moments: readonly Moment[] }) {
  return (
    <>
      <p className="lane-names" aria-hidden="true">
        {LANES.map(([lane, icon]) => (
          <span key={lane} className={lane}>
            <Icon name={icon} size={13} /> {text.lanes[lane]}
          </span>
        ))}
      </p>
      <ol className="lanes">
        {moments.map(({ at, lane, who, what, evidence }, position) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: moments are in the order of time, and alike ones may follow each other
          <li key={`${at} ${lane} ${position}`}>
            <time dateTime={at} title={exactTime(at)}>
              {clockTime(at)}
            </time>
            <span className="tracks" aria-hidden="true">
              {LANES.map(([one, icon]) => (
                <span key={one} className={one === lane ? `on ${lane}` : ''}>
                  {one === lane && <Icon name={icon} size={12} />}
                </span>
              ))}
            </span>
            <span className="what">
              <span className="unseen">{text.lanes[lane]}: </span>
              <b>{who}</b> {what} <Records ids={evidence} />
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
