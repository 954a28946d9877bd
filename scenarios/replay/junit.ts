/** A replay in the form that build servers read: one suite a size and seed, one test a case. */
import type { Scored } from './summary.ts';

// XML 1.0 §2.2: characters that no document may have, and line ends of attributes.
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const escapeXml = (text: string): string =>
  text.replace(FORBIDDEN, '?').replace(/[&<>"'\t\n\r]/g, (found) => `&#${found.charCodeAt(0)};`);
const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

export function writeJunit(scored: readonly Scored[], says: (one: Scored) => string): string {
  const suites = groupBy(scored);
  const written = [...suites].map(([name, cases]) => {
    const failures = cases.filter(({ score }) => score?.right === false).length;
    const skipped = cases.filter(({ score }) => score === undefined).length;
    const time = seconds(cases.reduce((sum, { played }) => sum + played.wall_ms, 0));
    const tests = cases.map((one) => writeTest(name, one, says));
    return `  <testsuite${attributes({ name, tests: cases.length, failures, errors: 0, skipped, time })}>\n${tests.join('\n')}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${written.join('\n')}\n</testsuites>\n`;
}

const suiteOf = ({ played }: Scored): string => `replay ${played.size} seed ${played.seed}`;

function groupBy(scored: readonly Scored[]): ReadonlyMap<string, readonly Scored[]> {
  const groups = new Map<string, Scored[]>();
  for (const one of scored) groups.set(suiteOf(one), [...(groups.get(suiteOf(one)) ?? []), one]);
  return groups;
}

function writeTest(suite: string, one: Scored, says: (one: Scored) => string): string {
  const { played, score } = one;
  const head = `    <testcase${attributes({ classname: suite, name: `${played.id} ${played.title}`, time: seconds(played.wall_ms) })}`;
  if (score === undefined)
    return `${head}><skipped${attributes({ message: played.not_applicable ?? '' })}/></testcase>`;
  if (score.right) return `${head}/>`;
  const lines = [...played.violations, ...played.moments.map(({ at, kind, text }) => `${at} s ${kind}: ${text}`)];
  const type = played.violations.length > 0 ? 'violation' : 'miss';
  return `${head}><failure${attributes({ message: says(one), type })}>${escapeXml(lines.join('\n')).replaceAll('&#10;', '\n')}</failure></testcase>`;
}
