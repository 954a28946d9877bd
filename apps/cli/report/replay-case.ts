/** One case of a replay as HTML: what was expected and answered, what happened when, what the answer rests on. Pure. */

import { escapeHtml } from '../../../protocols/escape-html.ts';
import type { Pair, Played, Statement } from '../../../scenarios/replay/case.ts';
import type { Scored } from '../../../scenarios/replay/summary.ts';
import { drawTimeline, listMoments, sayTime, tellStory } from './replay-timeline.ts';

/** Evidence records that one statement shows. */
const MAX_RECORDS = 4;

/** Where the page has the case. */
export const anchorOf = ({ id, size, seed }: Played): string => escapeHtml(`${id}-${size}-${seed}`.replace(/\s/g, '_'));

/** `open`: shown unfolded. */
export function renderCase({ played, score }: Scored, open: boolean): string {
  const { id, title, size, seed } = played;
  const word = score === undefined ? 'na' : score.right ? 'right' : 'miss';
  const where = `size ${escapeHtml(size)} · seed ${seed}`;
  const head = `<span class="tag ${word}">${word === 'na' ? 'n/a' : word}</span> <b>${escapeHtml(id)}</b> ${escapeHtml(title)} <span class="dim">${where}${factsOf(played)}</span>`;
  if (played.not_applicable !== undefined)
    return `<details class="case" id="${anchorOf(played)}"><summary>${head}</summary><p>${escapeHtml(played.not_applicable)}</p></details>`;
  return `<details class="case"${open ? ' open' : ''} id="${anchorOf(played)}"><summary>${head}</summary>
<p class="lead">${escapeHtml(sayWhat(played, score?.right === true))}</p>
${played.violations.map((one) => `<p class="bad">✗ Violation: ${escapeHtml(one)}</p>`).join('')}
${comparePairs(played)}
<h3>What happened</h3>
${drawTimeline(played.moments)}
${tellStory(played.moments)}
${statements('What the answer rests on', played.because)}
${statements(
  'Ruled out',
  played.ruled_out.map((one) => ({ ...one, text: `${one.fault_type}: ${one.text}` })),
)}
${repairOf(played)}
<details><summary class="sum">All ${played.moments.length} moments and ${played.reads} reads · ${played.wall_ms} ms</summary>${listMoments(played.moments)}</details>
</details>`;
}

/** When it was seen and what it took, for the line that is always there. */
function factsOf({ detected_at_s: seen, reads, remediation, not_applicable }: Played): string {
  if (not_applicable !== undefined) return ' · not applicable';
  const repair = remediation.outcome === 'none' ? '' : ` · repair ${escapeHtml(remediation.outcome)}`;
  return `${seen === null ? '' : ` · seen after ${sayTime(seen)}`} · ${reads} reads${repair}`;
}

/** How a pair reads. */
const name = ({ fault_type, resource }: Pair): string => `${fault_type} at ${resource}`;
const names = (pairs: readonly Pair[]): string => pairs.map(name).join(' and ');

/** The case in one sentence: what was answered, and how that differs from what was so. */
export function sayWhat({ verdict, root_causes: causes, candidates, expect }: Played, right: boolean): string {
  const truth = expect.causes.length === 0 ? expect.verdicts.join(' or ') : names(expect.causes);
  if (right) return expect.causes.length === 0 ? `Called ${verdict}, as it was.` : `Found ${truth}.`;
  if (causes.length === 0) {
    const guess = candidates.length === 0 ? '' : ` (it considered ${names(candidates)})`;
    return `Said ${verdict}${guess}; it was ${truth}.`;
  }
  if (expect.causes.length === 0) return `Blamed ${names(causes)}; it was ${truth}.`;
  const place = causes.some((one) => expect.causes.some(({ resource }) => resource === one.resource));
  const kind = causes.some((one) => expect.causes.some(({ fault_type }) => fault_type === one.fault_type));
  const near =
    place && kind ? 'Partly right' : place ? 'Right place, wrong fault' : kind ? 'Right fault, wrong place' : 'Wrong';
  return `${near}: named ${names(causes)}; it was ${truth}.`;
}

/** Each cause that was there or was named, with what became of it. */
function comparePairs({ root_causes: causes, expect }: Played): string {
  const equals = (a: Pair, b: Pair): boolean => a.fault_type === b.fault_type && a.resource === b.resource;
  const stands = (a: Pair, b: Pair): boolean =>
    equals(a, b) || (a.fault_type === b.fault_type && expect.equivalent.includes(b.resource));
  const rows = [
    ...expect.causes.map((one) => {
      const found = causes.find((other) => stands(one, other));
      if (found === undefined) return ['bad', '✗ not named', one] as const;
      return ['good', found.resource === one.resource ? '✓ found' : `✓ found at ${found.resource}`, one] as const;
    }),
    ...causes
      .filter((one) => !expect.causes.some((other) => stands(other, one)))
      .map((one) =>
        expect.neutral.some((other) => equals(other, one))
          ? (['dim', '≈ part of it', one] as const)
          : (['bad', '✗ named, but not so', one] as const),
      ),
  ];
  if (rows.length === 0) return '';
  const cells = rows.map(
    ([tone, what, one]) =>
      `<tr><td class="${tone}">${escapeHtml(what)}</td><td><code>${escapeHtml(one.fault_type)}</code></td><td><code>${escapeHtml(one.resource)}</code></td></tr>`,
  );
  const also =
    expect.equivalent.length === 0
      ? ''
      : `<p class="dim">As good a place: <code>${escapeHtml(expect.equivalent.join(', '))}</code></p>`;
  return `<div class="wide"><table><thead><tr><th></th><th>Fault</th><th>Resource</th></tr></thead><tbody>${cells.join('')}</tbody></table></div>${also}`;
}

/** Statements once each, with the records that bear them out. */
function statements(title: string, list: readonly Statement[]): string {
  if (list.length === 0) return '';
  const byText = new Map<string, Map<string, string>>();
  for (const { text, evidence } of list) {
    const records = byText.get(text) ?? new Map<string, string>();
    for (const one of evidence) records.set(one.id, one.text);
    byText.set(text, records);
  }
  const items = [...byText].map(([text, records]) => {
    const shown = [...records].slice(0, MAX_RECORDS).map(([id, record]) => recordOf(id, record));
    const rest = records.size > MAX_RECORDS ? ` and ${records.size - MAX_RECORDS} more` : '';
    return `<li>${escapeHtml(text)} <span class="id">${shown.join(' ')}${rest}</span></li>`;
  });
  return `<h3>${title}</h3><ul class="because">${items.join('')}</ul>`;
}

/** Its id, and on a second look all of it. */
const recordOf = (id: string, text: string): string =>
  `<abbr title="${escapeHtml(text)}">${escapeHtml(id)}</abbr> ${escapeHtml(/\(([^()]*)\)$/.exec(text)?.[1] ?? text)}`;

function repairOf({ diff, remediation: { outcome, regressions, not_counted: why } }: Played): string {
  const text =
    outcome === 'none'
      ? `Nothing was changed${why === undefined ? '' : ` (${why})`}.`
      : `${outcome}${regressions === 0 ? '' : `, and ${regressions} other things are worse`}`;
  const tone = outcome === 'fixed' && regressions === 0 ? 'good' : outcome === 'none' ? 'dim' : 'warn';
  const change = diff === '' ? '' : `<pre>${colourDiff(diff)}</pre>`;
  return `<h3>Repair</h3><p class="${tone}">${escapeHtml(text)}</p>${change}`;
}

const colourDiff = (diff: string): string =>
  diff
    .split('\n')
    .map((line) => {
      const kind = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
      return kind === '' ? escapeHtml(line) : `<span class="${kind}">${escapeHtml(line)}</span>`;
    })
    .join('\n');
