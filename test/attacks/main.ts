/**
 * `npm run attacks [-- --only TOK-01,… --category token --quick --json]`: tries every attack of the catalogue, then each of
 * them again with its defence taken out. Exit code 20 when one got through, or when a defence is not what stops it.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { closeLaboratories } from './attack.ts';
import { CATALOGUE, type ListedAttack, loadAttacks } from './attacks.ts';
import { DEFENCES, type DefenceName } from './defences.ts';
import { copySources } from './measure.ts';
import { type Tried, tryAttacks } from './run.ts';

const DIFFERENCE = 20;
const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

interface Case {
  readonly id: string;
  readonly refused: boolean;
  readonly how: string;
  readonly guard?: DefenceName;
  /** What the attack came to without the defence; absent when it was not measured. */
  readonly fails_without_guard?: boolean;
  readonly pending?: string;
}

async function attackAll(attacks: readonly ListedAttack[], talk: (text: string) => void): Promise<Map<string, Case>> {
  const cases = new Map<string, Case>();
  for await (const { id, refused, how } of tryAttacks(attacks)) {
    const guard = attacks.find((one) => one.id === id)?.guard;
    cases.set(id, { id, refused, how, ...(guard === undefined ? {} : { guard }) });
    talk(`${refused ? 'refused' : 'GOT THROUGH'} ${id}: ${how}`);
  }
  await closeLaboratories();
  return cases;
}

async function measureDefences(
  attacks: readonly ListedAttack[],
  cases: Map<string, Case>,
  talk: (text: string) => void,
): Promise<void> {
  const names = [...new Set(attacks.map(({ guard }) => guard))];
  const work = async (): Promise<void> => {
    const copy = copySources(root);
    try {
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        const mine = attacks.filter(({ guard }) => guard === name);
        // What hung or died measures nothing, and the others go on.
        const tried = await copy.tryWithout(DEFENCES[name], mine).catch((error: unknown) => {
          const how = `broke: ${error instanceof Error ? error.message : String(error)}`;
          return mine.map(({ id }): Tried => ({ id, refused: false, how }));
        });
        for (const { id } of mine) {
          const without = tried.find((one) => one.id === id);
          const fails = without !== undefined && !without.refused && !without.how.startsWith('broke:');
          const known = cases.get(id);
          if (known !== undefined) cases.set(id, { ...known, fails_without_guard: fails });
          talk(`without ${name} ${id} ${fails ? 'gets through' : 'IS STILL REFUSED'}: ${without?.how ?? 'no answer'}`);
        }
      }
    } finally {
      copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), names.length) }, work));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      category: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const talk = (text: string): void => console.error(text);
  const only = values.only?.split(',');
  const wanted = CATALOGUE.filter(
    ({ id, category }) =>
      (only?.includes(id) ?? true) && (values.category === undefined || category === values.category),
  );
  if (wanted.length === 0) {
    console.error('No such attack. Ids and categories are in test/attacks/attacks.json.');
    return 2;
  }
  const ids = new Set(wanted.map(({ id }) => id));
  const attacks = (await loadAttacks()).filter(({ id }) => ids.has(id));
  const cases = await attackAll(attacks, talk);
  if (!values.quick) await measureDefences(attacks, cases, talk);
  const list = wanted.map(
    ({ id }): Case => cases.get(id) ?? { id, refused: false, how: '', pending: 'nothing tries it' },
  );
  if (values.json) console.log(JSON.stringify({ cases: list }));
  else {
    for (const { id, refused, how, guard, fails_without_guard: fails, pending } of list) {
      const verdict = pending === undefined ? (refused ? 'refused' : 'GOT THROUGH') : 'pending';
      const worth = fails === undefined ? '' : fails ? ', gets through without it' : ', STILL REFUSED WITHOUT IT';
      console.log(`${id}  ${verdict.padEnd(11)}  ${pending ?? `${how}  [${guard}${worth}]`}`);
    }
  }
  const through = list.filter(({ refused, pending }) => !refused && pending === undefined);
  const idle = list.filter(({ fails_without_guard: fails }) => fails === false);
  const waiting = list.filter(({ pending }) => pending !== undefined);
  talk(
    `${list.length} attacks: ${list.length - through.length - waiting.length} refused, ${through.length} got through, ${waiting.length} pending; ` +
      `${idle.length} refused by something else than the defence they name`,
  );
  return through.length + idle.length === 0 ? 0 : DIFFERENCE;
}

process.exitCode = await main();
