/** The command line program: gives the process's streams, signals, time and environment to `runCli`. */
import { setTimeout as wait } from 'node:timers/promises';
import { doors } from './doors.ts';
import { INTERRUPTED, runCli } from './run.ts';

// Without a listener, this signal would open a debugger in a process that holds tokens and keys.
process.on('SIGUSR1', () => undefined);

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(INTERRUPTED); // the second one does not wait for anybody
    interruption.abort();
  });
}
// The reader of a pipe may go away (`| head`): then nobody wants the rest, and what was found decides the exit code still.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(1);
    interruption.abort();
  });
}

const exit = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  nodeVersion: process.versions.node,
  now: () => Date.now(),
  pause: async (milliseconds, signal) => {
    const signals = [interruption.signal, ...(signal === undefined ? [] : [signal])];
    await wait(milliseconds, undefined, { signal: AbortSignal.any(signals) });
  },
  interrupted: interruption.signal,
  fetch,
  doors,
});
// What a pipe has not taken yet would be cut off at the end of the process.
for (const stream of [process.stdout, process.stderr])
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
process.exit(exit); // an idle connection must not keep a finished command alive
