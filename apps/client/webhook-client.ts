/** Typed calls of `/api/webhooks` for a logged-in person: what a tenant takes in from elsewhere, and the secrets of it. */
import { z } from 'zod';
import type { NewSecret, WantedHook } from '../../broker/webhooks/desk.ts';
import type { HookView } from '../../broker/webhooks/hook.ts';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { postJson } from './post-json.ts';
import { hasKeys, readAnswer } from './read-answer.ts';
import type { ClientSession } from './session.ts';

/** All throw `WayleaveError` with the broker's code. */
export interface WebhookClient {
  list(): Promise<readonly HookView[]>;
  /** The secret is told here, and never again. */
  add(wanted: WantedHook): Promise<NewSecret>;
  rotate(id: string, overlapHours: number): Promise<NewSecret>;
  revoke(id: string): Promise<HookView>;
  /** Where messages for one are sent. */
  address(id: string): string;
}

const view = z.custom<HookView>((value) => hasKeys(value, 'id', 'name', 'owner'));
const newSecret = z.custom<NewSecret>((value) => hasKeys(value, 'id', 'name', 'secret'));

export function createWebhookClient(session: ClientSession): WebhookClient {
  const request = session.fetch(CONTROL_AUDIENCE);
  const root = `${session.issuer}/api/webhooks`;
  const post = (path: string, body: object): Promise<Response> => request(`${root}${path}`, postJson(body));
  const way = (id: string): string => `/${encodeURIComponent(id)}`;
  return {
    list: async () => (await readAnswer(await request(root), z.object({ webhooks: z.array(view) }))).webhooks,
    add: async (wanted) => readAnswer(await post('', wanted), newSecret),
    rotate: async (id, overlapHours) => readAnswer(await post(`${way(id)}/rotate`, { overlapHours }), newSecret),
    revoke: async (id) => readAnswer(await post(`${way(id)}/revoke`, {}), view),
    address: (id) => `${session.issuer}/hooks${way(id)}`,
  };
}
