/** What the policies say of tools that do not exist yet, one of each effect in each domain, and what each policy obliges to by itself. */
import { z } from 'zod';
import { DOMAINS } from '../../broker/contract.ts';
import type { ActivePolicy } from '../../broker/policy/referee/messages.ts';
import { EFFECTS, type ToolFacts } from '../../broker/policy/schema.ts';

/** A new tool falls under its domain and effect at once: this is what it would be allowed. */
export const IMAGINED_TOOLS: readonly ToolFacts[] = DOMAINS.flatMap((domain) =>
  EFFECTS.map((effect) => ({
    ...{ name: `${domain}.any-${effect}`, domain, effect },
    targets: domain === 'inventory' && effect === 'read' ? ('none' as const) : ('one' as const),
    // What contains has an end.
    input: effect === 'contain' ? z.strictObject({ seconds: z.int() }) : z.strictObject({}),
  })),
);

/** Decisions show the union of duties; a duty that another policy brings as well shows here only. */
export const writeDuties = (policies: readonly ActivePolicy[]): string =>
  `\n# What each policy obliges to by itself.\n${[...policies]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, effect, obligations }) => `${id}: ${effect}${obligations === undefined ? '' : `, ${obligations}`}\n`)
    .join('')}`;
