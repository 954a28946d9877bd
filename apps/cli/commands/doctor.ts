/** `wayleave doctor`: looks at every part in turn, and says what to do about what is wrong. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Drop } from '../../../broker/telemetry/reception.ts';
import { toErrorLine } from '../../error-line.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Running } from '../connect.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine, table } from '../terminal.ts';
import { verifyRunning } from './audit-verify.ts';
import { readNumbers } from './doctor-numbers.ts';
import { countStates } from './mcp-upstream.ts';

export function defineDoctor(program: Command, act: Act): void {
  withAs(program.command('doctor'))
    .description(
      'Look at every part and say what to do; with --as it also verifies the audit log and counts what devices tell',
    )
    .addHelpText(
      'after',
      `
Examples:
  wayleave doctor
  wayleave doctor --as auditor@acme --json

Exit codes: 0 all is well · 1 something is wrong`,
    )
    .action(act(asForm, doctor));
}

export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do; empty when all is well, and a warning where nothing is wrong. */
  readonly todo: string;
}

/** Somebody's decision, so that it is no fault; it must not be forgotten either. */
const COMMUNITY_IS_ON: Finding = {
  ...{ check: 'SNMP 2c', ok: true, found: 'on: what such devices answer can be read and forged by anybody on the way' },
  todo: 'Give the devices SNMPv3, then set allowSnmp2c to no.',
};

/** Node that the permission model and the test matrix need. */
const NEEDED_NODE = [20, 19] as const;
const TIMEOUT_MS = 3_000;
const NOTE =
  'All processes run as one user of this system: Node keeps the agents from the files of the broker, not from signals or ' +
  'sockets. A boundary against an attacker needs a user, container or machine of its own for each; see docs/security.md.';

export async function doctor(cli: Cli, options: z.infer<typeof asForm>): Promise<number> {
  const running = findRunning(cli);
  const findings: Finding[] = [
    checkNode(cli.nodeVersion),
    checkHome(cli.config.home),
    ...checkModes(cli.config.home),
    ...(cli.config.allowSnmp2c === 'yes' ? [COMMUNITY_IS_ON] : []),
    await checkModel(cli.config),
  ];
  if ('todo' in running) findings.push(running);
  else {
    findings.push(good('installation', `process ${running.pid} runs`));
    findings.push(...(await Promise.all(checkProcesses(cli, running))));
    if (options.as !== undefined)
      findings.push(
        await checkAudit(cli, options.as),
        await checkTelemetry(cli, options.as),
        await checkAgents(cli, options.as),
        ...(await checkUpstream(cli, options.as)),
      );
  }
  const ok = findings.every((finding) => finding.ok);
  if (cli.json) cli.emit({ ok, checks: findings, notes: [NOTE] });
  else show(cli, findings);
  return ok ? 0 : 1;
}

export const good = (check: string, found: string): Finding => ({ check, ok: true, found, todo: '' });
export const bad = (check: string, found: string, todo: string): Finding => ({ check, ok: false, found, todo });

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needed, least] = NEEDED_NODE;
  const isEnough = major > needed || (major === needed && minor >= least);
  return isEnough ? good('node', version) : bad('node', version, `Install Node ${needed}.${least} or later.`);
}

/** Looks, and leaves the folder as it is: `up` makes what is missing. */
function checkHome(home: string): Finding {
  let nearest = home;
  while (!existsSync(nearest) && path.dirname(nearest) !== nearest) nearest = path.dirname(nearest);
  try {
    accessSync(nearest, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!statSync(nearest).isDirectory()) throw new Error('not a folder');
    return good('folder', nearest === home ? home : `${home} (not there yet, can be made)`);
  } catch {
    return bad(
      'folder',
      `${nearest} cannot be written`,
      'Make it writable for this user, or choose another with --home.',
    );
  }
}

/** Files with secrets are for their owner only. */
function checkModes(home: string): readonly Finding[] {
  return ['logins.json', 'run.json'].flatMap((name) => {
    const file = path.join(home, name);
    if (!existsSync(file)) return [];
    const open = (statSync(file).mode & 0o077) !== 0;
    return [open ? bad(name, 'others can read it', `chmod 600 ${file}`) : good(name, 'readable by its owner only')];
  });
}

/** A model that no tenant lets in is asked nothing, and costs the agents what people wrote on devices. */
async function checkModel({ model, modelBaseUrl, tenantModels }: Cli['config']): Promise<Finding> {
  if (model === '') return good('language model', 'none; the agents work without');
  const { classifyModel } = await import('../../../broker/models/tenant-models.ts');
  const where = classifyModel(model, modelBaseUrl);
  const found = `${model} (${where}); tenants: ${tenantModels === '' ? 'none lets it in' : tenantModels}`;
  const isLetIn = tenantModels
    .split(',')
    .some((one) => one.endsWith('=any') || (where === 'local' && one.endsWith('=local')));
  return {
    ...good('language model', found),
    todo: isLetIn
      ? ''
      : 'Name tenants in tenantModels, or do without the model: what people wrote on devices is withheld now.',
  };
}

function findRunning(cli: Cli): Running | Finding {
  try {
    return cli.running();
  } catch (error) {
    return bad('installation', toErrorLine(error).error.message, 'Start it with `wayleave up`.');
  }
}

function checkProcesses(cli: Cli, { brokerUrl, agentsUrl, simulators }: Running): readonly Promise<Finding>[] {
  const log = (name: string): string =>
    `See ${path.join(cli.config.home, 'logs', `${name}.log`)}, then start \`wayleave up\` anew.`;
  return [
    probe(cli, 'broker', `${brokerUrl}/healthz`, log('broker')),
    probe(cli, 'broker ready', `${brokerUrl}/readyz`, `Changes and reads are refused until it is. ${log('broker')}`),
    probe(cli, 'agents', `${agentsUrl}/healthz`, log('agents')),
    probe(cli, 'agents ready', `${agentsUrl}/readyz`, log('agents')),
    readNumbers(cli, 'broker', brokerUrl),
    readNumbers(cli, 'agents', agentsUrl),
    ...(simulators === undefined
      ? []
      : [
          probe(cli, 'simulators', `${simulators.url}/faults`, log('simulators'), {
            Authorization: `Bearer ${simulators.token}`,
          }),
        ]),
  ];
}

/** Why the broker says that it is not ready. */
const refusal = z.object({
  error: z.object({ code: z.literal('CHANGES_STOPPED'), message: z.string(), hint: z.string() }),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function probe(
  cli: Cli,
  name: string,
  url: string,
  todo: string,
  headers: { readonly [name: string]: string } = {},
): Promise<Finding> {
  const signal = AbortSignal.any([cli.interrupted, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await cli.fetch(url, { headers, signal, redirect: 'error' });
    const text = await response.text();
    if (response.ok) return good(name, url);
    const said = refusal.safeParse(parseJson(text));
    if (!said.success) return bad(name, `${url} answers ${response.status}`, todo);
    return bad(name, said.data.error.message, said.data.error.hint);
  } catch (error) {
    if (cli.interrupted.aborted) throw error;
    return bad(name, `${url} does not answer`, todo);
  }
}

/** What `look` finds; without the right to look nothing is known, which is no fault of the part. */
async function tryTo(cli: Cli, check: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    if (cli.interrupted.aborted) throw error;
    const { code, message, hint } = toErrorLine(error).error;
    return code === 'DENIED' ? { ...good(check, `not looked at: ${message}`), todo: hint } : bad(check, message, hint);
  }
}

const checkAudit = (cli: Cli, user: string): Promise<Finding> =>
  tryTo(cli, 'audit log', async () => {
    const { ok, size, problems } = await verifyRunning(await cli.person(user));
    if (ok) return good('audit log', `${size} entries verify`);
    return bad('audit log', problems[0]?.what ?? 'broken', 'Keep the folder as it is and call security.');
  });

/** After a new version of Wayleave, model or prompt the agents may do nothing until people have looked. */
const checkAgents = (cli: Cli, user: string): Promise<Finding> =>
  tryTo(cli, 'approved agents', async () => {
    const running = (await (await cli.person(user)).identity.agents()).filter((one) => one.running);
    const idle = running.filter(({ status }) => status !== 'approved');
    if (idle.length === 0) return good('approved agents', `${running.length} of ${running.length}`);
    const found = `${idle.map(({ agent }) => oneLine(agent)).join(', ')}: not approved, and may do nothing`;
    return bad('approved agents', found, '`wayleave agents list` shows why; two people approve.');
  });

/** What only somebody with another key, another clock or other intentions sends; strangers' noise is counted beside. */
const SUSPECT: readonly Drop[] = [
  'unknown-engine',
  'unknown-user',
  'low-security',
  'wrong-digest',
  'undecipherable',
  'stale',
];

/** What was dropped of the traps, syslog and flow records that devices tell unasked. */
const checkTelemetry = (cli: Cli, user: string): Promise<Finding> =>
  tryTo(cli, 'telemetry', async () => {
    const { control } = await cli.person(user);
    const { received, kept, drops } = await control.telemetry();
    const dropped = Object.entries(drops).filter(([, count]) => count > 0);
    const why =
      dropped.length === 0 ? 'nothing dropped' : dropped.map(([drop, count]) => `${drop} ${count}`).join(', ');
    const found = `${received} received, ${kept} kept; ${why}`;
    if (SUSPECT.every((drop) => drops[drop] === 0)) return good('telemetry', found);
    return bad('telemetry', found, 'Compare engine id, user, keys and clock of the devices with the inventory.');
  });

/** MCP servers of others: what waits for people is no fault, what left its approved form is. */
async function checkUpstream(cli: Cli, user: string): Promise<readonly Finding[]> {
  try {
    const servers = await (await cli.person(user)).upstream.list();
    return servers.map((one) => {
      const check = `upstream ${oneLine(one.server)}`;
      const look = `\`wayleave mcp upstream diff ${oneLine(one.server)}\` shows it.`;
      if (one.problem !== undefined) return bad(check, oneLine(one.problem), look);
      const found = countStates(one);
      if (one.tools.some(({ state }) => state === 'quarantined')) return bad(check, found, look);
      return { ...good(check, found), todo: one.tools.some(({ state }) => state === 'waiting') ? look : '' };
    });
  } catch (error) {
    if (cli.interrupted.aborted) throw error;
    const { message, hint } = toErrorLine(error).error;
    return [bad('upstream', message, hint)];
  }
}

function show(cli: Cli, findings: readonly Finding[]): void {
  const { data, talk, style } = cli.terminal;
  const rows = findings.map(({ check, ok, found, todo }) => [
    ok ? (todo === '' ? 'ok' : 'WARN') : 'WRONG',
    check,
    found,
    todo,
  ]);
  const [header = '', ...lines] = table(['', 'CHECK', 'FOUND', 'WHAT TO DO'], rows);
  data(header);
  for (const [index, line] of lines.entries()) data(findings[index]?.ok === true ? line : style.red(line));
  talk(style.dim(`Note: ${oneLine(NOTE)}`));
}
