/**
 * What people and schedules do while things break: reads, changes under approval, sweeps. Everything that was acknowledged is
 * written down, and a change is asked for under its key again and again until it has an outcome.
 */
import { createHash } from 'node:crypto';
import { signInAs } from '../../apps/cli/connect.ts';
import { type ChatClient, createChatClient } from '../../apps/client/chat-client.ts';
import { type ControlClient, createControlClient } from '../../apps/client/control-client.ts';
import { createMcpClient } from '../../apps/client/mcp-client.ts';
import { createScheduleClient, type ScheduleClient } from '../../apps/client/schedule-client.ts';
import type { ClientSession } from '../../apps/client/session.ts';
import type { Installation } from '../../apps/installation.ts';
import type { Answer, CallArguments, Domain, Outcome } from '../../broker/contract.ts';
import { ERRORS, type ErrorCode, WayleaveError } from '../../broker/errors.ts';
import { AGENTS_AUDIENCE } from '../../protocols/oauth/access-token.ts';

/** A change of one port: `wanted` is its description, and nobody else writes there. */
export interface MadeChange {
  readonly tenant: string;
  readonly device: string;
  readonly port: string;
  readonly intent: string;
  readonly wanted: string;
  /** Outcomes that were told, in order; they must all be the same. */
  readonly told: Outcome[];
}

export interface Ledger {
  readonly reads: { readonly tenant: string; readonly intent: string }[];
  readonly changes: MadeChange[];
  /** Questions whose answer was heard to its end, with the ids of what was heard. */
  readonly answers: { readonly tenant: string; readonly thread: string; readonly heard: readonly string[] }[];
  readonly runs: { readonly tenant: string; readonly schedule: string; readonly run: string }[];
  /** Calls that were not acknowledged, by code. */
  readonly failures: Map<string, number>;
  /** What was said of each call that ended in a defect. */
  readonly defects: string[];
}

export interface LoadOptions {
  readonly home: string;
  /** Present addresses of the brokers. */
  readonly brokers: () => readonly string[];
  readonly tenants: readonly string[];
  readonly seed: number;
  readonly stop: AbortSignal;
  readonly agentsUrl: string;
}

const PORTS = ['ge0/0', 'ge0/1'];
const DEVICES = ['br1_edge', 'br2_edge'];
const PAUSE_MS = 200;
/** A tenant may make 30 changes an hour and one person 10 a session: who logs in anew goes on. */
const MOST_CHANGES = 24;
const RUN_EVERY_MS = 4_000;
const ASK_EVERY_MS = 3_000;

/** The testers' door of the simulated network. */
export function simulatorsOf({ running }: Pick<Installation, 'running'>): {
  readonly url: string;
  readonly token: string;
} {
  if (running.simulators === undefined) throw new Error('the network is not simulated');
  return running.simulators;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Someone at one of the brokers; logs in again where a login is gone. */
export class Someone {
  readonly #options: Pick<LoadOptions, 'home' | 'brokers'>;
  readonly #user: string;
  #at: number;
  #session: ClientSession | undefined;

  constructor(options: Pick<LoadOptions, 'home' | 'brokers'>, user: string, at: number) {
    this.#options = options;
    this.#user = user;
    this.#at = at;
  }

  async #present(): Promise<ClientSession> {
    const brokers = this.#options.brokers();
    this.#session ??= await signInAs(this.#options.home, brokers[this.#at % brokers.length] ?? '', this.#user);
    return this.#session;
  }

  /** Next time somewhere else, with a new login. */
  leave(): void {
    this.#session = undefined;
    this.#at += 1;
  }

  async desk(): Promise<ControlClient> {
    return createControlClient(await this.#present());
  }

  /** `fetch` for the agents. */
  async agents(): Promise<typeof fetch> {
    return (await this.#present()).fetch(AGENTS_AUDIENCE);
  }

  async chat(agentsUrl: string): Promise<ChatClient> {
    return createChatClient(await this.#present(), agentsUrl);
  }

  async schedules(): Promise<ScheduleClient> {
    return createScheduleClient(await this.#present());
  }

  async call(domain: Domain, tool: string, args: CallArguments): Promise<Answer> {
    const client = await createMcpClient(await this.#present(), domain);
    try {
      return await client.callTool(tool, args);
    } finally {
      await client.close().catch(() => undefined);
    }
  }
}

export function runLoad(options: LoadOptions): { readonly ledger: Ledger; readonly over: Promise<void> } {
  const ledger: Ledger = { reads: [], changes: [], runs: [], answers: [], failures: new Map(), defects: [] };
  const loops = options.tenants.flatMap((tenant, at) => [
    read(options, ledger, tenant, at),
    change(options, ledger, tenant, at),
    sweep(options, ledger, tenant, at),
    ask(options, ledger, tenant),
  ]);
  return { ledger, over: Promise.all(loops).then(() => undefined) };
}

function fail(ledger: Ledger, someone: Someone, error: unknown): void {
  const code = error instanceof WayleaveError ? error.code : 'UNREACHED';
  ledger.failures.set(code, (ledger.failures.get(code) ?? 0) + 1);
  if (code === 'INTERNAL' && error instanceof Error) ledger.defects.push(error.message);
  if (code !== 'LIMITED' && code !== 'OVERLOADED') someone.leave();
}

async function read(options: LoadOptions, ledger: Ledger, tenant: string, at: number): Promise<void> {
  const operator = new Someone(options, `operator@${tenant}`, at);
  while (!options.stop.aborted) {
    try {
      const args = { target: { devices: DEVICES }, input: {}, purpose: 'chat:look' };
      const answer = await operator.call('diagnostics', 'system.read', args);
      if (answer.status === 'done') ledger.reads.push({ tenant, intent: answer.intent });
    } catch (error) {
      fail(ledger, operator, error);
    }
    await pause(PAUSE_MS);
  }
}

async function change(options: LoadOptions, ledger: Ledger, tenant: string, at: number): Promise<void> {
  const operator = new Someone(options, `operator@${tenant}`, at);
  const admin = new Someone(options, `admin@${tenant}`, at + 1);
  for (let n = 0; n < MOST_CHANGES && !options.stop.aborted; n += 1) {
    const made: MadeChange = {
      ...{ tenant, device: DEVICES[n % 2] ?? '', port: PORTS[Math.floor(n / 2) % 2] ?? '', told: [] },
      wanted: `chaos ${options.seed} ${tenant} ${n}`,
      intent: `int_${createHash('sha256').update(`${options.home} ${tenant} ${n}`).digest('hex').slice(0, 32)}`,
    };
    // Written down before anything is sent: what nobody heard of must come out as well.
    ledger.changes.push(made);
    while (!options.stop.aborted && made.told.length === 0) {
      await advance(operator, admin, made).catch((error: unknown) => fail(ledger, operator, error));
      await pause(PAUSE_MS);
    }
  }
}

/** One attempt: proposes, approves what waits, and asks again. */
export async function advance(operator: Someone, admin: Someone, made: MadeChange): Promise<void> {
  const args = {
    target: { devices: [made.device] },
    input: { interface: made.port, description: made.wanted },
    ...{ purpose: 'chat:chaos', intent: made.intent },
  };
  let answer = await operator.call('wan', 'interface.set-description', args);
  if (answer.status === 'pending') {
    try {
      await (await admin.desk()).approve(answer.approval, 'chaos');
    } catch (error) {
      admin.leave();
      throw error;
    }
    answer = await operator.call('wan', 'interface.set-description', args);
  }
  if (answer.status === 'done' && answer.receipt !== undefined) made.told.push(answer.receipt.outcome);
}

async function sweep(options: LoadOptions, ledger: Ledger, tenant: string, at: number): Promise<void> {
  const operator = new Someone(options, `operator@${tenant}`, at);
  let schedule: string | undefined;
  while (!options.stop.aborted) {
    try {
      const client = await operator.schedules();
      schedule ??= (
        await client.add({
          ...{
            agent: 'health-monitor',
            title: `chaos ${tenant}`,
            missed: 'once',
            by: 'tenant',
            spreadMinutes: 0,
            budget: { calls: 500, minutes: 10 },
          },
          when: { everyMinutes: 10_080, jitterMinutes: 0 },
        })
      ).id;
      const known = ledger.runs.findLast((one) => one.tenant === tenant)?.run;
      // One run at a time: the next is asked for when the last has ended.
      if (known === undefined || (await client.runs(schedule)).some(({ id, endedAt }) => id === known && endedAt))
        ledger.runs.push({ tenant, schedule, run: await client.runNow(schedule) });
    } catch (error) {
      fail(ledger, operator, error);
    }
    await pause(RUN_EVERY_MS);
  }
}

async function ask(options: LoadOptions, ledger: Ledger, tenant: string): Promise<void> {
  // The agents know one issuer: the first broker.
  const first = (): readonly string[] => options.brokers().slice(0, 1);
  const operator = new Someone({ home: options.home, brokers: first }, `operator@${tenant}`, 0);
  while (!options.stop.aborted) {
    try {
      let thread = '';
      let whole = true;
      const heard: string[] = [];
      for await (const item of (await operator.chat(options.agentsUrl)).ask('Which devices are there?')) {
        if ('thread' in item) thread = item.thread;
        else if (item.type === 'error') {
          // Whoever hears an error was promised nothing: what was told until then may be gone with the store.
          whole = false;
          fail(ledger, operator, new WayleaveError(codeOf(item.code), item.message));
        } else if (item.type === 'done') {
          if (whole) ledger.answers.push({ tenant, thread, heard });
        } else heard.push(item.id);
      }
    } catch (error) {
      fail(ledger, operator, error);
    }
    await pause(ASK_EVERY_MS);
  }
}

const codeOf = (code: string): ErrorCode => (isCode(code) ? code : 'INTERNAL');
const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
