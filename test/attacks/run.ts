/** Tries attacks one after the other: a line of JSON each, for the table and for the measurement without a defence. */
import { parseArgs } from 'node:util';
import { type Attempt, closeLaboratories } from './attack.ts';
import { type ListedAttack, loadAttacks } from './attacks.ts';

/** Longest time that one attack may take, milliseconds. */
const PATIENCE_MS = 120_000;

export interface Tried extends Attempt {
  readonly id: string;
}

/** One after the other. An attempt that throws or hangs proves nothing and counts as not refused. */
export async function* tryAttacks(attacks: readonly ListedAttack[]): AsyncGenerator<Tried> {
  for (const { id, attempt } of attacks) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no result within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
    });
    try {
      yield { id, ...(await Promise.race([attempt(), late])) };
    } catch (error) {
      yield {
        id,
        refused: false,
        how: `broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      };
    } finally {
      clearTimeout(timer);
    }
  }
}

if (process.argv[1]?.endsWith('run.ts') === true) {
  const text = { type: 'string', default: '' } as const;
  const { values } = parseArgs({ options: { only: text, files: text } });
  const only = values.only.split(',');
  const attacks = (await loadAttacks(values.files.split(','))).filter(({ id }) => only.includes(id));
  for await (const tried of tryAttacks(attacks)) console.log(JSON.stringify(tried));
  await closeLaboratories();
  process.exit(0); // what an attack left open must not keep the measurement waiting
}
