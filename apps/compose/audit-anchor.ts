/** Wires the anchor of the audit log: the newest checkpoint goes out every minute, and once more at the end. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createAnchor } from '../../broker/audit/anchor.ts';
import type { AuditLog, Clock } from '../../broker/ports.ts';
import { readOrCreate } from '../home.ts';
import type { BrokerSettings } from './broker-settings.ts';

const EVERY_MS = 60_000;

/** The secret that the receiver needs stands in `anchor-secret.json` among the broker's keys. */
export function startAnchor(
  { auditAnchorUrl: url, keys }: Pick<BrokerSettings, 'auditAnchorUrl' | 'keys'>,
  audit: Pick<AuditLog, 'checkpoint'>,
  clock: Clock,
  alarm: (what: string) => void,
): { readonly close: () => Promise<void> } {
  if (url === '') return { close: async () => undefined };
  const { secret } = readOrCreate(path.join(keys, 'anchor-secret.json'), () => ({
    secret: `whsec_${randomBytes(32).toString('base64')}`,
  }));
  const anchor = createAnchor({
    ...{ url, secret, clock, fetch },
    checkpoint: () => audit.checkpoint(),
    onFailure: (why) => alarm(`the anchor of the audit log takes no checkpoint: ${why}`),
  });
  void anchor.send();
  const timer = setInterval(() => void anchor.send(), EVERY_MS);
  return {
    close: async () => {
      clearInterval(timer);
      await anchor.send();
    },
  };
}
