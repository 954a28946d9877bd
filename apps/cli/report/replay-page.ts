/** A replay as one HTML page for people: the answer, then what went wrong, then the rest. Nothing is loaded, nothing runs. Pure. */

import { escapeHtml } from '../../../protocols/escape-html.ts';
import type { Comparison } from '../../../scenarios/replay/compare.ts';
import {
  type Baseline,
  findShortfalls,
  type LeftOut,
  type Scored,
  type Summary,
} from '../../../scenarios/replay/summary.ts';
import { anchorOf, renderCase, sayWhat } from './replay-case.ts';
import { renderBaselines, renderComparison, renderLeftOut, renderTiles } from './replay-figures.ts';
import { REPLAY_STYLE } from './replay-style.ts';

/** Cases told in full; a page with thousands could not be read. */
const MAX_TOLD = 200;
/** Misses shown unfolded. */
const OPEN = 3;

export interface ReplayPage {
  readonly scored: readonly Scored[];
  readonly summary: Summary;
  readonly baselines: readonly Baseline[];
  readonly comparison?: Comparison;
  readonly leftOut?: LeftOut;
}

export function printReplay(page: ReplayPage): string {
  const { scored, summary, baselines, comparison, leftOut } = page;
  const counted = scored.filter(({ score }) => score !== undefined);
  // What must never happen comes before what was merely not found.
  const wrong = counted
    .filter(({ score }) => score?.right === false)
    .toSorted((a, b) => b.played.violations.length - a.played.violations.length);
  const right = counted.filter(({ score }) => score?.right === true);
  const absent = scored.filter(({ score }) => score === undefined);
  const title = `${right.length} of ${counted.length} cases right`;
  const told = wrong.slice(0, MAX_TOLD);
  const room = Math.max(0, MAX_TOLD - told.length);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Replay: ${title}</title><style>${REPLAY_STYLE}</style></head><body>
<h1>${title}</h1>
${lead(scored, summary, leftOut)}
${renderTiles(summary)}
${missTable(wrong)}
${comparison === undefined ? '' : renderComparison(comparison)}
${leftOut === undefined ? '' : renderLeftOut(leftOut)}
${baselines.length === 0 ? '' : renderBaselines(baselines, summary)}
${renderGrid(scored)}
${wrong.length === 0 ? '' : `<h2>Each miss</h2>${told.map((one, at) => renderCase(one, at < OPEN)).join('\n')}`}
${wrong.length > told.length ? shortList(wrong.slice(told.length)) : ''}
${right.length === 0 ? '' : `<h2>What went well (${right.length})</h2>`}
${right
  .slice(0, room)
  .map((one) => renderCase(one, false))
  .join('\n')}
${right.length > room ? shortList(right.slice(room)) : ''}
${absent.length === 0 ? '' : `<h2>Not applicable (${absent.length})</h2>${absent.map((one) => renderCase(one, false)).join('\n')}`}
</body></html>
`;
}

/** What was played, and whether it is as expected. */
function lead(scored: readonly Scored[], summary: Summary, leftOut: LeftOut | undefined): string {
  const unique = (values: readonly (string | number)[]): string => [...new Set(values)].join(', ');
  const ids = new Set(scored.map(({ played }) => played.id)).size;
  const what = `${ids} ${ids === 1 ? 'incident' : 'incidents'} · size ${unique(scored.map(({ played }) => played.size))} · seed ${unique(scored.map(({ played }) => played.seed)).slice(0, 200)}`;
  const absent = summary.not_applicable === 0 ? '' : ` · ${summary.not_applicable} not applicable`;
  const missed = leftOut === undefined ? findShortfalls(summary) : [];
  const aims =
    missed.length > 0
      ? `<p class="bad">Below expectation: ${escapeHtml(missed.join('; '))}.</p>`
      : leftOut === undefined
        ? '<p class="good">Everything that is expected of a replay is reached.</p>'
        : '';
  return `<p class="dim">${escapeHtml(what)}${absent} · ${summary.wall_s} s</p>${aims}`;
}

/** The misses at a glance, one line each. */
function missTable(wrong: readonly Scored[]): string {
  if (wrong.length === 0) return '<h2>What went wrong</h2><p class="good">Nothing.</p>';
  const rows = wrong.slice(0, MAX_TOLD).map(({ played }) => {
    const bad = played.violations.map((one) => `<br><span class="bad">✗ ${escapeHtml(one)}</span>`).join('');
    return `<tr><td><a href="#${anchorOf(played)}">${escapeHtml(played.id)}</a></td><td class="dim">${escapeHtml(played.size)}&nbsp;·&nbsp;${played.seed}</td><td>${escapeHtml(sayWhat(played, false))}${bad}</td></tr>`;
  });
  return `<h2>What went wrong (${wrong.length})</h2><div class="wide"><table><tbody>${rows.join('')}</tbody></table></div>`;
}

/** Incident by size and seed: where the misses are, at a glance. */
function renderGrid(scored: readonly Scored[]): string {
  const columns = [...new Set(scored.map(({ played }) => `${played.size}·${played.seed}`))];
  const ids = [...new Set(scored.map(({ played }) => played.id))];
  if (columns.length < 2) return '';
  const at = new Map(scored.map((one) => [`${one.played.id} ${one.played.size}·${one.played.seed}`, one]));
  const rows = ids.map((id) => {
    const cells = columns.map((column) => {
      const one = at.get(`${id} ${column}`);
      if (one?.score === undefined) return '<td class="dim">–</td>';
      const [mark, tone] = one.score.right ? ['✓', 'good'] : ['✗', 'bad'];
      return `<td class="${tone}"><a href="#${anchorOf(one.played)}" title="${escapeHtml(sayWhat(one.played, one.score.right))}">${mark}</a></td>`;
    });
    return `<tr><th>${escapeHtml(id)}</th>${cells.join('')}</tr>`;
  });
  return `<h2>By size and seed</h2><div class="wide"><table class="grid"><thead><tr><th></th>${columns.map((one) => `<th>${escapeHtml(one)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

const shortList = (scored: readonly Scored[]): string =>
  `<ul>${scored.map(({ played, score }) => `<li>${escapeHtml(`${played.id} ${played.size} seed ${played.seed}`)}: ${escapeHtml(sayWhat(played, score?.right === true))}</li>`).join('')}</ul>`;
