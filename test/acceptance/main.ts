/** `npm run acceptance`: plays what is measured, piece by piece, keeps each case, and prints aims beside measurements. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { playCases } from '../../apps/replay/pool.ts';
import { sumUp } from '../../scenarios/replay/summary.ts';
import { compareWithAims } from './aims.ts';
import { type KeptResults, openResults } from './kept-results.ts';
import { listPieces, type Piece } from './pieces.ts';
import { compareWays, listLeftOut } from './tables.ts';

const USAGE = `npm run acceptance [-- --only catalogue,calm] [--seeds 1,2,3,4,5] [--jobs 2] [--minutes 30]
                   [--keep acceptance.jsonl] [--catalogue incidents.json] [--json]

Plays the catalogue at sizes s, m, l and on the example networks, every fault type at places that the seed draws, two
faults at once, 200 calm networks, families that the engine does not know, and 1,000 sites. --only: beginnings of the
names of pieces. What was played is kept in a file: run it again to go on, delete the file to begin anew. Exit 20 when
an aim is missed.`;

const DIFFERENCE = 20;

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      seeds: { type: 'string', default: '1,2,3,4,5' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      minutes: { type: 'string', default: '600' },
      keep: { type: 'string', default: 'acceptance.jsonl' },
      catalogue: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { only, seeds, jobs, minutes } = values;
  return {
    ...values,
    only: only.split(','),
    seeds: seeds.split(',').map(Number),
    jobs: Math.max(1, Number(jobs)),
    until: performance.now() + Number(minutes) * 60_000,
  };
}

/** Plays what is missing of a piece; stops between two batches when the time is up. */
async function play(piece: Piece, kept: KeptResults, jobs: number, until: number): Promise<void> {
  const done = new Set(
    kept.list().flatMap(({ piece: name, scored }) => (name === piece.name ? [scored.played.id] : [])),
  );
  const missing = piece.cases().filter(({ id }) => !done.has(id));
  const interrupted = new AbortController();
  try {
    await playCases(missing, {
      jobs,
      interrupted: interrupted.signal,
      progress: (count, scored) => {
        kept.add({ piece: piece.name, scored });
        const { played, score } = scored;
        const word = score === undefined ? 'n/a' : score.right ? 'right' : 'MISS';
        console.error(
          `${piece.name} ${count}/${missing.length} ${played.id} ${word} ${played.verdict} ${played.wall_ms} ms`,
        );
        if (performance.now() > until) interrupted.abort(new Error('the time is up'));
      },
    });
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  }
}

function show(kept: KeptResults, pieces: readonly Piece[], json: boolean): boolean {
  const kinds = new Map(pieces.map(({ name, kind }) => [name, kind]));
  const rows = compareWithAims(kept.list(), kinds);
  const byPiece = pieces.flatMap(({ name }) => {
    const scored = kept.list().flatMap((one) => (one.piece === name ? [one.scored] : []));
    return scored.length === 0 ? [] : [{ name, ...sumUp(scored, 0) }];
  });
  const ways = compareWays(kept.list());
  const leftOut = listLeftOut(kept.list());
  if (json) console.log(JSON.stringify({ aims: rows, pieces: byPiece, ways, leftOut }));
  else {
    const text = (value: number | null): string => (value === null ? '-' : String(value));
    for (const { aim, wanted, measured, cases, reached } of rows)
      console.log(
        `${aim.padEnd(56)}${wanted.padEnd(9)}${text(measured).padEnd(9)}${String(cases).padEnd(6)}${reached === undefined ? '' : reached ? 'reached' : 'MISSED'}`,
      );
    console.log(`\n${'piece'.padEnd(34)}cases  causes  places  detected  false`);
    for (const one of byPiece)
      console.log(
        `${one.name.padEnd(34)}${String(one.cases).padEnd(7)}${text(one.rca_f1).padEnd(8)}${text(one.localisation_f1).padEnd(8)}${text(one.detection).padEnd(10)}${text(one.false_positive_rate)}`,
      );
    if (ways.length > 0) console.log(`\n${'way of looking'.padEnd(34)}cases  causes  places  detected  false`);
    for (const one of ways)
      console.log(
        `${one.way.padEnd(34)}${String(one.cases).padEnd(7)}${text(one.rootCauses).padEnd(8)}${text(one.localisation).padEnd(8)}${text(one.detection).padEnd(10)}${text(one.falsePositives)}`,
      );
    if (leftOut.length > 0) console.log('\nfamily left out: what was said of what is unknown');
    for (const { id, seed, expected, verdict, named, doubts, placed } of leftOut)
      console.log(
        `${`${id} seed ${seed}`.padEnd(14)}${(doubts && placed ? 'right' : doubts ? 'elsewhere' : 'WRONG CAUSE').padEnd(13)}${verdict.padEnd(14)}${expected}: ${named}`,
      );
  }
  return rows.every(({ reached }) => reached !== false);
}

async function main(): Promise<number> {
  const { help, json, only, seeds, jobs, until, keep, catalogue } = readOptions();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const kept = openResults(keep);
  const pieces = listPieces(seeds, catalogue);
  for (const piece of pieces) {
    if (performance.now() > until) break;
    if (only.some((begin) => piece.name.startsWith(begin))) await play(piece, kept, jobs, until);
  }
  return show(kept, pieces, json) ? 0 : DIFFERENCE;
}

process.exitCode = await main();
