/** Wires notices: channels from their file, secrets among the keys, news from the log, and a pass of deliveries whenever there is something. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import { type Channel, type Channels, loadChannels } from '../../broker/notify/channels.ts';
import { type CollectDeps, type Collector, createCollector } from '../../broker/notify/collect-notices.ts';
import { type DeliverDeps, deliverDue } from '../../broker/notify/deliver.ts';
import type { NoticesDeskDeps } from '../../broker/notify/notices-desk.ts';
import { webhookKey } from '../../broker/notify/webhook.ts';
import { readOrCreate } from '../home.ts';
import type { BrokerSettings } from './broker-settings.ts';

export type OpenNotices = NoticesDeskDeps['notices'] & {
  readonly collector: Collector;
  close(): Promise<void>;
};

/** Retries come due, and other brokers append. */
const EVERY_MS = 2000;
/** A notice and what became of it are kept for so long. */
const KEEP_MS = 30 * 86_400_000;

const secretFile = z.record(
  z.string(),
  z
    .union([z.string(), z.array(z.string()).min(1).max(5)])
    .refine(
      (value) =>
        [value].flat().every((one) => /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(one) && webhookKey(one).length >= 24),
      'give whsec_ and the base64 of 24 bytes or more',
    ),
);
const keyOf = ({ tenant, name }: Channel): string => `${tenant}/${name}`;

/** A channel that has no secret yet gets one; those of a person's own hand are kept. Throws `CONFIG_INVALID`. */
export function openSecrets(keys: string, channels: Channels): (channel: Channel) => readonly string[] {
  const file = path.join(keys, 'notification-secrets.json');
  const read = secretFile.safeParse(readOrCreate(file, () => ({})));
  if (!read.success) throw new WayleaveError('CONFIG_INVALID', `${file}: ${read.error.issues[0]?.message ?? ''}`);
  const missing = channels.all.filter((channel) => !Object.hasOwn(read.data, keyOf(channel)));
  const made = missing.map((channel) => [keyOf(channel), `whsec_${randomBytes(32).toString('base64')}`] as const);
  const secrets = { ...read.data, ...Object.fromEntries(made) };
  if (made.length > 0) writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return (channel) => [secrets[keyOf(channel)] ?? []].flat();
}

export async function openNotices(
  settings: Pick<BrokerSettings, 'notifications' | 'keys'>,
  deps: Pick<CollectDeps, 'audit' | 'outbox' | 'log'> &
    Pick<DeliverDeps, 'clock'> & { readonly alarm: (what: string) => void },
): Promise<OpenNotices> {
  const channels = loadChannels(settings.notifications);
  const { outbox, clock, log } = deps;
  const failed = { error: (fields: object, message: string) => deps.alarm(`${message}: ${JSON.stringify(fields)}`) };
  const deliverDeps: DeliverDeps = {
    ...{ outbox, channels, clock, fetch, secretsOf: openSecrets(settings.keys, channels), log: failed },
  };
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const pass = async (): Promise<void> => {
    again = false;
    await collector.flush();
    await deliverDue(deliverDeps);
    if (again && !closed) await pass();
  };
  /** Never two passes side by side; what comes meanwhile is of the next one. */
  const run = (): Promise<void> => {
    again = true;
    running ??= pass()
      .catch((error: unknown) => deps.alarm(`notices wait: ${error instanceof Error ? error.message : 'unknown'}`))
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const collector: Collector = await createCollector({
    ...{ audit: deps.audit, outbox, channels, log },
    onNews: () => void setImmediate(() => void (closed || run())),
  });
  const timer = setInterval(() => void run(), EVERY_MS);
  await outbox.forget(clock.now() - KEEP_MS);
  return {
    ...{ outbox, channels, log, collector, deliver: run },
    async close() {
      closed = true;
      clearInterval(timer);
      await running;
      await collector.flush();
    },
  };
}
