/** What the broker and its policy referee say to each other: one JSON object a line, requests down, replies with the same id up. */

import type { SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { z } from 'zod';
import type { Json } from '../../contract.ts';

/** A policy file: `name` for error messages, `text` in the Cedar language. */
export interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

/** Everything that decides: replaced as a whole, never in part. */
export interface PolicyBundle {
  readonly policies: readonly PolicyFile[];
  readonly schema: SchemaJson<string>;
  /** Ids of policies that are read and validated, and decide nothing. */
  readonly observe?: readonly string[];
}

const EntityId = z.strictObject({ type: z.string(), id: z.string() });
export type EntityId = z.infer<typeof EntityId>;

/** One question to Cedar: a principal, an action, a resource. Entities carry the attributes that policies read. */
export interface Question {
  readonly principal: EntityId;
  readonly action: EntityId;
  readonly resource: EntityId;
  readonly context: { readonly [name: string]: Json };
  readonly entities: readonly {
    readonly uid: EntityId;
    readonly attrs: { readonly [name: string]: Json };
    readonly parents: readonly EntityId[];
  }[];
}

export type RefereeRequest =
  | { readonly id: number; readonly op: 'activate'; readonly bundle: PolicyBundle }
  | { readonly id: number; readonly op: 'decide'; readonly questions: readonly Question[] };

const ActivePolicy = z.strictObject({
  id: z.string(),
  effect: z.enum(['permit', 'forbid']),
  because: z.string(),
  obligations: z.string().optional(),
  /** The policy in Cedar's JSON form, as Cedar parsed it: what the broker compiles. */
  parsed: z.json(),
});
/** A policy that decides now, as its annotations describe it. */
export type ActivePolicy = z.infer<typeof ActivePolicy>;

const RefereeAnswer = z.strictObject({
  decision: z.enum(['permit', 'deny']),
  /** Ids of the determining policies. */
  policies: z.array(z.string()).readonly(),
  /** Evaluation errors; Cedar skips a policy that errs, so any of these must deny. */
  errors: z.array(z.string()).readonly(),
  /** Ids of the policies that could not be evaluated; empty when the question itself was refused. */
  erring: z.array(z.string()).readonly(),
});
export type RefereeAnswer = z.infer<typeof RefereeAnswer>;

/** Parsed on both ends: the referee is a process of our own, but a line is a line. */
export const RefereeReply = z.discriminatedUnion('op', [
  z.strictObject({ id: z.number(), op: z.literal('activated'), policies: z.array(ActivePolicy) }),
  z.strictObject({ id: z.number(), op: z.literal('decided'), answers: z.array(RefereeAnswer) }),
  z.strictObject({ id: z.number(), op: z.literal('refused'), errors: z.array(z.string()) }),
]);
export type RefereeReply = z.infer<typeof RefereeReply>;

/** A request as the referee reads it; Cedar itself checks schema, context and entities. */
export const RefereeLine = z.discriminatedUnion('op', [
  z.strictObject({
    id: z.number(),
    op: z.literal('activate'),
    bundle: z.strictObject({
      policies: z.array(z.strictObject({ name: z.string(), text: z.string() })),
      schema: z.custom<SchemaJson<string>>((value) => typeof value === 'object' && value !== null),
      observe: z.array(z.string()).exactOptional(),
    }),
  }),
  z.strictObject({
    id: z.number(),
    op: z.literal('decide'),
    questions: z.array(
      z.strictObject({
        principal: EntityId,
        action: EntityId,
        resource: EntityId,
        context: z.record(z.string(), z.json()),
        entities: z.array(
          z.strictObject({ uid: EntityId, attrs: z.record(z.string(), z.json()), parents: z.array(EntityId) }),
        ),
      }),
    ),
  }),
]);
