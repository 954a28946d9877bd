/** All commands as one tree: what can be typed, what it says of itself, and which function then acts. */
import { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import { loadConfig } from '../config.ts';
import { defineAgents } from './commands/agents.ts';
import { defineApprovals } from './commands/approvals.ts';
import { defineAsk } from './commands/ask.ts';
import { defineAudit } from './commands/audit.ts';
import { defineBreakGlass } from './commands/break-glass.ts';
import { defineChat } from './commands/chat.ts';
import { defineCompletion } from './commands/completion.ts';
import { defineConfig } from './commands/config.ts';
import { defineContainments } from './commands/containments.ts';
import { defineDb } from './commands/db.ts';
import { defineDemo } from './commands/demo.ts';
import { defineDevice } from './commands/device.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineFault } from './commands/fault.ts';
import { defineGrants } from './commands/grants.ts';
import { defineIncidents } from './commands/incidents.ts';
import { defineInventory } from './commands/inventory.ts';
import { defineJobs } from './commands/jobs.ts';
import { defineKeys } from './commands/keys.ts';
import { defineLogin } from './commands/login.ts';
import { defineMcp } from './commands/mcp.ts';
import { defineModels } from './commands/models.ts';
import { defineNotifications } from './commands/notifications.ts';
import { definePolicy } from './commands/policy.ts';
import { defineRecord } from './commands/record.ts';
import { defineReplay } from './commands/replay.ts';
import { defineRisk } from './commands/risk.ts';
import { defineRoute } from './commands/route.ts';
import { defineScenarios } from './commands/scenarios.ts';
import { defineSessions } from './commands/sessions.ts';
import { defineSimulate } from './commands/simulate.ts';
import { defineSplit } from './commands/split.ts';
import { defineTelemetry } from './commands/telemetry.ts';
import { defineTools } from './commands/tools.ts';
import { defineUp } from './commands/up.ts';
import { defineUsers } from './commands/users.ts';
import { defineWebhooks } from './commands/webhooks.ts';
import { defineWindows } from './commands/windows.ts';
import { defineWorker } from './commands/worker.ts';
import type { Cli, Io, Person } from './io.ts';
import { createTerminal, printJson } from './terminal.ts';

/**
 * Turns an action into what commander calls: options are parsed, never cast. The action returns the exit code.
 */
export type Act = <Options>(
  form: z.ZodType<Options>,
  action: (cli: Cli, options: Options, args: readonly string[]) => Promise<number>,
) => (...given: readonly unknown[]) => Promise<void>;

/** Lines of help are folded there; a golden file must not depend on a window. */
const HELP_COLUMNS = 100;

const globals = z.object({
  home: z.string().optional(),
  config: z.string().optional(),
  json: z.boolean().default(false),
  color: z.boolean().default(true),
});

export function createProgram(io: Io, setExit: (code: number) => void): Command {
  const act: Act =
    (form, action) =>
    async (...given) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) throw new WayleaveError('INTERNAL');
      const options: unknown = command.optsWithGlobals();
      const parsed = form.safeParse(options);
      if (!parsed.success) throw new WayleaveError('USAGE', describeIssue(parsed.error));
      const present: Person[] = [];
      try {
        setExit(await action(openCli(io, options, present), parsed.data, command.args));
      } finally {
        // A login lasts as long as its command, unless somebody broke off: then its run goes on at the agents.
        if (!io.interrupted.aborted) await Promise.allSettled(present.map((person) => person.leave()));
      }
    };
  const program = new Command('wayleave')
    .description('Agents propose, the broker decides, nothing touches the network without a wayleave.')
    .option('--home <folder>', 'Folder of the installation (preset: ~/.wayleave)')
    .option('--config <file>', 'Configuration file (preset: wayleave.yaml, when there is one)')
    .option('--json', 'Data as JSON on stdout; streams as one JSON value a line')
    .option('--no-color', 'No colours (also: NO_COLOR=1)')
    .helpOption('-h, --help', 'Show this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => undefined, // said once, by whoever catches it
      getOutHelpWidth: () => HELP_COLUMNS,
      getErrHelpWidth: () => HELP_COLUMNS,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      'after',
      `
Begin here:
  wayleave demo                              one minute: an incident, its diagnosis, an approved repair, the audit
  wayleave up                                starts everything and prints the logins
  wayleave ask "why can branch 2 not reach the data centre?" --as operator@acme

Exit codes: 0 ok · 1 error · 2 usage · 3 denied by policy · 4 not authenticated · 5 approval rejected or expired
            8 approval pending · 20 difference found · 130 interrupted`,
    );
  for (const define of [
    defineDemo,
    defineUp,
    defineSplit,
    defineSimulate,
    defineAsk,
    defineChat,
    defineApprovals,
    defineContainments,
    defineAudit,
    defineInventory,
    defineDevice,
    defineGrants,
    defineWindows,
    defineJobs,
    defineWorker,
    defineBreakGlass,
    definePolicy,
    defineIncidents,
    defineLogin,
    defineSessions,
    defineRisk,
    defineNotifications,
    defineWebhooks,
    defineUsers,
    defineAgents,
    defineModels,
    defineKeys,
    defineTelemetry,
    defineTools,
    defineMcp,
    defineFault,
    defineScenarios,
    defineRecord,
    defineReplay,
    defineRoute,
    defineDoctor,
    defineConfig,
    defineCompletion,
    defineDb,
  ]) {
    define(program, act);
  }
  return program;
}

function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const name = String(issue?.path[0] ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${name}: ${issue?.message ?? 'not valid'}`;
}

/** Options whose names are those of settings override file and environment; the others mean nothing to them. */
function openCli(io: Io, options: unknown, present: Person[]): Cli {
  const { home, config: file, json, color } = globals.parse(options);
  const given = z.record(z.string(), z.unknown()).parse(options);
  // `--topology` says the same as `--network`.
  const flags = { ...given, network: given['network'] ?? given['topology'], home };
  const { config, origins } = loadConfig(flags, io.env, file);
  const terminal = createTerminal(color ? io : { ...io, env: { ...io.env, NO_COLOR: '1' } });
  const running = () => io.doors.running(config.home);
  return {
    ...io,
    json,
    terminal,
    config,
    origins,
    emit: (value) => terminal.data(printJson(value)),
    running,
    async person(user) {
      if (user !== undefined) {
        const code = z.string().optional().parse(given['code']);
        const person = await io.doors.signIn(config.home, running(), user, code);
        present.push(person);
        return person;
      }
      const kept = io.doors.keptLogin(config.home, running());
      if (kept !== undefined) {
        present.push(kept);
        return kept;
      }
      const names = io.doors.logins(config.home).map((one) => `${one.user} (${one.roles.join(', ')})`);
      const who = names.length === 0 ? ' `wayleave up` makes logins.' : ` There are: ${names.join(', ')}.`;
      throw new WayleaveError('USAGE', `Say who you are with --as USER, or log in with \`wayleave login\`.${who}`);
    },
  };
}
