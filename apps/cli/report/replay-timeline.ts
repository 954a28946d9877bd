/** What happened in a case and when: a drawing for the eye, and the same as sentences. Pure. */

import { escapeHtml } from '../../../protocols/escape-html.ts';
import type { Moment } from '../../../scenarios/replay/case.ts';

const WORDS: Readonly<Record<Moment['kind'], string>> = {
  fault: 'breaks',
  step: 'people',
  question: 'asked',
  read: 'read',
  verdict: 'verdict',
  proposal: 'proposes',
  approval: 'vote',
  outcome: 'outcome',
  note: 'note',
};

const WIDTH = 1_000;
const LEFT = 70;
const RIGHT = 20;
const LANE = 22;
const LANES: readonly (readonly [name: string, kinds: readonly Moment['kind'][]])[] = [
  ['breaks', ['fault', 'step']],
  ['looks', ['question', 'read']],
  ['says', ['verdict', 'note']],
  ['repairs', ['proposal', 'approval', 'outcome']],
];
/** Ticks that a drawing may have, seconds. */
const TICKS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
const MIN_GAP = 70;

/** Seconds after the onset as people say them. */
export function sayTime(at: number): string {
  const [hours, minutes, seconds] = [Math.floor(at / 3_600), Math.floor((at % 3_600) / 60), at % 60];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return seconds > 0 ? `${minutes} min ${seconds} s` : `${minutes} min`;
  return `${seconds} s`;
}

export function drawTimeline(moments: readonly Moment[]): string {
  const times = moments.map(({ at }) => Math.max(0, at));
  const last = Math.max(60, ...times);
  // Hours of waiting and seconds of work on one axis: each gap between moments counts as its logarithm.
  const place = spread([0, ...times, last]);
  const x = (at: number): number => LEFT + place(Math.max(0, at)) * (WIDTH - LEFT - RIGHT);
  const lanes = LANES.map(([name, kinds], lane) => {
    const y = 16 + lane * LANE;
    const marks = moments
      .filter(({ kind }) => kinds.includes(kind))
      .map(
        ({ at, kind, text }) =>
          `<circle class="${kind}" cx="${x(at).toFixed(1)}" cy="${y}" r="${kind === 'read' ? 3 : 5}"><title>${sayTime(at)} ${escapeHtml(text)}</title></circle>`,
      );
    return `<text x="0" y="${y + 4}">${name}</text><line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/>${marks.join('')}`;
  });
  const bottom = 16 + LANES.length * LANE;
  let free = 0;
  const axis = [...TICKS, last].flatMap((at) => {
    const isLast = at === last;
    if (at > last || x(at) < Math.max(free, LEFT + MIN_GAP) || (!isLast && x(at) > x(last) - MIN_GAP)) return [];
    free = x(at) + MIN_GAP;
    return [
      `<text class="tick" text-anchor="${isLast ? 'end' : 'middle'}" x="${x(at).toFixed(1)}" y="${bottom}">${sayTime(at)}</text>`,
    ];
  });
  return `<svg viewBox="0 0 ${WIDTH} ${bottom + 8}" role="img" aria-label="Timeline of the case, from the onset on"><text class="tick" text-anchor="middle" x="${LEFT}" y="${bottom}">onset</text>${lanes.join('')}${axis.join('')}</svg>`;
}

/** 0 to 1 for a time; in between it is linear. */
function spread(times: readonly number[]): (at: number) => number {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const ends = [0];
  for (const [index, at] of sorted.entries())
    if (index > 0) ends.push((ends.at(-1) ?? 0) + Math.log1p(at - (sorted[index - 1] ?? 0)));
  const total = ends.at(-1) || 1;
  return (at) => {
    const index = sorted.findIndex((one) => one >= at);
    if (index <= 0) return index === 0 ? 0 : 1;
    const [from = 0, to = 1] = [sorted[index - 1], sorted[index]];
    const [low = 0, high = 0] = [ends[index - 1], ends[index]];
    return (low + ((at - from) / (to - from)) * (high - low)) / total;
  };
}

/** What happened as a list, in which reads in a row are one line. */
export function tellStory(moments: readonly Moment[]): string {
  const lines: string[] = [];
  for (let at = 0; at < moments.length; at += 1) {
    const moment = moments[at];
    if (moment === undefined) break;
    if (moment.kind !== 'read') {
      lines.push(line(moment));
      continue;
    }
    let end = at;
    while (moments[end + 1]?.kind === 'read') end += 1;
    const reads = moments.slice(at, end + 1);
    const tools = [...new Set(reads.map(({ text }) => text.split(' ')[1] ?? text))];
    lines.push(
      line({ ...moment, text: reads.length === 1 ? moment.text : `${reads.length} times: ${tools.join(', ')}` }),
    );
    at = end;
  }
  return `<ol class="story">${lines.join('')}</ol>`;
}

/** Everything, one line a moment. */
export const listMoments = (moments: readonly Moment[]): string =>
  `<ol class="story">${moments.map((one) => line(one)).join('')}</ol>`;

const line = ({ at, kind, text }: Moment): string =>
  `<li><time>${sayTime(at)}</time><i class="${kind}">${WORDS[kind]}</i><span>${escapeHtml(text)}</span></li>`;
