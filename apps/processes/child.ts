/** How a child process and its supervisor speak: settings come as one line on stdin, readiness goes out as one line on stdout. */
import { createInterface } from 'node:readline';
import { toErrorLine } from '../error-line.ts';
import { refuseDebugger } from './harden.ts';

/**
 * Runs the main function of a child: reads its settings, starts, reports `ready` with what it returns, and stops when
 * the supervisor closes stdin (or dies, which closes it too) or sends SIGTERM.
 */
export async function runChild<Settings>(
  parse: (value: unknown) => Settings,
  start: (settings: Settings) => Promise<{ readonly ready: object; readonly stop: () => Promise<void> }>,
): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  try {
    const first = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => reject(new Error('the supervisor went away before it said anything')));
    });
    refuseDebugger();
    const running = await start(parse(JSON.parse(first)));
    const stop = (): void => {
      void running.stop().finally(() => process.exit(0));
    };
    lines.once('close', stop);
    process.once('SIGTERM', stop);
    process.once('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the supervisor decides the order
    process.stdout.write(`${JSON.stringify({ ready: running.ready })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify(toErrorLine(error))}\n`);
    process.exit(1);
  }
}
