/** Takes one message in: proves who sent it, takes it once, makes incidents of its alerts, and asks for a diagnosis where that was ordered. */
import type { z } from 'zod';
import { JsonRefused, parseStrictJson } from '../../protocols/oauth/strict-json.ts';
import { WayleaveError } from '../errors.ts';
import { AuthenticationFailure } from '../identity/authenticate.ts';
import type { Schedules } from '../identity/schedules.ts';
import { createTokenBuckets } from '../limits/token-bucket.ts';
import type { AuditLog } from '../ports.ts';
import { alertmanagerMessage, readAlerts } from './alertmanager.ts';
import type { Hook, Hooks } from './hook.ts';
import { type TakeAlertsDeps, type Taken, takeAlerts } from './take-alerts.ts';
import { type SignedMessage, TOLERANCE_SECONDS, whyNotAuthentic } from './verify-message.ts';

export interface ReceptionDeps extends TakeAlertsDeps {
  readonly hooks: Hooks;
  readonly openSecret: (hook: string, sealed: string) => string;
  readonly schedules: Pick<Schedules, 'get' | 'change'>;
  readonly audit: Pick<AuditLog, 'append'>;
}

export interface Received extends Taken {
  /** It was taken before: nothing was done now. */
  readonly repeated: boolean;
  /** The run that somebody who ordered it will find in the schedule's history. */
  readonly run?: string;
}

export interface Reception {
  /** Throws `UNAUTHENTICATED` for an unknown hook, a wrong signature or another time; `INPUT_INVALID`, `LIMITED`. */
  receive(hook: string, message: SignedMessage): Promise<Received>;
}

const MAX_DEPTH = 8;
/** Messages of one hook: Alertmanager sends one a group and interval. */
const BURST = 60;
const PER_SECOND = 1;
const MOST_HOOKS = 10_000;
/** An id is remembered longer than its timestamp can be shown again, at both ends of the tolerance. */
const REMEMBER_MS = 2 * TOLERANCE_SECONDS * 1_000 + 60_000;
/** No secret of anybody: an unknown hook costs the time of a known one. */
const NOBODY = ['whsec_'];

export function createReception(deps: ReceptionDeps): Reception {
  const { hooks, clock } = deps;
  const buckets = createTokenBuckets({ clock, burst: BURST, perSecond: PER_SECOND, maxKeys: MOST_HOOKS });

  async function authenticate(id: string, message: SignedMessage): Promise<Hook> {
    const found = await hooks.get(id);
    const live = found === undefined || found.revokedAt !== undefined ? undefined : found;
    const secrets = live?.secrets.flatMap(({ sealed, until }) =>
      until !== undefined && Date.parse(until) <= clock.now() ? [] : [deps.openSecret(live.id, sealed)],
    );
    const why = whyNotAuthentic(message, secrets ?? NOBODY, clock.now());
    if (live === undefined || why !== undefined)
      throw new AuthenticationFailure(`webhook: ${live === undefined ? 'no such hook' : why}`);
    return live;
  }

  const wasTaken = ({ seen }: Hook, id: string): boolean => seen.some((one) => one.id === id);

  return {
    async receive(id, message) {
      const hook = await authenticate(id, message);
      const admission = buckets.take(hook.id);
      if (!admission.ok) throw new WayleaveError('LIMITED', 'This webhook sends too much.', admission.retryAfterMs);
      if (wasTaken(hook, message.id)) return { repeated: true, opened: [], updated: [], resolved: [] };
      const alerts = readAlerts(parseMessage(message.body));
      const taken = await takeAlerts(deps, hook, alerts);
      const run = taken.opened.length > 0 ? await askForDiagnosis(deps, hook) : undefined;
      const at = new Date(clock.now()).toISOString();
      await deps.audit.append({
        ...{ at, tenant: hook.tenant, kind: 'webhook.received', human: hook.owner },
        content: {
          ...{ hook: hook.id, name: hook.name, message: message.id, alerts: alerts.length },
          ...{ opened: taken.opened.length, updated: taken.updated.length, resolved: taken.resolved.length },
          ...(run === undefined ? {} : { run, schedule: hook.schedule ?? '' }),
        },
      });
      // Last: a sender that was told of a failure sends the same message again, and all of the above is the same then.
      await hooks.update(hook.id, (now) => {
        const before = now ?? hook;
        const kept = before.seen.filter((one) => clock.now() - Date.parse(one.at) < REMEMBER_MS);
        return {
          ...before,
          lastAt: at,
          seen: [...kept.filter((one) => one.id !== message.id), { id: message.id, at }],
        };
      });
      return { repeated: false, ...taken, ...(run === undefined ? {} : { run }) };
    },
  };
}

function parseMessage(body: string): z.infer<typeof alertmanagerMessage> {
  let value: unknown;
  try {
    value = parseStrictJson(body, MAX_DEPTH);
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    throw new WayleaveError('INPUT_INVALID', `The message is not acceptable JSON: ${error.message}.`);
  }
  const parsed = alertmanagerMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new WayleaveError('INPUT_INVALID', `The message is not Alertmanager’s, version 4: ${where.slice(0, 80)}.`);
}

/** Nothing when the schedule ended, is held, or is another tenant's, or when a run of it is asked for already. */
async function askForDiagnosis(
  { schedules, ids }: ReceptionDeps,
  { tenant, schedule, name }: Hook,
): Promise<string | undefined> {
  const found = schedule === undefined ? undefined : await schedules.get(schedule);
  if (found === undefined || found.tenant !== tenant || found.endedAt !== undefined) return undefined;
  if (found.pausedAt !== undefined || found.asked !== undefined) return undefined;
  const asked = { run: ids.id('run'), by: `webhook:${name}` };
  const after = await schedules.change(found.id, (present) => ({ asked, ...present }));
  return after?.asked?.run === asked.run ? asked.run : undefined;
}
