/** Whether a message that came in is from who shares the secret, and of this moment (Standard Webhooks 1.0). Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { webhookKey } from '../notify/webhook.ts';

/** How far the clocks of both ends may differ: the tolerance that Standard Webhooks names. */
export const TOLERANCE_SECONDS = 300;
/** Signatures of one message that are looked at: a sender that changes its secret sends two. */
const MOST_SIGNATURES = 4;

export interface SignedMessage {
  /** `webhook-id`, `webhook-timestamp` and `webhook-signature`, as they came. */
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

/** Why it is refused, in words for the log; undefined when it holds under one of the secrets. Constant time in secret and signature. */
export function whyNotAuthentic(
  message: SignedMessage,
  secrets: readonly string[],
  nowMs: number,
): 'malformed' | 'stale' | 'signature' | undefined {
  const { id, timestamp, signature, body } = message;
  if (!/^[\w.-]{1,100}$/.test(id) || !/^\d{1,12}$/.test(timestamp) || signature.length > 1_000) return 'malformed';
  const given = signature
    .split(' ')
    .slice(0, MOST_SIGNATURES)
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice('v1,'.length), 'base64')] : []));
  let holds = false;
  for (const secret of secrets) {
    const expected = createHmac('sha256', webhookKey(secret)).update(`${id}.${timestamp}.${body}`).digest();
    // Every pair is compared: which one holds, and that one does, shows in no time.
    for (const one of given) if (one.length === expected.length && timingSafeEqual(one, expected)) holds = true;
  }
  if (!holds) return 'signature';
  // After the signature: who has no secret learns nothing of our clock.
  return Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) > TOLERANCE_SECONDS ? 'stale' : undefined;
}
