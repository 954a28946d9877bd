/** A replay as one HTML page for people: figures first, then what went wrong, then the rest. Nothing is loaded, nothing runs. Pure. */
import type { Played } from '../../../scenarios/replay/case.ts';
import type { Comparison } from '../../../scenarios/replay/compare.ts';
import {
  AIMS,
  type Aim,
  type Baseline,
  findShortfalls,
  type LeftOut,
  type Scored,
  type Summary,
} from '../../../scenarios/replay/summary.ts';
import { escapeHtml } from './escape-html.ts';
import { renderCase, sayWhat } from './replay-case.ts';

/** Cases told in full; a page with thousands could not be read. */
const MAX_TOLD = 200;

export interface ReplayPage {
  readonly scored: readonly Scored[];
  readonly summary: Summary;
  readonly baselines: readonly Baseline[];
  readonly comparison?: Comparison;
  readonly leftOut?: LeftOut;
}

const STYLE = `:root{color-scheme:light dark;--fg:#1a1a1a;--bg:#fff;--line:#d0d0d0;--soft:#f4f4f4;--good:#006b2d;--bad:#a40000;--dim:#666}
@media(prefers-color-scheme:dark){:root{--fg:#e6e6e6;--bg:#161616;--line:#3a3a3a;--soft:#222;--good:#5fd38d;--bad:#ff8a80;--dim:#a0a0a0}}
body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;padding:0 1rem;max-width:72rem;color:var(--fg);background:var(--bg)}
h1{font-size:1.5rem;margin-bottom:0}h2{font-size:1.15rem;margin-top:2.2rem}h4{margin:.9rem 0 .2rem}
table{border-collapse:collapse}th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:var(--soft)}
td.n{text-align:right;font-variant-numeric:tabular-nums}code,pre{font-size:12px}pre{overflow:auto;background:var(--soft);padding:.6rem}
.tiles{display:flex;flex-wrap:wrap;gap:.7rem;margin:1rem 0}.tile{border:1px solid var(--line);border-radius:6px;padding:.5rem .8rem;min-width:9rem}
.tile b{display:block;font-size:1.4rem;font-variant-numeric:tabular-nums}.good{color:var(--good)}.bad{color:var(--bad)}.dim{color:var(--dim)}
.case{border:1px solid var(--line);border-radius:6px;padding:.4rem .8rem;margin:.5rem 0}.case>summary{cursor:pointer}.lead{font-size:1.05rem}
.tag{display:inline-block;min-width:3rem;text-align:center;border-radius:4px;border:1px solid;font-size:12px}.tag.right{color:var(--good)}.tag.miss{color:var(--bad);font-weight:700}.tag.na{color:var(--dim)}
.grid td{text-align:center;padding:.1rem .35rem}.grid a{color:inherit;text-decoration:none}
svg{width:100%;max-width:900px;height:auto;font-size:11px;fill:var(--fg)}svg line{stroke:var(--line)}svg .tick{fill:var(--dim)}
.fault,.outcome{fill:var(--bad)}.question{fill:#1565c0}.read{fill:#90a4ae}.verdict{fill:#6a1b9a}.proposal{fill:#ef6c00}.approval{fill:var(--good)}
.moments{padding-left:1.2rem;font-size:12px}.moments time{display:inline-block;min-width:6rem;color:var(--dim)}.records{font-size:12px;color:var(--dim);margin:0}
.add{color:var(--good)}.del{color:var(--bad)}@media print{.case{break-inside:avoid}}`;

const WORDS: Readonly<Record<string, string>> = {
  rca_f1: 'root causes (F1)',
  localisation_f1: 'places (F1)',
  fault_type_f1: 'fault types (F1)',
  detection: 'detection',
  false_positive_rate: 'false positives',
  verified_fix_rate: 'verified repairs',
  evidence_resolution: 'evidence that resolves',
  regressions: 'regressions',
  violations: 'safety violations',
};
const COUNTS = new Set(['regressions', 'violations']);

const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);

export function printReplay(page: ReplayPage): string {
  const { scored, summary, baselines, comparison, leftOut } = page;
  const counted = scored.filter(({ score }) => score !== undefined);
  const wrong = counted.filter(({ score }) => score?.right === false);
  const right = counted.filter(({ score }) => score?.right === true);
  const absent = scored.filter(({ score }) => score === undefined);
  const title = `${right.length} of ${counted.length} cases right`;
  const told = wrong.slice(0, MAX_TOLD);
  const room = Math.max(0, MAX_TOLD - told.length);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Replay: ${title}</title><style>${STYLE}</style></head><body>
<h1>${title}</h1>
<p class="dim">${summary.not_applicable} not applicable · ${summary.wall_s} s</p>
${tiles(summary)}
${comparison === undefined ? '' : renderComparison(comparison)}
${leftOut === undefined ? '' : renderLeftOut(leftOut)}
${baselines.length === 0 ? '' : renderBaselines(baselines)}
${renderGrid(scored)}
<h2>What went wrong (${wrong.length})</h2>
${wrong.length === 0 ? '<p class="good">Nothing.</p>' : told.map((one, at) => renderCase(one, at < 5)).join('\n')}
${wrong.length > told.length ? shortList(wrong.slice(told.length)) : ''}
<h2>What went well (${right.length})</h2>
${right
  .slice(0, room)
  .map((one) => renderCase(one, false))
  .join('\n')}
${right.length > room ? shortList(right.slice(room)) : ''}
${absent.length === 0 ? '' : `<h2>Not applicable (${absent.length})</h2>${absent.map((one) => renderCase(one, false)).join('\n')}`}
</body></html>
`;
}

function tiles(summary: Summary): string {
  const missed = findShortfalls(summary);
  const isAim = (name: string): name is Aim => Object.hasOwn(AIMS, name);
  const shown = Object.entries(WORDS).map(([name, words]) => {
    const value = summary[name as keyof Summary];
    const text = COUNTS.has(name) ? String(value) : percent(value);
    const bad = missed.some((one) => one.startsWith(`${name} `));
    const aim = isAim(name)
      ? `<span class="${bad ? 'bad' : 'good'}">${bad ? '✗ missed' : '✓ reached'}: ${COUNTS.has(name) ? AIMS[name] : percent(AIMS[name])}</span>`
      : '';
    return `<div class="tile"><b>${text}</b>${words}<br>${aim}</div>`;
  });
  return `<div class="tiles">${shown.join('')}</div>`;
}

/** Incident by seed: where the misses are, at a glance. */
function renderGrid(scored: readonly Scored[]): string {
  const columns = [...new Set(scored.map(({ played }) => `${played.size}·${played.seed}`))];
  const ids = [...new Set(scored.map(({ played }) => played.id))];
  if (columns.length < 2) return '';
  const at = new Map(scored.map((one) => [`${one.played.id} ${one.played.size}·${one.played.seed}`, one]));
  const rows = ids.map((id) => {
    const cells = columns.map((column) => {
      const one = at.get(`${id} ${column}`);
      if (one?.score === undefined) return '<td class="dim">–</td>';
      const { id: own, size, seed } = one.played;
      const [mark, tone] = one.score.right ? ['✓', 'good'] : ['✗', 'bad'];
      return `<td class="${tone}"><a href="#${escapeHtml(`${own}-${size}-${seed}`)}" title="${escapeHtml(sayWhat(one.played, one.score.right))}">${mark}</a></td>`;
    });
    return `<tr><th>${escapeHtml(id)}</th>${cells.join('')}</tr>`;
  });
  return `<h2>By size and seed</h2><table class="grid"><thead><tr><th></th>${columns.map((one) => `<th>${escapeHtml(one)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const renderLeftOut = ({ cases, inconclusive, right_resource, wrong_cause }: LeftOut): string =>
  `<p>The engine did not know the family of the faults in ${cases} cases: it said so in ${percent(inconclusive)}, named the right place in ${percent(right_resource)}, and a wrong cause in ${percent(wrong_cause)}.</p>`;

const renderBaselines = (baselines: readonly Baseline[]): string => `<h2>Beside simpler ways</h2>
<table><thead><tr><th>Way</th><th>Detection</th><th>False positives</th><th>Places</th><th>Root causes</th></tr></thead><tbody>${baselines
  .map(
    (one) =>
      `<tr><td>${escapeHtml(one.name)}</td>${[one.detection, one.false_positive_rate, one.localisation_f1, one.rca_f1].map((value) => `<td class="n">${percent(value)}</td>`).join('')}</tr>`,
  )
  .join('')}</tbody></table>`;

function renderComparison({ figures, better, worse, changed }: Comparison): string {
  const list = (title: string, lines: readonly string[]): string =>
    lines.length === 0 ? '' : `<h4>${title}</h4><ul>${lines.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`;
  return `<h2>Against the other run</h2><table><tbody>${figures
    .map(
      (one) =>
        `<tr><td>${escapeHtml(one.name)}</td><td class="n">${one.before ?? '–'}</td><td class="n">${one.after ?? '–'}</td></tr>`,
    )
    .join('')}</tbody></table>${list('Worse', worse)}${list('Better', better)}${list('Otherwise different', changed)}`;
}

const shortList = (scored: readonly Scored[]): string =>
  `<ul>${scored.map(({ played, score }) => `<li>${escapeHtml(label(played))}: ${escapeHtml(sayWhat(played, score?.right === true))}</li>`).join('')}</ul>`;

const label = ({ id, size, seed }: Played): string => `${id} ${size} seed ${seed}`;
