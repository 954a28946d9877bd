/** One case of a replay as HTML: what was expected and answered, what happened when, what the answer rests on. Pure. */
import type { Moment, Pair, Played, Statement } from '../../../scenarios/replay/case.ts';
import type { Scored } from '../../../scenarios/replay/summary.ts';
import { escapeHtml } from './escape-html.ts';

/** Evidence records that one statement shows. */
const MAX_RECORDS = 6;

const KINDS: Readonly<Record<Moment['kind'], string>> = {
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

/** `open`: shown unfolded. */
export function renderCase({ played, score }: Scored, open: boolean): string {
  const { id, title, size, seed, verdict } = played;
  const word = score === undefined ? 'n/a' : score.right ? 'right' : 'miss';
  const head = `<span class="tag ${word === 'n/a' ? 'na' : word}">${word}</span> <b>${escapeHtml(id)}</b> ${escapeHtml(title)} <span class="dim">size ${escapeHtml(size)} · seed ${seed} · ${escapeHtml(played.not_applicable === undefined ? verdict : 'not applicable')}</span>`;
  if (played.not_applicable !== undefined)
    return `<details class="case"><summary>${head}</summary><p>${escapeHtml(played.not_applicable)}</p></details>`;
  return `<details class="case"${open ? ' open' : ''} id="${escapeHtml(`${id}-${size}-${seed}`)}"><summary>${head}</summary>
<p class="lead">${escapeHtml(sayWhat(played, score?.right === true))}</p>
${played.violations.map((one) => `<p class="bad">Violation: ${escapeHtml(one)}</p>`).join('')}
${comparePairs(played)}
${drawTimeline(played.moments)}
${statements('Because', played.because)}
${statements(
  'Ruled out',
  played.ruled_out.map((one) => ({ ...one, text: `${one.fault_type}: ${one.text}` })),
)}
${played.diff === '' ? '' : `<h4>Proposed change · ${escapeHtml(played.remediation.outcome)}</h4><pre class="diff">${colourDiff(played.diff)}</pre>`}
<details><summary class="dim">All ${played.moments.length} moments, ${played.reads} reads, ${played.wall_ms} ms</summary>${listMoments(played.moments)}</details>
</details>`;
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

function comparePairs({ root_causes: causes, expect }: Played): string {
  const rows = [
    ...expect.causes.map((one) => ['expected', one] as const),
    ...causes.map((one) => ['answered', one] as const),
  ];
  if (rows.length === 0) return '';
  const cells = rows.map(
    ([what, one]) =>
      `<tr><td>${what}</td><td><code>${escapeHtml(one.fault_type)}</code></td><td><code>${escapeHtml(one.resource)}</code></td></tr>`,
  );
  const also =
    expect.equivalent.length === 0 ? '' : `<p class="dim">As good: ${escapeHtml(expect.equivalent.join(', '))}</p>`;
  return `<table><thead><tr><th></th><th>Fault</th><th>Resource</th></tr></thead><tbody>${cells.join('')}</tbody></table>${also}`;
}

const WIDTH = 900;
const LANES: readonly (readonly Moment['kind'][])[] = [
  ['fault'],
  ['question', 'read'],
  ['verdict'],
  ['proposal', 'approval', 'outcome'],
];
const LANE_NAMES = ['breaks', 'looks', 'says', 'repairs'] as const;
const MARGIN = 70;

/** A drawing of the moments over time; the same moments stand below as text. */
function drawTimeline(moments: readonly Moment[]): string {
  const last = Math.max(60, ...moments.map(({ at }) => at));
  // Reads stand close together after a long wait: a logarithm shows both.
  const x = (at: number): number => MARGIN + (Math.log1p(Math.max(0, at)) / Math.log1p(last)) * (WIDTH - MARGIN - 20);
  const lanes = LANES.map((kinds, lane) => {
    const y = 16 + lane * 20;
    const marks = moments
      .filter(({ kind }) => kinds.includes(kind))
      .map(
        ({ at, kind, text }) =>
          `<circle class="${kind}" cx="${x(at).toFixed(1)}" cy="${y}" r="4"><title>${clock(at)} ${escapeHtml(text)}</title></circle>`,
      );
    return `<text x="0" y="${y + 4}">${LANE_NAMES[lane]}</text><line x1="${MARGIN}" x2="${WIDTH}" y1="${y}" y2="${y}"/>${marks.join('')}`;
  });
  const ticks = [10, 60, 600, 3_600, 14_400].filter((at) => at <= last);
  const axis = ticks.map((at) => `<text class="tick" x="${x(at).toFixed(1)}" y="98">${clock(at)}</text>`);
  return `<svg viewBox="0 0 ${WIDTH} 104" role="img" aria-label="Timeline of the case">${lanes.join('')}${axis.join('')}</svg>`;
}

/** Seconds after the onset as people say them. */
function clock(at: number): string {
  const [hours, minutes, seconds] = [Math.floor(at / 3_600), Math.floor((at % 3_600) / 60), at % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${seconds} s` : `${seconds} s`;
}

const listMoments = (moments: readonly Moment[]): string =>
  `<ol class="moments">${moments
    .map(({ at, kind, text }) => `<li><time>${clock(at)}</time> <i>${KINDS[kind]}</i> ${escapeHtml(text)}</li>`)
    .join('')}</ol>`;

function statements(title: string, list: readonly Statement[]): string {
  if (list.length === 0) return '';
  const items = list.map(({ text, evidence }) => {
    const shown = evidence
      .slice(0, MAX_RECORDS)
      .map((one) => `<li><code>${escapeHtml(one.id)}</code> ${escapeHtml(one.text)}</li>`);
    const rest = evidence.length > MAX_RECORDS ? `<li>and ${evidence.length - MAX_RECORDS} more</li>` : '';
    return `<li>${escapeHtml(text)}<ul class="records">${shown.join('')}${rest}</ul></li>`;
  });
  return `<h4>${title}</h4><ul>${items.join('')}</ul>`;
}

const colourDiff = (diff: string): string =>
  diff
    .split('\n')
    .map((line) => {
      const kind = line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
      return kind === '' ? escapeHtml(line) : `<span class="${kind}">${escapeHtml(line)}</span>`;
    })
    .join('\n');
