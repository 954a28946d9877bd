/** A unified diff, drawn in one column or two. Every line is text: `+` and `-` stay, so that colour carries nothing alone. */

import { Cut } from './cut.tsx';

interface DiffLine {
  readonly kind: 'add' | 'del' | 'same' | 'head';
  readonly text: string;
}

const KINDS: { readonly [mark: string]: DiffLine['kind'] } = { '+': 'add', '-': 'del', '@': 'head' };

/** More lines than anybody reads are not drawn; how many there are is said. */
const MAX_LINES = 4_000;

export function readDiff(text: string): readonly DiffLine[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const kind = /^(---|\+\+\+) /.test(line) ? 'head' : (KINDS[line[0] ?? ''] ?? 'same');
      return { kind, text: line };
    });
}

type Pair = readonly [DiffLine | undefined, DiffLine | undefined];

/** Removed lines beside those that took their place. */
export function pairLines(lines: readonly DiffLine[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let removed: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = (): void => {
    for (let at = 0; at < Math.max(removed.length, added.length); at++) pairs.push([removed[at], added[at]]);
    [removed, added] = [[], []];
  };
  for (const line of lines) {
    if (line.kind === 'del') {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === 'add') added.push(line);
    else {
      flush();
      pairs.push([line, line]);
    }
  }
  flush();
  return pairs;
}

export function Diff({ text, split = false }: { readonly text: string; readonly split?: boolean }) {
  const all = readDiff(text);
  if (all.length === 0) return null;
  const lines = all.slice(0, MAX_LINES);
  const more = all.length - lines.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className={`diff ${split ? 'split' : ''}`} tabIndex={0} aria-label="diff">
      {split
        ? pairLines(lines).map(([left, right], index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a diff does not change its lines
            <div key={index} className="pair">
              <Line line={left} />
              <Line line={right} />
            </div>
          ))
        : // biome-ignore lint/suspicious/noArrayIndexKey: a diff does not change its lines
          lines.map((line, index) => <Line key={index} line={line} />)}
      {more > 0 && <div className="same">… {more}</div>}
    </section>
  );
}

const Line = ({ line }: { readonly line: DiffLine | undefined }) => (
  <div className={line?.kind ?? 'none'}>
    <Cut text={line?.text ?? ''} />
  </div>
);
