/** `wayleave chat`: a conversation on a terminal, or line by line from a pipe. */
import { createInterface, type Interface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { toErrorLine } from '../../error-line.ts';
import { asForm, withAs } from '../as-option.ts';
import { CHAT_COMMANDS } from '../chat-commands.ts';
import { KEPT_LINES, keepHistory, readHistory } from '../chat-history.ts';
import { completeLine, isOnDesk } from '../complete-line.ts';
import { openConversation } from '../conversation.ts';
import { followTurn } from '../follow-turn.ts';
import type { Cli, Person } from '../io.ts';
import type { Act } from '../program.ts';
import { fold, printable } from '../terminal.ts';

export function defineChat(program: Command, act: Act): void {
  withAs(program.command('chat'))
    .description('Talk with the agents; without a terminal, questions are read from stdin, one a line')
    .addHelpText(
      'after',
      `
Examples:
  wayleave chat --as operator@acme
  printf 'is branch 1 healthy?\\nand branch 2?\\n' | wayleave chat --as operator@acme --json

In a conversation: /resume goes on with a run that waits for an approval, /new begins another one, /approvals, /show,
/approve and /reject are the approver's desk, Tab completes names, /help says all of it, /quit ends.`,
    )
    .action(act(asForm, chat));
}

const OWN = {
  '/resume': 'goes on after an approval',
  '/new': 'begins anew',
  '/help': 'says this',
  '/quit': 'ends; Ctrl-C stops what runs, clears the line, or ends',
};
const HELP: readonly string[] = [
  'Ask in your own words; Tab completes names of devices and sites, and ids of approvals.',
  ...Object.entries(OWN).map(([name, does]) => `  ${name.padEnd(20)} ${does}`),
  ...Object.values(CHAT_COMMANDS).map(({ form, does }) => `  ${form.padEnd(20)} ${does}`),
];
const NAMES = [...Object.keys(OWN), ...Object.keys(CHAT_COMMANDS)];

export async function chat(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const person = await cli.person(options.as);
  const { talk, interactive, columns } = cli.terminal;
  const help = (): void => {
    for (const line of HELP) for (const part of fold(line, columns, 23)) talk(part);
  };
  const lines = openLines(cli, person);
  const conversation = openConversation(person.chat);
  let turn: { readonly leave: AbortController; stopping: boolean } | undefined;
  const breakOff = (): void => {
    if (turn === undefined) {
      if (lines.line === '') lines.close();
      else lines.write(null, { ctrl: true, name: 'u' });
      return;
    }
    const { leave, stopping } = turn;
    turn.stopping = true;
    if (stopping) leave.abort();
    else {
      talk('Stopping before the next step; Ctrl-C once more leaves at once.');
      void conversation.stop().then((stopped) => stopped || leave.abort());
    }
  };
  lines.on('SIGINT', breakOff); // on a terminal readline takes Ctrl-C; elsewhere it is a signal of the process
  cli.interrupted.addEventListener('abort', () => lines.close());
  const prompt = (): void => {
    if (interactive) lines.prompt();
  };

  if (interactive) help();
  prompt();
  let exit = 0;
  for await (const line of lines) {
    const text = line.trim();
    const [name = '', ...words] = text.split(/\s+/);
    const command = Object.hasOwn(CHAT_COMMANDS, name) ? CHAT_COMMANDS[name] : undefined;
    if (text === '/quit') break;
    if (text === '/help') help();
    else if (text === '/new') conversation.leave();
    else if (command !== undefined) {
      exit = await command.run(cli, person, words).catch((error: unknown) => sayError(cli, error));
    } else if (text.startsWith('/') && text !== '/resume') {
      talk(`There is no ${printable(name)}. /help says what there is.`);
    } else if (text !== '') {
      const leave = new AbortController();
      turn = { leave, stopping: false };
      try {
        const signal = AbortSignal.any([leave.signal, cli.interrupted]);
        const items = text === '/resume' ? conversation.resume(signal) : conversation.ask(text, signal);
        // A pipe does not sit and wait: its next question may be the approver's answer to something else.
        ({ exit } = await followTurn(cli, { ...person, chat: conversation.chat }, items, {
          wait: interactive,
          signal,
        }));
      } catch (error) {
        if (cli.interrupted.aborted) throw error;
        if (leave.signal.aborted) talk('Left. What waits or runs stays as it is; /resume goes on with it.');
        exit = leave.signal.aborted ? 0 : sayError(cli, error);
        if (!leave.signal.aborted && conversation.isCutOff())
          talk('When it is back, /resume goes on with this answer.');
      }
      turn = undefined;
    }
    prompt();
  }
  lines.close();
  cli.interrupted.throwIfAborted();
  return interactive ? 0 : exit;
}

/** On a terminal the arrow keys bring back earlier questions, and Tab completes what the tenant's inventory has. */
function openLines(cli: Cli, person: Person): Interface {
  const { stdin: input, stderr: output } = cli;
  if (!cli.terminal.interactive) return createInterface({ input, output, terminal: false });
  const { home } = cli.config;
  let asked: Promise<readonly string[]> | undefined;
  const lines = createInterface({
    ...{ input, output, terminal: true, prompt: 'wayleave> ' },
    ...{ history: readHistory(home), historySize: KEPT_LINES, removeHistoryDuplicates: true },
    async completer(line: string): Promise<[string[], string]> {
      asked ??= namesOf(person);
      const approvals = isOnDesk(line) ? await waitingFor(person) : [];
      const [found, word] = completeLine(line, NAMES, await asked, approvals);
      return [[...found], word];
    },
  });
  lines.on('history', (history) => keepHistory(home, history));
  return lines;
}

/** Devices, sites and hosts; nothing where they cannot be read, which the next question will say. */
const namesOf = (person: Person): Promise<readonly string[]> =>
  person.control.inventory().then(
    ({ devices, topology }) => [
      ...new Set([...devices.flatMap(({ name, site }) => [name, site]), ...topology.hosts.map(({ name }) => name)]),
    ],
    () => [],
  );

const waitingFor = (person: Person): Promise<readonly string[]> =>
  person.control.approvals('pending').then(
    (found) => found.map(({ id }) => id),
    () => [],
  );

/** An error ends its turn, not the conversation. */
function sayError(cli: Cli, error: unknown): number {
  const line = toErrorLine(error);
  if (cli.json) cli.emit(line);
  else {
    const { talk, style } = cli.terminal;
    talk(`${style.red(line.error.code)}: ${printable(line.error.message)}`);
    talk(style.dim(printable(line.error.hint)));
  }
  return error instanceof WayleaveError ? error.exit : 1;
}
