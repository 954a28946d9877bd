/** `wayleave models`: which language model the agents were launched with, which tenants let it in, and every exchange with it. */
import type { Command } from 'commander';
import { z } from 'zod';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { readNewest } from '../read-log.ts';
import { printRows } from '../render/print-rows.ts';
import { oneLine } from '../terminal.ts';

const journalForm = asForm.extend({
  lines: z.coerce.number('give a number').int().min(1).max(10_000).default(20),
});

export function defineModels(program: Command, act: Act): void {
  const models = program
    .command('models')
    .helpCommand(false)
    .description('See which language model is used, by whom it may be, and what was said to it')
    .addHelpText(
      'after',
      `
Examples:
  wayleave models --as admin@acme
  wayleave models journal --as auditor@acme           every exchange: tokens, digests, and what became of the answer
  wayleave models journal -n 500 --as auditor@acme --json

A tenant lets models in by the setting tenantModels (acme=local,globex=any); without it the broker withholds what people
wrote on its devices from agents that have a model. docs/models.md explains what a model may do.`,
    );
  withAs(models.command('show', { isDefault: true }))
    .description('Show the model, where it runs, and which tenants let it in')
    .action(act(asForm, showModels));
  withAs(models.command('journal'))
    .description('List exchanges with language models, from the audit log')
    .option('-n, --lines <count>', 'The newest so many (preset: 20)')
    .action(act(journalForm, showJournal));
}

export async function showModels(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const { identity } = await cli.person(options.as);
  const running = (await identity.agents()).filter((one) => one.running);
  const launched = running.map(({ agent, model }) => ({ agent, class: model }));
  const { model, modelBaseUrl, tenantModels } = cli.config;
  const state = { model, server: modelBaseUrl, tenants: tenantModels, launched };
  if (cli.json) {
    cli.emit(state);
    return 0;
  }
  const classes = [...new Set(launched.map((one) => one.class))].join(', ');
  const server = modelBaseUrl === '' ? '' : ` at ${oneLine(modelBaseUrl)}`;
  cli.terminal.data(`Model:   ${model === '' ? 'none; the agents work without' : `${oneLine(model)}${server}`}`);
  cli.terminal.data(`Launched with: ${classes || 'nothing runs'}, as the signed launch statement says`);
  cli.terminal.data(`Tenants: ${tenantModels === '' ? 'none lets a model in' : oneLine(tenantModels)}`);
  return 0;
}

const content = z.object({
  call: z.string(),
  phase: z.enum(['asked', 'used', 'refused', 'failed']),
  job: z.string(),
  provider: z.string(),
  model: z.string(),
  modelClass: z.string(),
  digest: z.string(),
  tokensIn: z.number(),
  tokensOut: z.number(),
  why: z.string(),
  purpose: z.string(),
  verdict: z.string().optional(),
});

/** One exchange, its two entries put together. */
export interface Exchange {
  readonly call: string;
  readonly at: string;
  readonly human: string;
  readonly agent: string;
  readonly job: string;
  readonly model: string;
  readonly class: string;
  readonly purpose: string;
  readonly tokens: { readonly in: number; readonly out: number };
  readonly digests: { readonly prompt: string; readonly answer: string };
  /** `withheld`: the tenant lets no such model in, nothing was sent. `open`: its end is not in the log. */
  readonly fate: 'used' | 'refused' | 'failed' | 'withheld' | 'open';
  readonly why: string;
  /** Entries of the audit log: `wayleave audit prove` proves each. */
  readonly entries: readonly number[];
}

/** Entries of kind `model.call` as exchanges, in the order in which they began. */
export function joinExchanges(entries: readonly StoredAuditEntry[]): readonly Exchange[] {
  const found = new Map<string, Exchange>();
  for (const entry of entries) {
    const parsed = content.safeParse(entry.content);
    if (!parsed.success) continue;
    const { call, phase, job, provider, model, modelClass, digest, tokensIn, tokensOut, why, purpose } = parsed.data;
    const before = found.get(call);
    const started: Exchange = before ?? {
      ...{ call, at: entry.at, human: entry.human ?? '', agent: entry.agent ?? '', job, purpose, why: '' },
      ...{ model: `${provider}:${model}`, class: modelClass, tokens: { in: tokensIn, out: 0 } },
      ...{ digests: { prompt: digest, answer: '' }, entries: [] },
      fate: parsed.data.verdict === 'withheld' ? 'withheld' : 'open',
    };
    const ended: Exchange =
      phase === 'asked'
        ? started
        : {
            ...started,
            ...{ fate: phase, why, tokens: { in: tokensIn, out: tokensOut } },
            digests: { ...started.digests, answer: digest },
          };
    found.set(call, { ...ended, entries: [...started.entries, entry.index] });
  }
  return [...found.values()];
}

export async function showJournal(cli: Cli, options: z.infer<typeof journalForm>): Promise<number> {
  const { control } = await cli.person(options.as);
  // Two entries an exchange; the oldest one read may have lost its beginning.
  const { entries } = await readNewest(control, 2 * options.lines, ({ kind }) => kind === 'model.call');
  const exchanges = joinExchanges(entries).slice(-options.lines);
  printRows(
    cli,
    exchanges,
    ['AT', 'FOR', 'AGENT', 'JOB', 'MODEL', 'TOKENS', 'FATE', 'PROMPT', 'WHY'],
    exchanges.map((one) => [
      ...[one.at, oneLine(one.human), oneLine(one.agent), oneLine(one.job), oneLine(one.model)],
      ...[`${one.tokens.in}/${one.tokens.out}`, one.fate, one.digests.prompt.slice(7, 19), oneLine(one.why)],
    ]),
  );
  return 0;
}
