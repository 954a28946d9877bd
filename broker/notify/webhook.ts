/**
 * A signed webhook (Standard Webhooks 1.0): `webhook-id`, `webhook-timestamp` and `webhook-signature: v1,<HMAC-SHA-256>` over
 * `id.timestamp.body`. Every service that takes webhooks has a library that verifies it; nothing but a shared secret is needed.
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../ports.ts';

export interface WebhookDeps {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

export interface Webhook {
  readonly url: string;
  /** Each signs, so that a secret can be changed without a gap: `whsec_` and base64 of the key. */
  readonly secrets: readonly string[];
  /** The same for the same message, so that a receiver knows a second delivery. */
  readonly id: string;
  readonly contentType: string;
  readonly body: string;
}

const TIMEOUT_MS = 10_000;

export const webhookKey = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

/** Resolves with the status of the answer, whatever it says; a redirect is not followed and rejects. */
export async function postWebhook(
  deps: WebhookDeps,
  { url, secrets, id, contentType, body }: Webhook,
): Promise<number> {
  const seconds = Math.floor(deps.clock.now() / 1000);
  const sign = (secret: string): string =>
    `v1,${createHmac('sha256', webhookKey(secret)).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  const response = await deps.fetch(url, {
    method: 'POST',
    headers: {
      'content-type': contentType,
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': secrets.map(sign).join(' '),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel(); // frees the connection; what else it says is read by nobody
  return response.status;
}
