/** How a child process and its supervisor speak: settings come as one line on stdin, readiness goes out as one line on stdout, and later updates and requests as further ones. */
import { createInterface } from 'node:readline';
import { WayleaveError } from '../../broker/errors.ts';
import { toErrorLine } from '../error-line.ts';
import { refuseDebugger } from './harden.ts';

export interface RunningChild {
  readonly ready: object;
  readonly stop: () => Promise<void>;
  /** Takes in what the supervisor says later; absent when nothing is. */
  readonly update?: (value: unknown) => Promise<void>;
}

/** The answer to a later line; a failed update is an answer, too, and the supervisor decides. */
async function takeIn(running: Pick<RunningChild, 'update'>, line: string): Promise<object> {
  const { id, update }: { readonly id: number; readonly update: unknown } = JSON.parse(line);
  try {
    if (running.update === undefined) throw new WayleaveError('INTERNAL', 'This process takes no updates.');
    await running.update(update);
    return { updated: id };
  } catch (error) {
    return { updated: id, failed: error instanceof WayleaveError ? error.message : 'it could not be taken in' };
  }
}

/**
 * Runs the main function of a child: reads its settings, starts, reports `ready` with what it returns, and stops when
 * the supervisor closes stdin (or dies, which closes it too) or sends SIGTERM. A later line `{update, id}` is taken in
 * and answered by `{updated: id}`; `ask` sends a request of the child's own.
 */
export async function runChild<Settings>(
  parse: (value: unknown) => Settings,
  start: (settings: Settings, ask: (request: string) => void) => Promise<RunningChild>,
): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  try {
    const first = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => reject(new Error('the supervisor went away before it said anything')));
    });
    refuseDebugger();
    const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
    // What it says once is not kept: the inventory of a large network is many megabytes.
    const { ready, ...running } = await start(parse(JSON.parse(first)), (asks) => say({ asks }));
    lines.on('line', (line) => void takeIn(running, line).then(say));
    const stop = (): void => {
      void running.stop().finally(() => process.exit(0));
    };
    lines.once('close', stop);
    process.once('SIGTERM', stop);
    process.once('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the supervisor decides the order
    say({ ready });
  } catch (error) {
    process.stdout.write(`${JSON.stringify(toErrorLine(error))}\n`);
    process.exit(1);
  }
}
