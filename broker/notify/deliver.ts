/** Delivers what is due, channel by channel: at least once, later and later after failures, and never to another place than the channel's. */
import type { Clock } from '../ports.ts';
import type { Channel, Channels } from './channels.ts';
import type { Outbox, OutboxRow, Settlement } from './outbox.ts';
import { postWebhook } from './webhook.ts';

export interface DeliverDeps {
  readonly outbox: Outbox;
  readonly channels: Channels;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Secrets of the channel, the one in force first. */
  readonly secretsOf: (channel: Channel) => readonly string[];
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

/** Longer than a delivery may take: what a broker took and did not settle is tried again then. */
const LEASE_MS = 60_000;
const FIRST_RETRY_MS = 5000;
const LONGEST_RETRY_MS = 3_600_000;
/** Ten attempts in the first hour and a half, then one an hour: three days. */
const MOST_ATTEMPTS = 80;
/** Of one channel in one pass, so that a flood does not starve the position in the log. */
const MOST_A_PASS = 200;

export const retryAfter = (attempts: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_RETRY_MS);

/** One pass over all channels, side by side; never rejects. */
export async function deliverDue(deps: DeliverDeps): Promise<void> {
  await Promise.all(
    deps.channels.all.map((channel) =>
      deliverChannel(deps, channel).catch((error: unknown) =>
        deps.log.error({ err: error, channel: channel.name, tenant: channel.tenant }, 'notices could not be delivered'),
      ),
    ),
  );
}

async function deliverChannel(deps: DeliverDeps, channel: Channel): Promise<void> {
  for (let count = 0; count < MOST_A_PASS; count += 1) {
    const row = await deps.outbox.claim(channel.tenant, channel.name, deps.clock.now(), LEASE_MS);
    if (row === undefined) return;
    const settlement = await deliverRow(deps, channel, row);
    await deps.outbox.settle(row, settlement);
    // A receiver that fails is not asked for the rest now.
    if (settlement.state !== 'delivered') return;
  }
}

async function deliverRow(deps: DeliverDeps, channel: Channel, row: OutboxRow): Promise<Settlement> {
  const attempts = row.attempts + 1;
  let error: string;
  let gone = false;
  try {
    const status = await postWebhook(deps, {
      ...{ url: channel.url, secrets: deps.secretsOf(channel), id: row.notice, body: row.body },
      contentType: 'application/cloudevents+json',
    });
    if (status >= 200 && status <= 299) return { state: 'delivered', attempts, nextAt: deps.clock.now() };
    error = `it answers ${status}`;
    gone = status === 410; // Standard Webhooks: the receiver wants no more
  } catch (thrown) {
    error = whyOf(thrown);
  }
  const state = gone || attempts >= MOST_ATTEMPTS ? 'failed' : 'waiting';
  if (state === 'failed')
    deps.log.error({ notice: row.notice, tenant: row.tenant, channel: row.channel, error }, 'a notice is given up');
  return { state, attempts, nextAt: deps.clock.now() + retryAfter(attempts), error };
}

/** Code of what failed (`ECONNREFUSED`), never its text: that may hold the URL. */
function whyOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'it does not answer';
  if (thrown.name === 'TimeoutError') return 'it does not answer in time';
  const { cause } = thrown;
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string') return `it cannot be reached (${code})`;
  const redirected = cause instanceof Error && /redirect/i.test(cause.message);
  return redirected ? 'it redirects, which is not followed' : 'it cannot be reached';
}
