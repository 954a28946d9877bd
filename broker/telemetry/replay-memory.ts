/** What was heard already, so that a message recorded on the wire counts once: the time window of USM alone (RFC 3414 §2.3) lets it through for minutes. */
import type { SnmpMessage } from '../../protocols/snmp/message.ts';
import type { Drop } from './reception.ts';
import type { SourceDevice } from './sources.ts';

/** Messages of one device that are remembered: more than the rate of a device lets through in one second of its clock. */
const REMEMBERED = 8_192;

/** Why an authentic message must not count (again); undefined when it is new, and from then on remembered. */
export type FindReplay = (
  source: SourceDevice,
  mark: string,
  message: Pick<SnmpMessage, 'engineBoots' | 'engineTime'>,
) => Drop | undefined;

type Moment = readonly [boots: number, time: number];

/**
 * A memory for messages under one authoritative engine a device. A message that is forgotten for want of room takes all
 * older ones with it: they are stale from then on, so that no flood makes room for a replay.
 */
export function createReplayMemory(remembered = REMEMBERED): FindReplay {
  const heard = new Map<SourceDevice, { readonly marks: Map<string, Moment>; readonly floor: Moment }>();
  return (source, mark, { engineBoots, engineTime }) => {
    const { marks, floor } = heard.get(source) ?? { marks: new Map<string, Moment>(), floor: [0, 0] as const };
    if (marks.has(mark)) return 'duplicate';
    if (engineBoots < floor[0] || (engineBoots === floor[0] && engineTime < floor[1])) return 'stale';
    marks.set(mark, [engineBoots, engineTime]);
    const [oldest] = marks;
    const isFull = marks.size > remembered && oldest !== undefined;
    if (isFull) marks.delete(oldest[0]);
    const lowest = isFull && isLater(oldest[1], floor) ? oldest[1] : floor;
    heard.set(source, { marks, floor: lowest });
    return undefined;
  };
}

const isLater = ([boots, time]: Moment, [otherBoots, otherTime]: Moment): boolean =>
  boots > otherBoots || (boots === otherBoots && time > otherTime);
