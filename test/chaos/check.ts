/** After the load: was anything lost that was acknowledged, done twice, left open, or told wrongly? */
import path from 'node:path';
import { z } from 'zod';
import type { Config } from '../../apps/config.ts';
import type { Installation } from '../../apps/installation.ts';
import { readDatabase } from '../../apps/verify/read-table.ts';
import { verifyBatches } from '../../apps/verify/verify-stored.ts';
import { LOG_NAME, openKeyFile } from '../../broker/audit/keys.ts';
import { printVerifier } from '../../broker/audit/note.ts';
import { advance, type Ledger, type MadeChange, pause, Someone, simulatorsOf } from './load.ts';
import type { Check } from './report.ts';

export interface CheckOptions {
  readonly installation: Installation;
  readonly config: Config;
  readonly brokers: () => readonly string[];
  readonly ledger: Ledger;
  /** Processes that ended, the killed ones included. */
  readonly ended: readonly string[];
  /** How often a broker's clock was moved there and back. */
  readonly jumps: number;
}

/** A change is brought to its end within the confirm timeout of its device, two minutes here; a lost run is noticed after 90 s. */
const PATIENCE_MS = 240_000;
/** When a process ended that nobody killed, nothing comes of waiting. */
const BROKEN_MS = 5_000;
const ASK_MS = 500;

interface Entry {
  readonly kind: string;
  readonly tool?: string;
  readonly intent?: string;
  readonly clockBack?: true;
}

export async function checkAll(options: CheckOptions): Promise<readonly Check[]> {
  const { ledger, brokers, config, ended } = options;
  const isBroken = (): boolean => ended.some((one) => !one.includes('SIGKILL'));
  const until = Date.now() + (isBroken() ? BROKEN_MS : PATIENCE_MS);
  for (const made of ledger.changes) if (made.told.length === 0) await bringToEnd(options, made, until);
  // At each broker once more: both must say the same, and neither may do it again.
  for (const made of ledger.changes)
    for (const at of brokers().keys()) await bringToEnd(options, made, until, at).catch(() => undefined);
  const runs = await unfinishedRuns(options, Date.now() + (isBroken() ? BROKEN_MS : PATIENCE_MS));
  const { entries, verified, size } = await readLog(config);
  const executed = countBy(entries.filter(({ kind }) => kind === 'execute'));
  const outcomes = countBy(entries.filter(({ kind, tool }) => kind === 'outcome' && tool !== undefined));
  const { changes, reads } = ledger;
  const lost = reads.filter(({ intent }) => (outcomes.get(intent) ?? 0) === 0);
  const open = changes.filter(({ told }) => told.length === 0);
  const differing = changes.filter(({ told }) => new Set(told).size > 1);
  const twice = changes.filter(({ intent }) => (executed.get(intent) ?? 0) > 1);
  const wrong = await wrongPorts(options);
  const forgotten = await forgottenAnswers(options);
  const stepsBack = entries.filter(({ clockBack }) => clockBack === true).length;
  const alone = ended.filter((one) => !one.includes('SIGKILL'));
  return [
    check('every acknowledged read is in the audit log', lost, `${reads.length} acknowledged`),
    check('every change came to one outcome that is known', open, `${changes.length} changes`),
    check('every broker tells the same outcome, each time', differing, `${changes.length} changes`),
    check('no change was executed twice', twice, `${executed.size} executions`),
    check('each port shows the last change that succeeded on it, and no other', wrong, 'compared with the devices'),
    check('every acknowledged run of a job is accounted for', runs, `${ledger.runs.length} runs`),
    check(
      'every answer of the agents that was heard to its end is kept',
      forgotten,
      `${ledger.answers.length} answers`,
    ),
    check(
      'no call ended in a defect: what is away says so',
      ledger.defects,
      `${sum(ledger.failures)} were not answered`,
    ),
    check('no process ended that nobody killed', alone, `${ended.length} were killed`),
    {
      what: 'where a clock was moved, entries stay in their order, and each step back is marked',
      ok: options.jumps === 0 || stepsBack > 0,
      found: `${options.jumps} jumps and back, ${stepsBack} entries marked`,
    },
    { what: 'the audit log verifies', ok: verified, found: `${size} entries` },
  ];
}

const check = (what: string, bad: readonly unknown[], found: string): Check => ({
  ...{ what, ok: bad.length === 0 },
  found: bad.length === 0 ? found : `${found}; not so: ${JSON.stringify(bad.slice(0, 5))}`,
});

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, n) => all + n, 0);

/** Conversations are the agents' own records: they outlive the process, too. */
async function forgottenAnswers({ ledger, config, brokers, installation }: CheckOptions): Promise<readonly unknown[]> {
  const forgotten: unknown[] = [];
  for (const { tenant, thread, heard } of ledger.answers) {
    const first = (): readonly string[] => brokers().slice(0, 1);
    const operator = new Someone({ home: config.home, brokers: first }, `operator@${tenant}`, 0);
    const request = await operator.agents();
    const answer = await request(`${installation.running.agentsUrl}/threads/${thread}`);
    const kept = conversation.safeParse(await answer.json().catch(() => undefined)).data?.events ?? [];
    const ids = new Set(kept.map(({ id }) => id));
    if (heard.some((id) => !ids.has(id))) forgotten.push({ tenant, thread });
  }
  return forgotten;
}
const conversation = z.object({ events: z.array(z.looseObject({ id: z.string() })) });

function countBy(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { intent = '' } of entries) counts.set(intent, (counts.get(intent) ?? 0) + 1);
  return counts;
}

/** Asks under the same key until it is told how it ended. */
async function bringToEnd({ config, brokers }: CheckOptions, made: MadeChange, until: number, at = 0): Promise<void> {
  const operator = new Someone({ home: config.home, brokers }, `operator@${made.tenant}`, at);
  const admin = new Someone({ home: config.home, brokers }, `admin@${made.tenant}`, at);
  const before = made.told.length;
  for (let first = true; made.told.length === before && (first || Date.now() < until); first = false) {
    await advance(operator, admin, made).catch(() => undefined);
    if (made.told.length === before) await pause(ASK_MS);
  }
}

async function unfinishedRuns({ ledger, config, brokers }: CheckOptions, until: number): Promise<readonly unknown[]> {
  const open: unknown[] = [];
  for (const { tenant, schedule, run } of ledger.runs) {
    const operator = new Someone({ home: config.home, brokers }, `operator@${tenant}`, 0);
    let found: string | undefined;
    for (let first = true; found === undefined && (first || Date.now() < until); first = false) {
      const runs = await operator
        .schedules()
        .then((client) => client.runs(schedule))
        .catch(() => []);
      found = runs.find(({ id }) => id === run)?.outcome;
      if (found === undefined) await pause(ASK_MS);
    }
    if (found === undefined) open.push({ tenant, run });
  }
  return open;
}

export async function readLog({ home, databaseUrl, databaseSchema }: Config) {
  const schema = `${databaseSchema}_broker`;
  const key = openKeyFile(path.join(home, 'broker-keys', 'audit.key'));
  const trust = { publicKeys: [printVerifier({ name: LOG_NAME, key }, 'log')] };
  const { ok, size } = await verifyBatches(readDatabase(databaseUrl, schema), trust);
  const entries: Entry[] = [];
  for await (const { lines } of readDatabase(databaseUrl, schema))
    for (const line of lines) entries.push(JSON.parse(line));
  return { entries, verified: ok, size };
}

const config = z.looseObject({
  interfaces: z.array(z.looseObject({ name: z.string(), description: z.string().optional() })),
});

/** One writer a port, one change after the other: the last that succeeded is what the device must show. */
async function wrongPorts({ installation, ledger }: CheckOptions): Promise<readonly unknown[]> {
  const { url, token } = simulatorsOf(installation);
  const wrong: unknown[] = [];
  const ports = new Set(ledger.changes.map(({ tenant, device, port }) => JSON.stringify([tenant, device, port])));
  for (const key of ports) {
    const [tenant, device, port] = z.tuple([z.string(), z.string(), z.string()]).parse(JSON.parse(key));
    const own = ledger.changes.filter((one) => one.tenant === tenant && one.device === device && one.port === port);
    const last = own.findLast(({ told }) => told[0] === 'succeeded')?.wanted;
    const answer = await fetch(`${url}/config/${tenant}/${device}`, { headers: { authorization: `Bearer ${token}` } });
    const shown = config.parse(await answer.json()).interfaces.find(({ name }) => name === port)?.description ?? '';
    if (last === undefined ? shown.startsWith('chaos ') : shown !== last)
      wrong.push({ tenant, device, port, shown, last });
  }
  return wrong;
}
