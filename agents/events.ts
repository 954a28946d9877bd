/** What a person sees of a run: the stream of events that the terminal and the console draw. */
import { z } from 'zod';
import { AGENTS } from '../broker/contract.ts';

const agent = z.enum(AGENTS);
const ids = z.array(z.string());

export const VERDICTS = ['root-cause', 'healthy', 'planned', 'not-the-network', 'inconclusive', 'blind'] as const;
export type Verdict = (typeof VERDICTS)[number];

const rootCause = z.object({
  resource: z.string(),
  faultType: z.string(),
  /** 0 to 1, rounded to two digits. */
  confidence: z.number(),
});
const statement = z.object({ text: z.string(), evidence: ids });

const finding = z.object({
  verdict: z.enum(VERDICTS),
  rootCauses: z.array(rootCause),
  because: z.array(statement),
  ruledOut: z.array(z.object({ faultType: z.string(), because: z.string(), evidence: ids })),
  /** What could not be read, in words; empty when everything asked for was answered. */
  unread: z.array(z.string()),
});

/** What a diagnosis says: every statement cites evidence ids that resolve. */
export type Finding = z.infer<typeof finding>;
export type RootCause = z.infer<typeof rootCause>;
export type Statement = z.infer<typeof statement>;

export const proposal = z.object({
  tool: z.string(),
  target: ids,
  input: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  why: z.string(),
});
/** A change that an agent asks the broker for. */
export type Proposal = z.infer<typeof proposal>;

/**
 * One event. `id` is unique in its thread and grows by order of appearance.
 * `tool.status`: `failed` is a device or broker error, `denied` a refusal by policy or limit.
 */
export const chatEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('route'), id: z.string(), agent, question: z.string(), about: ids }),
  z.object({
    type: z.literal('tool'),
    id: z.string(),
    n: z.number(),
    agent,
    tool: z.string(),
    devices: ids,
    status: z.enum(['done', 'denied', 'pending', 'failed']),
    evidence: ids,
    summary: z.string(),
    /** What it was called with, as JSON text: it can quote what a person or a device said. */
    input: z.string().optional(),
    /** The broker's clock when it collected, ISO-8601 UTC. */
    at: z.string().optional(),
  }),
  z.object({ type: z.literal('finding'), id: z.string(), ...finding.shape }),
  z.object({ type: z.literal('proposal'), id: z.string(), ...proposal.shape }),
  z.object({
    type: z.literal('pending'),
    id: z.string(),
    approval: z.string(),
    intent: z.string(),
    /** `ChangeSummary` of the broker's contract, as JSON text: it quotes device configuration. */
    summary: z.string(),
  }),
  z.object({
    type: z.literal('outcome'),
    id: z.string(),
    outcome: z.enum(['succeeded', 'failed', 'reverted', 'unknown', 'rejected']),
    steps: z.array(z.object({ device: z.string(), step: z.string(), ok: z.boolean(), detail: z.string() })),
    detail: z.string(),
  }),
  z.object({ type: z.literal('text'), id: z.string(), text: z.string() }),
  z.object({
    type: z.literal('error'),
    id: z.string(),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
  }),
  z.object({ type: z.literal('done'), id: z.string() }),
]);
export type ChatEvent = z.infer<typeof chatEvent>;

/** Ids grow with the conversation, so that their order as text is the order of events. */
export const eventId = (count: number): string => `e${String(count).padStart(6, '0')}`;
/** Whether an event is part of the conversation, or was only said to who was there (`done`, `error`). */
export const isKept = (id: string): boolean => /^e\d{6}$/.test(id);

type WithoutId<Event> = Event extends unknown ? Omit<Event, 'id'> : never;
/** An event before its run gave it an id. */
export type NewEvent = WithoutId<ChatEvent>;

/** Longest device text that is quoted to a person. */
const MAX_QUOTE = 120;

/** Device text as a quotation: one printable line, cut. It is data and never an instruction. */
export function quote(text: string): string {
  const line = text.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE - 1)}…` : line;
}
