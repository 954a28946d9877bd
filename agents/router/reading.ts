/** One question as it was understood: what is wanted, about what, when, and who answers. */
import { z } from 'zod';
import type { AgentName } from '../../broker/contract.ts';
import { AGENTS } from '../../broker/contract.ts';
import { parseJson } from '../inventory.ts';
import type { Wish } from './lexicon.ts';
import { WISHES } from './lexicon.ts';
import type { Entity, NameIndex } from './name-index.ts';
import { ENTITY_KINDS, lastPart } from './name-index.ts';
import type { TimeRange } from './read-time.ts';

const readingForm = z.object({
  question: z.string(),
  agent: z.enum(AGENTS),
  wish: z.enum([...WISHES, 'unclear']),
  entities: z.array(
    z.object({ kind: z.enum(ENTITY_KINDS), name: z.string(), part: z.enum(['subject', 'object', 'implied']) }),
  ),
  devices: z.array(z.string()),
  all: z.boolean(),
  service: z.string(),
  time: z.object({ from: z.string(), to: z.string(), said: z.string() }).optional(),
  ask: z.string().optional(),
  foreign: z.literal(true).optional(),
  because: z.array(z.string()),
});

/** A reading back from the text in which a conversation keeps it; undefined when it is none, of an older form for example. */
export function parseReading(text: string): Reading | undefined {
  return readingForm.safeParse(parseJson(text)).data;
}

/** One question as it was understood. */
export interface Reading {
  readonly question: string;
  readonly agent: AgentName;
  readonly wish: Wish | 'unclear';
  readonly entities: readonly Entity[];
  /** Devices that the entities lie on; empty means the whole tenant. */
  readonly devices: readonly string[];
  /** The whole network was meant, in so many words. */
  readonly all: boolean;
  /** Application named, as the inventory or people call it; empty when none was. */
  readonly service: string;
  readonly time?: TimeRange | undefined;
  /** What to ask back before anything is done. */
  readonly ask?: string | undefined;
  /** The text is in another language; `ask` says so. */
  readonly foreign?: true | undefined;
  /** Why it was read so: phrases with weights. */
  readonly because: readonly string[];
}

export const AGENT_OF: { readonly [Name in Wish | 'unclear']: AgentName } = {
  diagnose: 'troubleshooter',
  repair: 'troubleshooter',
  change: 'troubleshooter',
  status: 'health-monitor',
  experience: 'experience-optimizer',
  compliance: 'compliance-auditor',
  security: 'threat-watcher',
  list: 'router',
  incidents: 'router',
  help: 'router',
  unclear: 'router',
};

/** Devices that the entities lie on: subjects, or what follows from them, or else where they lead to. */
export function devicesOf(entities: readonly Entity[], { sites, inventory }: NameIndex): readonly string[] {
  const of = ({ kind, name }: Entity): readonly string[] => {
    const own = lastPart(name);
    if (kind === 'site') return sites.get(own) ?? [];
    if (kind === 'device') return [own];
    if (kind === 'host') return sites.get(inventory.hosts.find((host) => host.name === own)?.site ?? '') ?? [];
    if (kind === 'interface') return [own.slice(0, own.indexOf('/'))];
    if (kind === 'circuit') return sites.get(own.slice(0, own.indexOf('/'))) ?? [];
    if (kind === 'tunnel') return [own.slice(0, own.indexOf(':'))];
    return [];
  };
  for (const part of ['subject', 'implied', 'object'] as const) {
    const some = [...new Set(entities.filter((one) => one.part === part).flatMap(of))];
    const known = some.filter((device) => inventory.devices.some(({ name }) => name === device));
    if (known.length > 0) return known;
  }
  return [];
}
