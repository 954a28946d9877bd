/** From what somebody typed to the cases that are played: stories by id, file or folder, or the incidents of a catalogue. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { WayleaveError } from '../../broker/errors.ts';
import { loadCatalogue } from '../catalogue.ts';
import { createStoryCheck } from '../check-story.ts';
import { recordedCases } from '../recording/recorded-cases.ts';
import { loadAnyStory, META_IDS, STORY_IDS } from '../story.ts';
import type { ReplayCase } from './case.ts';
import { catalogueCases } from './catalogue-cases.ts';
import type { Setting } from './plan.ts';
import { storyCases } from './story-cases.ts';

/** A folder with more is not a folder of stories. */
const MAX_STORIES = 2_000;
/** The word for everything that ships, also where no folder has its name. */
const SHIPPED = 'scenarios';

export interface Choice {
  /** Ids, files, folders; empty for all. */
  readonly names: readonly string[];
  readonly catalogue?: string;
  readonly settings: readonly Setting[];
}

/** Throws `SCENARIO_INVALID`, `CATALOGUE_MISSING`. */
export function chooseCases({ names, catalogue, settings }: Choice): readonly ReplayCase[] {
  const cases = catalogue === undefined ? fromStories(names, settings) : fromCatalogue(catalogue, names, settings);
  if (cases.length === 0) throw new WayleaveError('SCENARIO_INVALID', 'There is nothing to replay.');
  return cases;
}

function fromCatalogue(file: string, names: readonly string[], settings: readonly Setting[]): readonly ReplayCase[] {
  const read = loadCatalogue(file);
  const unknown = names.find((name) => !read.incidents.some(({ id }) => id === name));
  if (unknown !== undefined) throw new WayleaveError('SCENARIO_INVALID', `${file} has no incident ${unknown}.`);
  return catalogueCases(read, file, names, settings);
}

type AnyStory = ReturnType<typeof loadAnyStory>;

function fromStories(names: readonly string[], settings: readonly Setting[]): readonly ReplayCase[] {
  const check = createStoryCheck([...new Set(settings.map(({ network }) => network))]);
  const found = listStories(names).map(({ name, root }) => {
    const one = loadAnyStory(name, root);
    // What somebody wrote by hand may name what is nowhere; mapped to something else it would tell another story.
    if (!('recorded' in one) && !isShipped(name)) check(name, root);
    return one;
  });
  const stories = found.flatMap((one) => ('recorded' in one ? [] : [one]));
  const recorded = found.flatMap((one) => ('recorded' in one ? [one] : []));
  return [...storyCases(stories, settings), ...recordedCases(recorded)];
}

export const findStories = (names: readonly string[]): readonly AnyStory[] =>
  listStories(names).map(({ name, root }) => loadAnyStory(name, root));

const SHIPPED_IDS: readonly string[] = [...STORY_IDS, ...META_IDS];
const isShipped = (name: string): boolean => SHIPPED_IDS.includes(name.toUpperCase());

/** Ids and files, with the folder that a file was found in. */
function listStories(names: readonly string[]): readonly { readonly name: string; readonly root?: string }[] {
  const wanted = names.length === 0 ? [SHIPPED] : names;
  return wanted.flatMap((name) => {
    if (existsSync(name) && statSync(name).isDirectory())
      return findFiles(name).map((file) => ({ name: file, root: name }));
    return name === SHIPPED ? SHIPPED_IDS.map((id) => ({ name: id })) : [{ name }];
  });
}

function findFiles(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file))
    .sort();
  if (files.length === 0 || files.length > MAX_STORIES)
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `${folder} has ${files.length} stories (*.yaml); give a folder with 1 to ${MAX_STORIES}.`,
    );
  return files.map((file) => path.join(folder, file));
}
