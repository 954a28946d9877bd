/** What documents point to is there: files, headings, and every command line that they quote. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { complainOf, findCommands, splitWords } from './quoted-commands.ts';
import { ROOT } from './source-files.ts';

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md'],
  ...readdirSync(path.join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');

/** As GitHub names headings. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[`*]/g, '')
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

/** Links to places in this repository; those that leave it are not asked for. */
function brokenLinks(name: string): readonly string[] {
  const text = read(name).replaceAll(/```[\s\S]*?```/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? name : path.join(path.dirname(name), file);
      if (!existsSync(path.join(ROOT, place))) return true;
      return anchor !== undefined && !anchorsOf(read(place)).includes(anchor);
    });
}

/** Pages that a sentence names without a link. */
const missingPages = (name: string): readonly string[] =>
  [...read(name).matchAll(/\bdocs\/[a-z-]+\.md\b/g)].map(([page]) => page).filter((page) => !DOCUMENTS.includes(page));

describe('documents', () => {
  it.each(DOCUMENTS)('%s points to what is there', (name) => {
    expect([...brokenLinks(name), ...missingPages(name)]).toEqual([]);
  });

  it.each(DOCUMENTS)('%s quotes commands that the command line takes', async (name) => {
    const wrong: string[] = [];
    for (const quoted of findCommands(read(name))) {
      const complaint = await complainOf(quoted);
      if (complaint !== undefined) wrong.push(`${quoted.text}: ${complaint}`);
    }
    expect(wrong).toEqual([]);
  });

  it('are all in the index, once', () => {
    const linked = [...read('docs/README.md').matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, page = '']) => `docs/${page}`);
    const pages = DOCUMENTS.filter((name) => name.startsWith('docs/') && name !== 'docs/README.md');
    expect(linked.toSorted()).toEqual(pages.toSorted());
  });
});

describe('the reader of quoted commands', () => {
  it('finds them in blocks and sentences, and splits them as a shell does', () => {
    const found = findCommands('a `wayleave up` b\n```sh\n$ wayleave ask "why so?" --as x   # told\nls\n```\n');
    expect(found.map(({ text, isWhole }) => [splitWords(text), isWhole])).toEqual([
      [['wayleave', 'up'], false],
      [['wayleave', 'ask', 'why so?', '--as', 'x'], true],
    ]);
  });

  it.each([
    ['wayleave fly', false],
    ['wayleave approvals fly', false],
    ['wayleave up --fast', false],
    ['wayleave approvals show', true],
    ['wayleave approvals approve', true],
    ['wayleave up --fast', true],
  ])('does not take %s', async (text, isWhole) => {
    expect(await complainOf({ line: 1, text, isWhole })).toBeDefined();
  });
});
