/** `wayleave chat`: a conversation on a terminal, or line by line from a pipe. */
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import type { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { ChatItem } from '../../client/chat-client.ts';
import { toErrorLine } from '../../error-line.ts';
import { asForm, withAs } from '../as-option.ts';
import { followTurn } from '../follow-turn.ts';
import type { Cli, Person } from '../io.ts';
import type { Act } from '../program.ts';
import { printable } from '../terminal.ts';

export function defineChat(program: Command, act: Act): void {
  withAs(program.command('chat'))
    .description('Talk with the agents; without a terminal, questions are read from stdin, one a line')
    .addHelpText(
      'after',
      `
Examples:
  wayleave chat --as operator@acme
  printf 'is branch 1 healthy?\\nand branch 2?\\n' | wayleave chat --as operator@acme --json

In a conversation: /resume goes on with a run that waits for an approval, /new begins another one, /help, /quit.`,
    )
    .action(act(asForm, chat));
}

const HELP =
  'Ask in your own words. /resume goes on after an approval · /new begins anew · /quit ends · Ctrl-C breaks off';

export async function chat(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const person = await cli.person(options.as);
  const { talk, interactive } = cli.terminal;
  const lines = createInterface({ input: cli.stdin, output: cli.stderr, terminal: interactive, prompt: 'wayleave> ' });
  let turn: AbortController | undefined;
  const breakOff = (): void => {
    if (turn === undefined) lines.close();
    else turn.abort();
  };
  lines.on('SIGINT', breakOff); // on a terminal readline takes Ctrl-C; elsewhere it is a signal of the process
  cli.interrupted.addEventListener('abort', () => lines.close());
  const prompt = (): void => {
    if (interactive) lines.prompt();
  };

  if (interactive) talk(HELP);
  prompt();
  let thread: string | undefined;
  let exit = 0;
  for await (const line of lines) {
    const text = line.trim();
    if (text === '/quit') break;
    if (text === '/help') talk(HELP);
    else if (text === '/new') thread = undefined;
    else if (text.startsWith('/') && text !== '/resume') talk(`There is no ${printable(text)}. ${HELP}`);
    else if (text !== '') {
      turn = new AbortController();
      try {
        const signal = AbortSignal.any([turn.signal, cli.interrupted]);
        const items = noteThread(send(person, text, thread, signal), (name) => {
          thread = name;
        });
        // A pipe does not sit and wait: its next question may be the approver's answer to something else.
        ({ exit } = await followTurn(cli, person, items, { wait: interactive, signal }));
      } catch (error) {
        if (cli.interrupted.aborted) throw error;
        exit = turn.signal.aborted ? 0 : sayError(cli, error);
      }
      turn = undefined;
    }
    prompt();
  }
  lines.close();
  cli.interrupted.throwIfAborted();
  return interactive ? 0 : exit;
}

function send(person: Person, text: string, thread: string | undefined, signal: AbortSignal): AsyncIterable<ChatItem> {
  if (text !== '/resume') return person.chat.ask(text, thread, signal);
  if (thread === undefined) throw new WayleaveError('USAGE', 'No conversation waits here.');
  return person.chat.resume(thread, signal);
}

/** Tells the conversation's name as soon as it is known: a turn that is broken off can then be resumed. */
async function* noteThread(items: AsyncIterable<ChatItem>, note: (thread: string) => void): AsyncGenerator<ChatItem> {
  for await (const item of items) {
    if ('thread' in item) note(item.thread);
    yield item;
  }
}

/** An error ends its turn, not the conversation. */
function sayError(cli: Cli, error: unknown): number {
  const line = toErrorLine(error);
  if (cli.json) cli.emit(line);
  else cli.terminal.talk(`${cli.terminal.style.red(line.error.code)}: ${printable(line.error.message)}`);
  return error instanceof WayleaveError ? error.exit : 1;
}
