/** Shows one event of a run as lines: calls, finding, proposal, pending approval, outcome. Texts of others are made printable. */
import { z } from 'zod';
import type { ChatEvent, Verdict } from '../../../agents/events.ts';
import type { ChangeSummary } from '../../../broker/contract.ts';
import { oneLine, printable, type Style } from '../terminal.ts';
import { listIds, showChange } from './show-change.ts';

type Of<Type extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: Type }>;

export function showEvent(event: ChatEvent, style: Style): readonly string[] {
  switch (event.type) {
    case 'route':
      return [
        style.dim(
          `${event.agent} looks into it${event.about.length === 0 ? '' : `: ${event.about.map(oneLine).join(', ')}`}`,
        ),
      ];
    case 'tool':
      return showCall(event, style);
    case 'finding':
      return showFinding(event, style);
    case 'proposal':
      return [
        '',
        style.bold('Proposal'),
        `  ${oneLine(event.tool)}(${event.target.map(oneLine).join(', ')}) ${oneLine(JSON.stringify(event.input))}`,
        `  ${oneLine(event.why)}`,
      ];
    case 'pending':
      return showPending(event, style);
    case 'outcome':
      return showOutcome(event, style);
    case 'text':
      return printable(event.text).split('\n');
    case 'error':
      return [`${style.red(oneLine(event.code))}: ${oneLine(event.message)}`, style.dim(oneLine(event.hint))];
    case 'done':
      return [];
  }
}

function showCall(event: Of<'tool'>, style: Style): readonly string[] {
  const paint = { done: style.green, denied: style.red, pending: style.yellow, failed: style.red }[event.status];
  const { n, tool, devices, status, evidence, summary, input = '', at } = event;
  const more = devices.length > NAMED ? ` +${devices.length - NAMED}` : '';
  const row = [
    `#${n} ${oneLine(tool)}(${briefly(input)})`,
    ...(devices.length === 0 ? [] : [`${devices.slice(0, NAMED).map(oneLine).join(', ')}${more}`]),
    paint(status),
    ...(at === undefined ? [] : [style.dim(`${oneLine(at.slice(11, 19))}Z`)]),
  ].join(' · ');
  const records = evidence.length === 0 ? '' : `${evidence.length} record${evidence.length === 1 ? '' : 's'}: `;
  return summary === '' && records === '' ? [row] : [row, style.dim(`   ${records}${oneLine(summary)}`)];
}

/** Devices that a row names, and characters of its arguments. */
const NAMED = 2;
const BRIEF = 48;

/** `{"name":"x","size":3}` → `name: x, size: 3`, cut; the console's row shows the same. */
function briefly(input: string): string {
  const spaced = input
    .replace(/^\{|\}$/g, '')
    .replaceAll('":', '": ')
    .replaceAll(',"', ', "');
  const inner = oneLine(spaced.replaceAll('"', ''));
  return inner.length > BRIEF ? `${inner.slice(0, BRIEF - 1)}…` : inner;
}

/** Records that a statement names on a terminal; `--json` has all of them, and `/show evd_…` one. */
const CITED = 2;

const VERDICTS: { readonly [V in Verdict]: string } = {
  'root-cause': 'Root cause found',
  healthy: 'Healthy: nothing is wrong there',
  planned: 'Planned: somebody does this on purpose',
  'not-the-network': 'Not the network',
  inconclusive: 'Inconclusive: these candidates remain',
  blind: 'Blind: the monitoring path fails, so nothing can be said about the network',
};

function showFinding(event: Of<'finding'>, style: Style): readonly string[] {
  return [
    '',
    style.bold(VERDICTS[event.verdict]),
    ...event.rootCauses.map(
      (cause) =>
        `  ${style.bold(`${oneLine(cause.faultType)} at ${oneLine(cause.resource)}`)} · confidence ${cause.confidence.toFixed(2)}`,
    ),
    ...event.because.map((one) => `  · ${oneLine(one.text)} ${style.dim(`[${listIds(one.evidence, CITED)}]`)}`),
    ...(event.ruledOut.length === 0 ? [] : ['  Ruled out:']),
    ...event.ruledOut.map(
      (one) =>
        `  ✗ ${oneLine(one.faultType)}: ${oneLine(one.because)} ${style.dim(`[${listIds(one.evidence, CITED)}]`)}`,
    ),
    ...event.unread.map((what) => style.yellow(`  not read: ${oneLine(what)}`)),
  ];
}

const texts = z.array(z.string());
const summaryForm = z.object({
  decision: z.object({
    id: z.string(),
    revision: z.string(),
    policies: texts,
    reasons: texts,
    advice: texts,
    obligations: z.array(z.object({ kind: z.string() })),
  }),
  diff: z.string(),
  needed: z.object({ count: z.number(), role: z.string() }),
  expiresAt: z.string(),
});
const changeSummary = z.custom<ChangeSummary>((value) => summaryForm.safeParse(value).success);

/** The summary of a pending change, when it has the broker's form. */
export function readSummary(text: string): ChangeSummary | undefined {
  try {
    return changeSummary.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function showPending(event: Of<'pending'>, style: Style): readonly string[] {
  const change = readSummary(event.summary);
  const head = ['', `${style.bold('Waits for approval')} ${style.yellow(oneLine(event.approval))}`];
  return change === undefined ? head : [...head, ...showChange(change, style).map((line) => `  ${line}`)];
}

function showOutcome(event: Of<'outcome'>, style: Style): readonly string[] {
  const paint = event.outcome === 'succeeded' ? style.green : style.red;
  return [
    '',
    `${style.bold('Outcome')} ${paint(event.outcome)}: ${oneLine(event.detail)}`,
    ...event.steps.map(
      ({ device, step, ok, detail }) =>
        `  ${ok ? style.green('✓') : style.red('✗')} ${oneLine(device)} ${oneLine(step)}${detail === '' ? '' : style.dim(` ${oneLine(detail)}`)}`,
    ),
  ];
}
