/** What people do at the broker in a story, past the agents' own reasoning: calls, votes, lost roles, and what must hold then. */
import { z } from 'zod';

const resource = z.string().min(3).max(200);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const person = z
  .string()
  .regex(
    /^(operator|admin|deputy|auditor)@(acme|globex)$/,
    'give operator@acme, admin@acme, deputy@acme or auditor@acme (or globex)',
  );

/** Somebody does something at the broker, past the agents' own reasoning; `gives` is an outcome or a code of an error. */
const call = z.strictObject({
  says: z.string(),
  by: person,
  through: z.literal('troubleshooter').default('troubleshooter').describe('The agent that acts for the person'),
  tool: z.string(),
  devices: z.array(z.string()).default([]),
  input: z.record(z.string(), scalar).default({}),
  purpose: z
    .enum(['chat', 'incident'])
    .default('chat')
    .describe('`incident`: one that shows the symptom on the device'),
  as: z.string().exactOptional().describe('Name of the intent: the same name is the same intent again'),
  gives: z.string().describe('done, pending, succeeded, reverted, failed, unknown, or a code like DENIED'),
});
const vote = z.strictObject({
  says: z.string(),
  by: person,
  votes: z.enum(['approve', 'reject']),
  gives: z.string().default('done'),
});
const wait = z.strictObject({ says: z.string(), wait: z.int().min(1).max(86_400).describe('Seconds') });
const role = z.strictObject({ says: z.string(), of: person, role: z.enum(['taken', 'given back']) });
const strike = z.strictObject({
  says: z.string(),
  breaks: z.string(),
  resource,
  in: z.int().min(0).max(3_600).default(0).describe('Seconds from now'),
  lasts: z.int().min(1).max(86_400).exactOptional(),
});

/** What must be in the end: what devices run, and what the log holds. */
const holds = z.strictObject({
  says: z.string(),
  writes: z.int().min(0).exactOptional().describe('Times that the broker changed a device, so far'),
  running: z
    .strictObject({
      device: z.string(),
      path: z.enum(['local-as', 'description', 'enabled']),
      interface: z.string().exactOptional(),
      is: scalar,
    })
    .exactOptional(),
  logged: z.strictObject({ kind: z.string(), at_least: z.int().min(1) }).exactOptional(),
});

export const step = z.union([call, vote, wait, role, strike, holds]);
export type Step = z.infer<typeof step>;
