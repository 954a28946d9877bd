/** Reads a story or a recording by the name of its file: a regular file of its kind, also at the end of its links, and inside of the folder that was named. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ErrorCode, WayleaveError } from '../broker/errors.ts';
import { MAX_BYTES } from './read-yaml.ts';

/** Longest path of Linux (`PATH_MAX`). */
const LONGEST = 4096;
const MIB = 1024 * 1024;

interface FileKind {
  readonly ending: RegExp;
  readonly code: ErrorCode;
  /** What to give instead. */
  readonly give: string;
  readonly most: number;
  readonly tooLarge: string;
}

const STORY: FileKind = {
  ...{ ending: /\.ya?ml$/, code: 'SCENARIO_INVALID', give: 'the id of a scenario, or a file *.yaml' },
  ...{ most: MAX_BYTES, tooLarge: 'larger than 256 KiB.' },
};
const RECORDING: FileKind = {
  ...{ ending: /\.jsonl$/, code: 'REPLAY_UNREADABLE', give: 'a file *.jsonl' },
  ...{ most: 256 * MIB, tooLarge: 'larger than 256 MiB.' },
};

/**
 * The text; undefined when there is no such file. `root` is the folder that somebody named, when they did not name the file:
 * a link in a folder of stories from elsewhere must not lead out of it. Throws `SCENARIO_INVALID`.
 */
export const readStoryFile = (name: string, root?: string): string | undefined => readFileOf(STORY, name, root);

/** The text of a recording, which lies beside its story; undefined when there is none. Throws `REPLAY_UNREADABLE`. */
export const readRecordingFile = (name: string): string | undefined => readFileOf(RECORDING, name, path.dirname(name));

function readFileOf({ ending, code, give, most, tooLarge }: FileKind, name: string, root?: string): string | undefined {
  const refuse = (why: string): WayleaveError =>
    new WayleaveError(code, `${name.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')}: ${why}`);
  if (!ending.test(name) || name.length > LONGEST || name.includes('\0')) throw refuse(`give ${give}`);
  let real: string;
  try {
    real = realpathSync(name);
  } catch {
    return undefined;
  }
  if (!ending.test(real)) throw refuse(`it is a link to something else than ${give.replace(/^.*a file /, '')}`);
  if (root !== undefined && !real.startsWith(realpathSync(root) + path.sep)) throw refuse('it leads out of the folder');
  const { size, isFile } = fileFacts(real);
  if (!isFile) throw refuse('it is no file');
  if (size > most) throw refuse(tooLarge);
  return readFileSync(real, 'utf8');
}

function fileFacts(name: string): { readonly size: number; readonly isFile: boolean } {
  const facts = statSync(name);
  return { size: facts.size, isFile: facts.isFile() };
}
