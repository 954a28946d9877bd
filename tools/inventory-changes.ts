/** `inventory.changes`: what the broker itself changed on the tenant's devices, and what was announced. */
import { z } from 'zod';
import { nodeName } from '../protocols/device/names.ts';
import { defineTool } from './define-tool.ts';
import { jsonOf, observe } from './replies.ts';

const records = z.array(
  z.object({
    devices: z.array(z.string()),
    at: z.string(),
    intent: z.string(),
    human: z.string(),
    outcome: z.string(),
  }),
);

export const inventoryChanges = defineTool({
  name: 'inventory.changes',
  domain: 'inventory',
  effect: 'read',
  description:
    'Lists the changes that were made through the broker: when, on which devices, for whom, with what outcome.',
  targets: 'none',
  input: z.strictObject({}),
  plan: () => [{ protocol: 'records', kind: 'changes', query: {} }],
  read: (replies) =>
    replies.flatMap((reply) =>
      (records.safeParse(jsonOf(reply)).data ?? []).flatMap(({ devices, ...change }) =>
        devices.map((device) => observe(reply, nodeName(device), 'change', JSON.stringify(change))),
      ),
    ),
});
