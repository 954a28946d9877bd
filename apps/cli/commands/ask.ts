/** `wayleave ask`: one question to the agents, its evidence, and the change that follows from it. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import { asForm, withAs } from '../as-option.ts';
import { followTurn } from '../follow-turn.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';

const form = asForm.extend({ thread: z.string().optional(), wait: z.boolean().default(true) });

export function defineAsk(program: Command, act: Act): void {
  withAs(program.command('ask'))
    .description('Ask the agents one question; waits for an approval when a change is proposed')
    .argument('[question]', 'What you want to know or have done; without it, --thread goes on where it waits')
    .option('--thread <id>', 'Conversation to go on with (thr_…)')
    .option('--no-wait', 'End with exit code 8 when an approval is pending')
    .addHelpText(
      'after',
      `
Examples:
  wayleave ask "why can branch 2 not reach the data centre?" --as operator@acme
  wayleave ask "why is branch 3 slow?" --as operator@acme --no-wait --json
  wayleave ask --thread thr_… --as operator@acme     goes on after an approval

Exit codes: 0 answered, or changed and verified · 1 the change did not succeed · 3 denied · 5 rejected or expired
            8 approval pending (--no-wait)`,
    )
    .action(act(form, ask));
}

export async function ask(cli: Cli, options: z.infer<typeof form>, [question]: readonly string[]): Promise<number> {
  const { thread } = options;
  if (question === undefined && thread === undefined) throw new WayleaveError('USAGE', 'Ask something, in quotes.');
  if (question?.trim() === '') throw new WayleaveError('USAGE', 'The question is empty.');
  const person = await cli.person(options.as);
  const signal = cli.interrupted;
  const items =
    question === undefined ? person.chat.resume(thread ?? '', signal) : person.chat.ask(question, thread, signal);
  return (await followTurn(cli, person, items, { wait: options.wait, signal })).exit;
}
