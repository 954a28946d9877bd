/** `npm run codebook [-- TYPE …]`: generates the patterns of the diagnosis anew, of all types or of those named, on all cores. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { PATTERNS, type Patterns, patternsSchema } from '../agents/diagnosis/patterns.ts';
import { generatePatterns, PATTERN_TYPES, sortKeys, writePatterns } from './patterns.ts';

const FILE = fileURLToPath(new URL('../agents/diagnosis/patterns.json', import.meta.url));
const SELF = fileURLToPath(import.meta.url);

/** Generates one type after the other in a process of its own, and says what came of each. */
function serve(): void {
  process.on('message', (type) => process.send?.(generatePatterns([String(type)])));
}

/** Takes types from the queue until it is empty. */
function work(queue: string[], note: (type: string, generated: Patterns) => void): Promise<void> {
  const worker = fork(SELF, ['--serve'], { execArgv: ['--import', import.meta.resolve('tsx')] });
  return new Promise((resolve, reject) => {
    let type: string | undefined;
    const next = (): void => {
      type = queue.shift();
      if (type === undefined) worker.disconnect();
      else worker.send(type);
    };
    worker.on('message', (message) => {
      note(type ?? '', patternsSchema.parse(message));
      next();
    });
    worker.on('exit', () => (type === undefined ? resolve() : reject(new Error(`the process for ${type} ended`))));
    next();
  });
}

async function main(types: readonly string[]): Promise<void> {
  const unknown = types.find((type) => !PATTERN_TYPES.includes(type));
  if (unknown !== undefined) throw new Error(`${unknown} is no fault type. They are: ${PATTERN_TYPES.join(', ')}`);
  const queue = [...(types.length === 0 ? PATTERN_TYPES : types)];
  const total = queue.length;
  const faults: Record<string, Patterns['faults'][string]> = types.length === 0 ? {} : { ...PATTERNS.faults };
  let normal = PATTERNS.normal;
  let done = 0;
  await Promise.all(
    Array.from({ length: Math.min(availableParallelism(), total) }, () =>
      work(queue, (type, generated) => {
        done += 1;
        normal = generated.normal;
        // A type that nothing here can bear is no longer known.
        delete faults[type];
        Object.assign(faults, generated.faults);
        console.error(`${done}/${total} ${type}`);
      }),
    ),
  );
  writeFileSync(FILE, writePatterns({ normal, faults: sortKeys(faults) }));
}

if (process.argv[2] === '--serve') serve();
else await main(process.argv.slice(2));
