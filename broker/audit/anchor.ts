/**
 * Sends the newest checkpoint to an anchor outside of the installation, by a signed webhook.
 *
 * Whoever owns the machine owns its witness as well; what an anchor elsewhere has received, nobody here takes back.
 */
import { createHmac } from 'node:crypto';
import { postWebhook, webhookKey } from '../notify/webhook.ts';
import type { Clock } from '../ports.ts';

export interface AnchorDeps {
  readonly url: string;
  /** Shared with the receiver: `whsec_` and base64 of the key. */
  readonly secret: string;
  /** Latest signed note of the log. */
  readonly checkpoint: () => string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Told once when the anchor stops taking checkpoints, and why. */
  readonly onFailure: (why: string) => void;
}

export interface Anchor {
  /** Sends the newest checkpoint unless the anchor has it; never rejects. */
  send(): Promise<void>;
}

export function createAnchor({ url, secret, checkpoint, clock, fetch: post, onFailure }: AnchorDeps): Anchor {
  const key = webhookKey(secret);
  /** Tree of the last checkpoint that was taken; a witness's later signature on the same tree says nothing new. */
  let taken = '';
  let failing = false;
  let running: Promise<void> | undefined;

  const deliver = async (note: string, tree: string): Promise<void> => {
    // The same checkpoint has the same id, so that a receiver knows a second delivery.
    const id = `chk_${createHmac('sha256', key).update(tree).digest('hex').slice(0, 32)}`;
    const timestamp = new Date(clock.now()).toISOString();
    const body = JSON.stringify({ type: 'audit.checkpoint', timestamp, data: { checkpoint: note } });
    const status = await postWebhook(
      { clock, fetch: post },
      { url, secrets: [secret], id, contentType: 'application/json', body },
    );
    if (status < 200 || status > 299) throw new Error(`it answers ${status}`);
  };

  const attempt = async (): Promise<void> => {
    const note = checkpoint();
    const tree = note.slice(0, note.indexOf('\n\n'));
    if (tree === taken) return;
    try {
      await deliver(note, tree);
      taken = tree;
      failing = false;
    } catch (error) {
      if (!failing) onFailure(error instanceof Error ? error.message : 'it does not answer');
      failing = true;
    }
  };

  return {
    send() {
      running ??= attempt().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}
