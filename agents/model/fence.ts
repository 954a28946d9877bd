/** Fences text of devices, logs and people inside a prompt, so that it stands there as data and cannot end its own fence. */

/** Longest data of one prompt; what is over is cut, and the cut is said. */
export const MAX_DATA = 12_000;

/**
 * `data` between two lines that it cannot contain: `mark` is fresh for each prompt, and is taken out where it occurs.
 * Control and formatting characters, which hide text from people, are taken out as well.
 */
export function fence(data: string, mark: string): string {
  const plain = data
    .replace(/[^\P{C}\n\t]/gu, ' ')
    .replaceAll(mark, ' ')
    .replaceAll(/<<<|>>>/g, '···');
  const cut =
    plain.length > MAX_DATA ? `${plain.slice(0, MAX_DATA)}\n(cut: ${plain.length - MAX_DATA} more characters)` : plain;
  return [`<<<data ${mark}`, cut, `data ${mark}>>>`].join('\n');
}
