/** `intent.await`: a tool of every domain by which a client waits, for a bounded time, for people to decide on an intent of its own. */
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Approval, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { asOutputSchema, orRefusal } from './describe-tool.ts';

export const AWAIT_TOOL = 'intent.await';
/** Seconds of one wait: below the 60 s after which clients of the MCP SDK give a request up. */
const MAX_WAIT_SECONDS = 50;
const LOOK_EVERY_MS = 1000;
/** Waits at a time: of one human, and of all. Each holds a connection. */
const MAX_OF_ONE = 4;
const MAX_OF_ALL = 64;

const input = z.strictObject({
  intent: z
    .string()
    .regex(/^int_[a-z0-9]{8,64}$/)
    .describe('The intent of a `pending` answer'),
  waitSeconds: z
    .int()
    .min(0)
    .max(MAX_WAIT_SECONDS)
    .default(20)
    .describe('How long to wait at most for a decision; 0 only looks'),
});

const output = z.object({
  intent: z.string(),
  approval: z.string(),
  status: z.enum(['pending', 'approved', 'rejected', 'expired', 'consumed', 'void']),
  expiresAt: z.string(),
  next: z.string(),
});
export type Awaited = z.infer<typeof output>;

const NEXT = {
  pending: 'Nobody has decided yet: await it again.',
  approved: 'Call the tool again with the same arguments and this intent.',
  rejected: 'It was rejected and will not be done.',
  expired: 'Nobody decided in time. A new intent may be proposed.',
  consumed: 'It was executed; the same call with this intent answers with the receipt.',
  void: 'The network or the policy changed meanwhile. A new intent may be proposed.',
} as const satisfies Readonly<Record<Approval['status'], string>>;

export const AWAIT_LISTING: Tool = {
  name: AWAIT_TOOL,
  description: 'Waits for the decision of people on an intent of your own that was answered with `pending`.',
  inputSchema: JSON.parse(JSON.stringify({ ...z.toJSONSchema(input, { io: 'input' }), type: 'object' })),
  outputSchema: asOutputSchema(orRefusal(output)),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
};

export interface AwaitDeps {
  /** Approvals of the subject's tenant. */
  readonly approvals: (subject: Subject) => Promise<readonly Approval[]>;
  readonly approval: (subject: Subject, id: string) => Promise<Approval>;
  /** Waits; rejects when `signal` aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export type AwaitIntent = (subject: Subject, args: unknown, gone: AbortSignal) => Promise<Awaited>;

/**
 * Errors: `INPUT_INVALID`; `NOT_FOUND` for an intent that waits for nobody and for one of somebody else, alike; `LIMITED`
 * beyond the waits at a time. `gone` aborts when the caller hangs up.
 */
export function createAwaitIntent(deps: AwaitDeps): AwaitIntent {
  const waiting = new Map<string, number>();
  let all = 0;
  return async (subject, args, gone) => {
    const parsed = input.safeParse(args);
    if (!parsed.success) throw new WayleaveError('INPUT_INVALID', z.prettifyError(parsed.error));
    const { intent, waitSeconds } = parsed.data;
    const mine = (await deps.approvals(subject)).find((one) => one.intent.id === intent && isOwn(one, subject));
    if (mine === undefined) throw new WayleaveError('NOT_FOUND');
    const who = `${subject.tenant}\n${subject.human}`;
    const ofOne = waiting.get(who) ?? 0;
    if (ofOne >= MAX_OF_ONE || all >= MAX_OF_ALL) throw new WayleaveError('LIMITED', 'Too many waits at a time.');
    waiting.set(who, ofOne + 1);
    all += 1;
    try {
      let approval = mine;
      for (let left = waitSeconds * 1000; approval.status === 'pending' && left > 0; left -= LOOK_EVERY_MS) {
        await deps.pause(LOOK_EVERY_MS, gone).catch(() => {
          throw new WayleaveError('UNAVAILABLE', 'The wait was broken off.');
        });
        approval = await deps.approval(subject, approval.id);
      }
      const { id, status, expiresAt } = approval;
      return { intent, approval: id, status, expiresAt, next: NEXT[status] };
    } finally {
      all -= 1;
      const left = (waiting.get(who) ?? 1) - 1;
      if (left === 0) waiting.delete(who);
      else waiting.set(who, left);
    }
  };
}

/** The requester: the same human through the same agent. */
const isOwn = ({ requester }: Approval, subject: Subject): boolean =>
  requester.human === subject.human && requester.tenant === subject.tenant && requester.agent === subject.agent;
