/** Tries attacks one after the other: a line of JSON each, for the table and for the measurement without a defence. */
import { parseArgs } from 'node:util';
import { type Attempt, closeLaboratories } from './attack.ts';
import { ATTACKS } from './attacks.ts';

/** Longest time that one attack may take, milliseconds. */
const PATIENCE_MS = 120_000;

export interface Tried extends Attempt {
  readonly id: string;
}

/** The attacks of `ids`, in the order of the list. An attempt that throws or hangs proves nothing and counts as not refused. */
export async function* tryAttacks(ids: ReadonlySet<string>): AsyncGenerator<Tried> {
  for (const { id, attempt } of ATTACKS) {
    if (!ids.has(id)) continue;
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
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
  for await (const tried of tryAttacks(new Set(values.only.split(',')))) console.log(JSON.stringify(tried));
  await closeLaboratories();
  process.exit(0); // what an attack left open must not keep the measurement waiting
}
