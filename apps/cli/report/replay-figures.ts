/** The figures of a replay as HTML: against the aims, against another run, against simpler ways. Pure. */

import { escapeHtml } from '../../../protocols/escape-html.ts';
import type { Comparison } from '../../../scenarios/replay/compare.ts';
import {
  AIMS,
  type Aim,
  type Baseline,
  findShortfalls,
  type LeftOut,
  type Summary,
} from '../../../scenarios/replay/summary.ts';

const WORDS = {
  rca_f1: 'root causes (F1)',
  localisation_f1: 'places (F1)',
  fault_type_f1: 'fault types (F1)',
  detection: 'seen at all',
  false_positive_rate: 'false alarms',
  verified_fix_rate: 'repairs verified',
  evidence_resolution: 'evidence that resolves',
  regressions: 'regressions',
  violations: 'safety violations',
} as const;
const COUNTS: ReadonlySet<string> = new Set(['regressions', 'violations', 'cases', 'not_applicable', 'repairable']);
const AT_MOST: ReadonlySet<string> = new Set(['false_positive_rate', 'violations', 'regressions']);

const percent = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
const figure = (name: string, value: number | null): string =>
  COUNTS.has(name) ? String(value ?? '–') : percent(value);

const isAim = (name: string): name is Aim => Object.hasOwn(AIMS, name);

export function renderTiles(summary: Summary): string {
  const missed = findShortfalls(summary);
  const tiles = (Object.keys(WORDS) as (keyof typeof WORDS)[]).map((name) => {
    const bad = missed.some((one) => one.startsWith(`${name} `));
    const tone = !isAim(name) || summary[name] === null ? '' : bad ? ' bad' : ' good';
    const limit = AT_MOST.has(name) ? 'at most' : 'at least';
    const aim = isAim(name)
      ? `<br><span class="${bad ? 'bad' : 'dim'}">${summary[name] === null ? '' : bad ? '✗ ' : '✓ '}${limit} ${COUNTS.has(name) ? AIMS[name] : `${100 * AIMS[name]} %`}</span>`
      : name === 'verified_fix_rate'
        ? `<br><span class="dim">of ${summary.repairable} that are ours to repair</span>`
        : '';
    return `<div class="tile${tone}"><b>${figure(name, summary[name])}</b>${WORDS[name]}${aim}</div>`;
  });
  return `<div class="tiles">${tiles.join('')}</div>`;
}

export const renderLeftOut = ({ cases, inconclusive, right_resource, wrong_cause }: LeftOut): string =>
  `<h2>Faults that the engine did not know</h2><p>In ${cases} cases the family of the fault was left out of what the engine knows. It said so in ${percent(inconclusive)}, named the right place in ${percent(right_resource)}, and a wrong cause in ${percent(wrong_cause)}.</p>`;

/** `own`: the same figures of the engine itself. */
export const renderBaselines = (baselines: readonly Baseline[], own: Summary): string => `<h2>Beside simpler ways</h2>
<div class="wide"><table><thead><tr><th>Way</th><th class="n">Root causes</th><th class="n">Places</th><th class="n">Seen</th><th class="n">False alarms</th></tr></thead><tbody>${[
  { ...own, name: 'this engine' },
  ...baselines,
]
  .map(
    (one) =>
      `<tr><td>${escapeHtml(one.name)}</td>${[one.rca_f1, one.localisation_f1, one.detection, one.false_positive_rate].map((value) => `<td class="n">${percent(value)}</td>`).join('')}</tr>`,
  )
  .join('')}</tbody></table></div>`;

export function renderComparison({ figures, better, worse, changed }: Comparison): string {
  const list = (title: string, tone: string, lines: readonly string[]): string =>
    lines.length === 0
      ? ''
      : `<h3 class="${tone}">${title} (${lines.length})</h3><ul>${lines.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`;
  const rows = figures.map(({ name, before, after }) => {
    const moved = before === null || after === null ? 0 : after - before;
    const tone =
      moved === 0 || (COUNTS.has(name) && !AT_MOST.has(name))
        ? 'dim'
        : moved > 0 === AT_MOST.has(name)
          ? 'bad'
          : 'good';
    const by =
      moved === 0
        ? ''
        : `${moved > 0 ? '+' : '−'}${COUNTS.has(name) ? Math.abs(moved) : (100 * Math.abs(moved)).toFixed(1)}`;
    const words: Readonly<Record<string, string>> = WORDS;
    return `<tr><td>${escapeHtml(words[name] ?? name.replaceAll('_', ' '))}</td><td class="n">${figure(name, before)}</td><td class="n">${figure(name, after)}</td><td class="n ${tone}">${by}</td></tr>`;
  });
  const none = worse.length + better.length + changed.length === 0 ? '<p>No case came otherwise.</p>' : '';
  return `<h2>Against the other run</h2>${none}${list('Worse', 'bad', worse)}${list('Better', 'good', better)}${list('Otherwise different', '', changed)}
<div class="wide"><table><thead><tr><th></th><th class="n">Then</th><th class="n">Now</th><th class="n">Change</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}
