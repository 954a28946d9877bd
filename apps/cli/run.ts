/** Runs one command line: parses, acts, and turns whatever happens into an exit code and words without a stack trace. */
import { CommanderError } from 'commander';
import { WayleaveError } from '../../broker/errors.ts';
import { fromErrorLine, toErrorLine } from '../error-line.ts';
import type { Io } from './io.ts';
import { createProgram } from './program.ts';
import { createTerminal, printable, printJson } from './terminal.ts';

/** Exit code of a command that a person broke off (128 + SIGINT). */
export const INTERRUPTED = 130;

/** `args` without the names of Node and of the program. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  let exit = 0;
  const program = createProgram(io, (code) => {
    exit = code;
  });
  try {
    // What a completing shell asks; its script comes from `wayleave completion`.
    if (args[0] === 'complete') (await import('@bomb.sh/tab/commander')).default(program).commands.delete('complete');
    await program.parseAsync(args.length === 0 ? ['--help'] : [...args], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // help and version were asked for
    if (io.interrupted.aborted) {
      io.stderr.write('Interrupted.\n');
      return INTERRUPTED;
    }
    const refusal = error instanceof CommanderError ? toUsageError(error) : error;
    reportError(refusal, args.includes('--json'), io);
    return fromErrorLine(toErrorLine(refusal)).exit;
  }
}

function toUsageError(error: CommanderError): WayleaveError {
  if (error.code === 'commander.help') return new WayleaveError('USAGE', 'Name one of the subcommands.');
  return new WayleaveError('USAGE', error.message.replace(/^error: /, ''));
}

/** `code: message` and a hint on stderr; with `--json` the same object as the HTTP API, on stdout. */
function reportError(error: unknown, json: boolean, io: Io): void {
  const line = toErrorLine(error);
  if (json) {
    io.stdout.write(`${printJson(line)}\n`);
    return;
  }
  const { code, message, hint } = line.error;
  const { talk, style } = createTerminal(io);
  talk(`${style.red(code)}: ${printable(message)}`);
  talk(style.dim(printable(hint)));
}
