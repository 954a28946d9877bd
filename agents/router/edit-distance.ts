/** How many typing slips lie between two words. */

/** Optimal string alignment distance (Damerau–Levenshtein without overlapping swaps): insert, delete, replace, swap count one each. */
export function editDistance(a: string, b: string): number {
  const row = (length: number): number[] => Array.from({ length: length + 1 }, () => 0);
  let before = row(b.length);
  let above = row(b.length).map((_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const here = row(b.length);
    here[0] = i;
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((above[j] ?? 0) + 1, (here[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      here[j] = best;
    }
    before = above;
    above = here;
  }
  return above[b.length] ?? 0;
}

/** The words of a list that are nearest within the slips allowed; several when they are equally near. */
export function findNearest(word: string, words: Iterable<string>, allowed: number): readonly string[] {
  let best = allowed;
  let found: string[] = [];
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) > best) continue;
    const distance = editDistance(word, candidate);
    if (distance < best) found = [];
    if (distance <= best) {
      best = distance;
      found.push(candidate);
    }
  }
  return found;
}
