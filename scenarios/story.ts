/**
 * A story: one incident as demo, documentation and test. What is broken, what must be seen, what is asked, what must be
 * answered and repaired; written in YAML, for any branch of the reference network.
 */
import { readFileSync } from 'node:fs';
import { WayleaveError } from '../broker/errors.ts';
import { FAULT_TYPES } from '../simulators/faults/faults.ts';
import { type ReadYaml, readYaml } from './read-yaml.ts';
import { isRecorded, type RecordedStory, readRecordedStory } from './recording/recorded-story.ts';
import { readStoryFile } from './story-file.ts';
import { findContradictions, type Story, storyForm } from './story-form.ts';

const TYPES: ReadonlySet<string> = new Set(FAULT_TYPES.map(({ type }) => type));

export type { Story } from './story-form.ts';

/** Every incident of the catalogue, in its order. */
export const STORY_IDS = [
  ...['T01', 'T02', 'T04', 'T06', 'T07', 'T09', 'O01', 'O02', 'O05', 'O06', 'O09', 'C01', 'C02', 'C04', 'C06'],
  ...['R01', 'R02', 'R03', 'R05', 'R06', 'R08', 'R09', 'P01', 'P03', 'P04', 'P06', 'P07', 'S01', 'S04', 'S05'],
  ...['D01', 'D03', 'X01', 'X02', 'H01'],
] as const;

/** The situations that no single incident shows: storms, stale data, planted text, strangers, approvals. */
export const META_IDS = ['M01', 'M02', 'M03', 'M04', 'M05', 'M06', 'M07', 'M08'] as const;

/** Those that the tour can tell from the alarm to the repair. */
export const TOUR_IDS = ['R01', 'P04', 'O01', 'T01', 'R02', 'D03'] as const;
/** Those that the tour tells from a threat to the end of its containment. */
export const CONTAINMENT_TOUR_IDS = ['X02'] as const;

/** Those that it tells from what people feel to what they feel afterwards. */
export const EXPERIENCE_IDS = ['P03'] as const;

/** A story with all that the tour needs: one fault beside what is only its surroundings, and what is expected of the agents. */
export type TourStory = Story & { readonly tour: NonNullable<Story['tour']>; readonly fault: Story['faults'][number] };

/**
 * Reads a story that ships with Wayleave, or a file, for one branch. Throws `SCENARIO_INVALID` with line and field. `root`:
 * the folder in which the file was found.
 */
export function loadStory(name: string, branch?: number, root?: string): Story {
  return readStory(name, branch, root).value;
}

/** The same, or the story of a recording. */
export function loadAnyStory(name: string, root?: string): Story | RecordedStory {
  const { text, label } = readText(name, root);
  return isRecorded(text) ? readRecordedStory(text, label).value : readStoryText(text, label).value;
}

/** A story, with a way to refuse it at a place. */
export function readStory(name: string, branch?: number, root?: string): ReadYaml<Story> {
  const { text, label } = readText(name, root);
  return readStoryText(text, label, branch);
}

function readText(name: string, root?: string): { readonly text: string; readonly label: string } {
  const shipped = [...STORY_IDS, ...META_IDS].find((id) => id === name.toUpperCase());
  const label = shipped ?? name;
  const text =
    shipped === undefined
      ? readStoryFile(name, root)
      : readFileSync(new URL(`./stories/${shipped}.yaml`, import.meta.url), 'utf8');
  if (text === undefined)
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `There is no scenario ${label}: give one of ${[...STORY_IDS, ...META_IDS].join(' ')} or a file.`,
    );
  return { text, label };
}

/** A story for the tour. Throws `SCENARIO_INVALID` for one that the tour cannot tell. */
export function loadTourStory(name: string, branch?: number): TourStory {
  const found = loadStory(name, branch);
  const [first, ...others] = found.faults.filter(({ neutral }) => !neutral);
  if (found.tour === undefined || first === undefined || others.length > 0) {
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `${found.id}: the tour cannot tell it: it needs one fault and a part \`tour\`. It tells ${[...TOUR_IDS, ...EXPERIENCE_IDS, ...CONTAINMENT_TOUR_IDS].join(' ')}.`,
    );
  }
  return { ...found, tour: found.tour, fault: first };
}

/** Throws `SCENARIO_INVALID` with the line and the field. */
export const parseStory = (text: string, label: string, branch?: number): Story =>
  readStoryText(text, label, branch).value;

function readStoryText(text: string, label: string, branch?: number): ReadYaml<Story> {
  const { value, refuse } = readYaml(text, label, storyForm);
  for (const [where, { type }] of value.faults.entries()) {
    if (!TYPES.has(type))
      throw refuse(['faults', where, 'type'], `there is no fault type ${type}; \`wayleave fault list\` shows them`);
  }
  const [contradiction] = findContradictions(value);
  if (contradiction !== undefined) throw refuse(contradiction.path, contradiction.says);
  const chosen = branch ?? value.branch;
  return { value: { ...at(value, chosen), branch: chosen }, refuse };
}

/** Puts the branch number in place of `{N}` in every text. */
function at<T>(value: T, branch: number): T {
  if (typeof value === 'string') return value.replaceAll('{N}', String(branch)) as T & string;
  if (Array.isArray(value)) return value.map((one) => at(one, branch)) as T & unknown[];
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, at(one, branch)])) as T & object;
  }
  return value;
}
