/** Unified diff of two canonical configurations: what an approver sees of a change. */

const CONTEXT = 3;
/** Cells of the table of common subsequences; beyond it the changed middle is shown as removed and added as a whole. */
const TABLE_CELLS = 4_000_000;

type Edit = { readonly sign: ' ' | '-' | '+'; readonly line: string };

/**
 * Unified diff with three lines of context, '' when nothing differs. Each hunk names the lines that enclose it, so that
 * `mtu 1400` can be told to be that of `interface name=ge0/0`.
 */
export function unifiedDiff(before: string, after: string, label: string): string {
  if (before === after) return '';
  const edits = compareLines(splitLines(before), splitLines(after));
  const out = [`--- ${label} (before)`, `+++ ${label} (after)`];
  for (const [start, end] of hunkRanges(edits)) {
    const prior = edits.slice(0, start);
    const hunk = edits.slice(start, end);
    const removed = range(prior, hunk, '+');
    const added = range(prior, hunk, '-');
    const context = enclosing(prior, hunk[0]?.line ?? '');
    out.push(
      `@@ -${removed} +${added} @@${context === '' ? '' : ` ${context}`}`,
      ...hunk.map(({ sign, line }) => sign + line),
    );
  }
  return `${out.join('\n')}\n`;
}

function splitLines(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Edits that turn `a` into `b`: equal ends aside, by a longest common subsequence. */
function compareLines(a: readonly string[], b: readonly string[]): readonly Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail])
    tail += 1;
  const equal = (line: string): Edit => ({ sign: ' ', line });
  return [
    ...a.slice(0, head).map(equal),
    ...compareMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(equal),
  ];
}

function compareMiddle(a: readonly string[], b: readonly string[]): readonly Edit[] {
  const width = b.length + 1;
  const removeAll = a.map((line): Edit => ({ sign: '-', line }));
  const addAll = b.map((line): Edit => ({ sign: '+', line }));
  if ((a.length + 1) * width > TABLE_CELLS) return [...removeAll, ...addAll];
  const longest = new Uint32Array((a.length + 1) * width); // of a[i…] and b[j…]
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      edits.push({ sign: ' ', line: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      edits.push({ sign: '-', line: a[i] ?? '' });
      i += 1;
    } else {
      edits.push({ sign: '+', line: b[j] ?? '' });
      j += 1;
    }
  }
  return [...edits, ...removeAll.slice(i), ...addAll.slice(j)];
}

/** Changed lines with their context; hunks that touch are one. */
function hunkRanges(edits: readonly Edit[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  edits.forEach(({ sign }, index) => {
    if (sign === ' ') return;
    const last = ranges.at(-1);
    const end = Math.min(edits.length, index + 1 + CONTEXT);
    if (last !== undefined && index - CONTEXT <= last[1]) last[1] = end;
    else ranges.push([Math.max(0, index - CONTEXT), end]);
  });
  return ranges;
}

/** `start,count` of the side that lacks the lines of sign `absent`; an empty side starts at the line before it. */
function range(prior: readonly Edit[], hunk: readonly Edit[], absent: '+' | '-'): string {
  const count = hunk.filter(({ sign }) => sign !== absent).length;
  const before = prior.filter(({ sign }) => sign !== absent).length;
  return `${count === 0 ? before : before + 1},${count}`;
}

/** The less indented lines above, outermost first. */
function enclosing(prior: readonly Edit[], first: string): string {
  const found: string[] = [];
  let indent = indentOf(first);
  for (const { sign, line } of prior.toReversed()) {
    if (sign === '+' || indentOf(line) >= indent) continue;
    indent = indentOf(line);
    found.unshift(line.trim());
  }
  return found.join(' / ');
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
