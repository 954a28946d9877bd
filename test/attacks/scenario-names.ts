/** Attacks by the name of a scenario, or of a file in a bundle: out of the folder, to what is no file, or to what has no end. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WayleaveError } from '../../broker/errors.ts';
import { buildSchema } from '../../broker/policy/schema.ts';
import { packBundle } from '../../broker/policy-bundles/bundle.ts';
import { findStories } from '../../scenarios/replay/choose-cases.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';

/** Words of a file that is none of the reader's business: an error must not repeat them. */
const SECRET = 'root-password-of-the-machine';

/** Refused means: as a scenario that is none, without a word of what the file holds. */
function refusal(work: () => unknown, code: string): Attempt {
  try {
    work();
    return { refused: false, how: 'read' };
  } catch (error) {
    if (!(error instanceof WayleaveError)) throw error;
    const told = error.message.includes(SECRET);
    return { refused: error.code === code && !told, how: told ? `told: ${error.message}` : error.code };
  }
}

export const SCENARIO_NAME_ATTACKS: readonly Attack[] = [
  {
    id: 'RES-06',
    guard: 'names-of-stories',
    attempt: async () => {
      const outside = mkdtempSync(path.join(tmpdir(), 'wayleave-outside-'));
      const root = path.join(outside, 'stories');
      mkdirSync(root);
      writeFileSync(path.join(outside, 'shadow'), `${SECRET}: [\n`);
      // A story like any other, but none of this folder.
      copyFileSync(new URL('../../scenarios/stories/T01.yaml', import.meta.url), path.join(outside, 'secret.yaml'));
      const name = (text: string) => async (): Promise<Attempt> =>
        refusal(() => findStories([text]), 'SCENARIO_INVALID');
      /** A folder of stories that somebody handed over, with a link in it. */
      const folder = (to: string) => async (): Promise<Attempt> => {
        const link = path.join(root, 'story.yaml');
        symlinkSync(to, link);
        try {
          return refusal(() => findStories([root]), 'SCENARIO_INVALID');
        } finally {
          rmSync(link);
        }
      };
      const file = (text: string) => async (): Promise<Attempt> =>
        refusal(
          () => packBundle([{ name: text, text: '' }], { observe: [], approvals: { least: 1 } }, buildSchema([])),
          'INPUT_INVALID',
        );
      try {
        return await attemptAll([
          ['up', name('../../../../../../../../etc/passwd')],
          ['absolute', name('/etc/passwd')],
          ['absolute, of ours', name(path.join(outside, 'shadow'))],
          ['up from an id', name('T01/../../../../etc/passwd')],
          ['NUL', name('T01.yaml\u0000.txt')],
          ['a NUL before the ending', name('/etc/passwd\u0000.yaml')],
          ['a very long one', name(`${'a'.repeat(100_000)}.yaml`)],
          ['what has no end', name('/dev/zero')],
          ['a device of Windows', name('CON')],
          ['and with an ending', name('NUL.yaml')],
          ['a link out of the folder', folder(path.join(outside, 'secret.yaml'))],
          ['a link to what is no YAML', folder(path.join(outside, 'shadow'))],
          ['a link to what has no end', folder('/dev/zero')],
          ['a file of a bundle, up', file('../../people.cedar')],
          ['a file of a bundle, absolute', file('/etc/people.cedar')],
          ['a file of a bundle of another kind', file('people.cedar.sh')],
        ]);
      } finally {
        rmSync(outside, { recursive: true, force: true });
      }
    },
  },
];
