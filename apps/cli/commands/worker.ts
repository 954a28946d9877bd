/** `wayleave worker`: a further process that runs scheduled work, until Ctrl-C. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { interruption } from '../interruption.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';

const form = z.object({
  concurrency: z.coerce.number('give a whole number').int().min(1).max(64).default(4),
  port: z.coerce.number('give a whole number').int().min(0).max(65_535).default(0),
});

export function defineWorker(program: Command, act: Act): void {
  program
    .command('worker')
    .description('Run scheduled work in a process of its own, beside a running installation')
    .option('--concurrency <n>', 'Runs at once (4)')
    .option('--port <n>', 'Port of /healthz, /readyz and /metrics on 127.0.0.1 (0 = any free one)')
    .addHelpText(
      'after',
      `
The queue must be on a server: set redisUrl (REDIS_URL) or agentsDatabaseUrl for the installation and for the worker.
Start and stop as many as you like: what a worker leaves is taken by another one after half a minute.

Examples:
  wayleave worker
  REDIS_URL=redis://127.0.0.1:6379 wayleave worker --concurrency 8`,
    )
    .action(act(form, work));
}

export async function work(cli: Cli, { concurrency, port }: z.infer<typeof form>): Promise<number> {
  const child = await cli.doors.startWorker(cli.config, () => cli.running(), concurrency, port);
  const { url } = z.object({ url: z.url() }).parse(child.ready);
  if (cli.json) cli.emit({ pid: child.pid, concurrency, url });
  else cli.terminal.data(`worker ${child.pid} runs up to ${concurrency} jobs at once, ${url}/readyz; Ctrl-C stops it`);
  const ended = await Promise.race([child.ended, interruption(cli.interrupted)]);
  await child.stop();
  if (ended === undefined) return 0;
  throw new WayleaveError('UNAVAILABLE', `The worker ended by itself: ${ended.lastLines.at(-1) ?? 'it said nothing'}`);
}
