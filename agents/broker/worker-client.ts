/** How workers hear of schedules and say of their runs, each request with an assertion of its own. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { signCompactJws } from '../../protocols/oauth/compact-jws.ts';
import type { SigningKey } from '../../protocols/oauth/jwk.ts';
import { BrokerRefusal } from './broker-client.ts';

const dueSchedule = z.object({
  id: z.string(),
  tenant: z.string(),
  owner: z.string(),
  agent: z.enum([
    'health-monitor',
    'threat-watcher',
    'compliance-auditor',
    'experience-optimizer',
    'troubleshooter',
    'router',
  ]),
  work: z.enum(['forecast', 'checkpoint', 'retention']).optional(),
  title: z.string(),
  when: z.union([
    z.object({ cron: z.string(), timeZone: z.string() }),
    z.object({ everyMinutes: z.number(), jitterMinutes: z.number() }),
  ]),
  by: z.enum(['tenant', 'site']),
  spreadMinutes: z.number(),
  missed: z.enum(['skip', 'once']),
  budget: z.object({ calls: z.number(), minutes: z.number() }),
  pausedAt: z.string().optional(),
  asked: z.object({ run: z.string(), by: z.string(), only: z.array(z.string()).optional() }).optional(),
});
/** A schedule as the broker keeps it; nothing of it ends here. */
export type DueSchedule = Readonly<z.infer<typeof dueSchedule>>;

export interface RunReport {
  readonly calls: number;
  /** What it does now, or what it found; at most 4,000 characters. */
  readonly said: string;
  readonly outcome?: 'done' | 'partial' | 'failed' | 'missed';
  /** Of a run with parts: how many, how many have ended, how many of those for bad. */
  readonly progress?: { readonly of: number; readonly done: number; readonly dead: number };
  /** Parts that failed for good, at most 100. */
  readonly dead?: readonly { readonly part: string; readonly why: string }[];
}

/** All throw `BrokerRefusal`: `UNAVAILABLE` when the broker cannot be reached, `NOT_FOUND` for a schedule that ended. */
export interface WorkerClient {
  schedules(): Promise<readonly DueSchedule[]>;
  /** Not begun: another run of it is under way, this one ended, or no window is open. `leftOut`: devices to leave alone. */
  begin(schedule: string, run: string): Promise<{ readonly begun: boolean; readonly leftOut: readonly string[] }>;
  /** False: nobody waits for this run any more. */
  report(schedule: string, run: string, report: RunReport): Promise<boolean>;
  /** Says that this worker is there, and how long its queue is. */
  hear(report: WorkerReport): Promise<void>;
}

export interface WorkerReport {
  /** `wrk_…`, one for the life of the process. */
  readonly worker: string;
  readonly queue: 'embedded' | 'postgres' | 'redis' | 'none';
  readonly concurrency: number;
  /** Jobs of the whole queue by state. */
  readonly jobs: { readonly [state: string]: number };
}

/** Life of an assertion in seconds. */
const SECONDS = 30;

const problem = z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) });

export function createWorkerClient(deps: {
  /** Without a trailing slash. */
  readonly brokerUrl: string;
  readonly key: () => SigningKey | undefined;
  readonly fetch: typeof fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly nonce?: () => string;
}): WorkerClient {
  const root = `${deps.brokerUrl}/api/worker`;
  const nonce = deps.nonce ?? randomUUID;

  async function ask<T>(path: string, form: z.ZodType<T>, body?: object): Promise<T> {
    const key = deps.key();
    if (key === undefined) throw new BrokerRefusal('UNAUTHENTICATED', 'There is no key of a worker.');
    const iat = Math.floor(deps.now() / 1000);
    const claims = { iss: 'worker', sub: 'worker', aud: root, iat, exp: iat + SECONDS, jti: nonce() };
    const assertion = signCompactJws({ typ: 'worker+jwt', kid: key.thumbprint }, claims, key.privateKey);
    const authorization = { Authorization: `Bearer ${assertion}` };
    let response: Response;
    try {
      response = await deps.fetch(`${root}${path}`, {
        redirect: 'error',
        ...(body === undefined
          ? { headers: authorization }
          : {
              method: 'POST',
              headers: { ...authorization, 'Content-Type': 'application/json' },
              body: JSON.stringify(body),
            }),
      });
    } catch {
      throw new BrokerRefusal('UNAVAILABLE', 'The broker cannot be reached.');
    }
    const answer: unknown = await response.json().catch(() => undefined);
    const refused = problem.safeParse(answer);
    if (refused.success) throw new BrokerRefusal(refused.data.error.code, refused.data.error.message);
    const parsed = form.safeParse(answer);
    if (!response.ok || !parsed.success)
      throw new BrokerRefusal('UNAVAILABLE', 'The broker answered in an unknown form.');
    return parsed.data;
  }

  return {
    schedules: async () => (await ask('/schedules', z.object({ schedules: z.array(dueSchedule) }))).schedules,
    begin: (schedule, run) =>
      ask(`/schedules/${schedule}/begin`, z.object({ begun: z.boolean(), leftOut: z.array(z.string()) }), { run }),
    report: async (schedule, run, said) =>
      (await ask(`/schedules/${schedule}/report`, z.object({ goOn: z.boolean() }), { run, ...said })).goOn,
    hear: async (report) => void (await ask('/heard', z.object({ heard: z.boolean() }), report)),
  };
}
