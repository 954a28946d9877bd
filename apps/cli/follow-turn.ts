/** Follows one turn of a conversation to its end: streams it, waits for the approval it asks for, and goes on by itself. */
import type { ChatEvent } from '../../agents/events.ts';
import { ERRORS, type ErrorCode } from '../../broker/errors.ts';
import type { ChatItem } from '../client/chat-client.ts';
import type { Cli, Person } from './io.ts';
import { readSummary, showEvent } from './render/show-event.ts';
import { fold, oneLine } from './terminal.ts';

/** How often an approval is asked for. */
const POLL_MS = 2_000;
const PENDING = 8;
const REJECTED = 5;

export interface TurnEnd {
  readonly thread: string;
  /** 0, 5 rejected or expired, 8 pending, 1 the change did not succeed, or the exit code of the error. */
  readonly exit: number;
}

export interface TurnOptions {
  /** False: a pending approval ends the turn. */
  readonly wait: boolean;
  /** Breaks off the waiting and the streaming. */
  readonly signal: AbortSignal;
}

type Pending = Extract<ChatEvent, { readonly type: 'pending' }>;
type Finding = Extract<ChatEvent, { readonly type: 'finding' }>;

export async function followTurn(
  cli: Cli,
  person: Person,
  items: AsyncIterable<ChatItem>,
  options: TurnOptions,
): Promise<TurnEnd> {
  const first = await showItems(cli, items);
  const { thread } = first;
  let { exit } = first;
  const waiting = new Map(first.pending.map((one) => [one.approval, one]));
  if (first.stepUp) cli.terminal.talk(keptCommand(thread, person));
  while (waiting.size > 0) {
    if (!options.wait) {
      const ids = [...waiting.keys()].map(oneLine).join(', ');
      cli.terminal.talk(`Not waiting for ${ids}. When it is decided: ${resumeCommand(thread, person)}`);
      return { thread, exit: PENDING };
    }
    const { approval, status } = await awaitDecision(cli, person, [...waiting.values()], thread, options.signal);
    cli.terminal.talk(`${oneLine(approval)} is ${status}; the agents go on.`);
    waiting.delete(approval);
    const next = await showItems(cli, person.chat.resume(thread, options.signal));
    const ended = next.exit === 0 && (status === 'rejected' || status === 'expired') ? REJECTED : next.exit;
    if (ended !== 0) exit = ended;
    for (const one of next.pending) waiting.set(one.approval, one);
    if (next.stepUp) cli.terminal.talk(keptCommand(thread, person));
    if (waiting.has(approval)) return { thread, exit: PENDING }; // decided for us, open for the agents: do not circle
  }
  return { thread, exit };
}

const resumeCommand = (thread: string, person: Person): string =>
  `wayleave ask --thread ${oneLine(thread)} --as ${person.user}`;

const keptCommand = (thread: string, person: Person): string =>
  `The change waits for your second factor. When you have shown it: ${resumeCommand(thread, person)}`;

/** Shows every item and keeps what decides how the turn ended. */
async function showItems(
  cli: Cli,
  items: AsyncIterable<ChatItem>,
): Promise<TurnEnd & { readonly pending: readonly Pending[]; readonly stepUp: boolean }> {
  let thread = '';
  let exit = 0;
  const pending: Pending[] = [];
  let finding: Finding | undefined;
  let stepUp = false;
  for await (const item of items) {
    if ('thread' in item) {
      ({ thread } = item);
      if (cli.json) cli.emit({ type: 'thread', thread });
      continue;
    }
    if (item.type === 'finding') finding = item;
    if (cli.json) cli.emit(item);
    else if (!isRetold(item, finding)) {
      const { style, columns, data } = cli.terminal;
      for (const line of showEvent(item, style)) for (const part of fold(line, columns)) data(part);
    }
    if (item.type === 'error') stepUp = item.code === 'STEP_UP_REQUIRED';
    if (item.type === 'pending') pending.push(item);
    else if (exit === 0) exit = exitOf(item);
  }
  return { thread, exit, pending, stepUp };
}

/** The report of a finding repeats in words what the finding has just shown; words of a model's own are shown. */
const isRetold = (item: ChatEvent, finding: Finding | undefined): boolean =>
  item.type === 'text' &&
  finding !== undefined &&
  finding.because.length > 0 &&
  finding.because.every(({ text }) => item.text.includes(text));

function exitOf(event: ChatEvent): number {
  if (event.type === 'outcome')
    return { succeeded: 0, rejected: REJECTED, failed: 1, reverted: 1, unknown: 1 }[event.outcome];
  if (event.type === 'error') return Object.hasOwn(ERRORS, event.code) ? ERRORS[event.code as ErrorCode].exit : 1;
  return 0;
}

/** Asks until people have decided about one of them, or its time is over. The vote goes from their login to the broker, never through here. */
async function awaitDecision(
  cli: Cli,
  person: Person,
  waiting: readonly Pending[],
  thread: string,
  signal: AbortSignal,
): Promise<{ readonly approval: string; readonly status: string }> {
  const { talk, style } = cli.terminal;
  const needed = new Set(
    waiting
      .map(({ summary }) => readSummary(summary)?.needed)
      .map((one) => (one ? ` by ${one.count} × ${one.role}` : '')),
  );
  const what = waiting.length === 1 ? 'the approval' : `one of ${waiting.length} approvals`;
  talk(
    style.yellow(
      `Waiting for ${what}${[...needed].join(' or')}, asking every ${POLL_MS / 1000} s. Somebody else decides with:`,
    ),
  );
  for (const { approval } of waiting) talk(`  wayleave approvals approve ${oneLine(approval)} --as … --reason "…"`);
  talk(style.dim(`Ctrl-C leaves; the run stays and goes on with: ${resumeCommand(thread, person)}`));
  for (;;) {
    for (const { approval } of waiting) {
      const { status, expiresAt } = await person.control.approval(approval);
      if (status !== 'pending') return { approval, status };
      if (Date.parse(expiresAt) <= cli.now()) return { approval, status: 'expired' };
    }
    await cli.pause(POLL_MS, signal);
  }
}
