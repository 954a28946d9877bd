/**
 * Remembers the texts that devices, their logs and tickets told a tenant, and finds them again in what is proposed later.
 *
 * What is kept of one place (a source and the resource's device) is bounded, so that a device that talks much pushes out
 * its own texts only. Texts survive a restart.
 */
import { z } from 'zod';
import type { Evidence } from '../contract.ts';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import { squash, textsIn, wordsOf } from './normalize.ts';

export const placeTexts = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  texts: z.array(z.strictObject({ text: z.string(), evidence: z.string() })),
});
export type PlaceTexts = Readonly<z.infer<typeof placeTexts>>;

export interface UntrustedTexts {
  /** Takes in what a call read; resolves when new texts are durable. */
  note(tenant: string, evidence: readonly Evidence[]): Promise<void>;
  /** Ids of records whose text contains the phrase, at most 5. Phrases shorter than 4 letters and digits are in none. */
  find(tenant: string, phrase: string): readonly string[];
  /** Takes over what other brokers stored. */
  reload(): Promise<void>;
}

interface Known {
  readonly text: string;
  readonly squashed: string;
  readonly words: ReadonlySet<string>;
  readonly evidence: string;
}

/** A common run of so many letters and digits is found wherever it begins; from `GRAM` on it may be. */
export const SURE = 15;
const GRAM = 12;
const STRIDE = SURE - GRAM + 1;
/** A shorter phrase counts when it is a word of a text. */
const LEAST_WORD = 4;
const MAX_TEXT = 1000;
const MAX_TEXTS = 200;
const MAX_CHARS = 16_384;
const MAX_PLACES = 5000;
const MAX_FOUND = 5;

export async function createUntrustedTexts(
  records: Pick<KeyedRecords<PlaceTexts>, 'list' | 'replace'>,
): Promise<UntrustedTexts> {
  /** Tenant → place → texts, the oldest first. */
  const tenants = new Map<string, Map<string, readonly Known[]>>();
  const unsaved = new Map<string, PlaceTexts>();
  const placesOf = (tenant: string): Map<string, readonly Known[]> => {
    const known = tenants.get(tenant) ?? new Map<string, readonly Known[]>();
    tenants.set(tenant, known);
    return known;
  };

  /** Adds what is new at a place; undefined when nothing is. */
  function add(tenant: string, place: string, given: readonly { readonly text: string; readonly evidence: string }[]) {
    const places = placesOf(tenant);
    const before = places.get(place) ?? [];
    const had = new Set(before.map(({ squashed }) => squashed));
    const added: Known[] = [];
    for (const { text, evidence } of given) {
      const cut = text.slice(0, MAX_TEXT);
      const squashed = squash(cut);
      if (had.has(squashed)) continue;
      had.add(squashed);
      added.push({ text: cut, squashed, words: new Set(wordsOf(cut)), evidence });
    }
    if (added.length === 0) return undefined;
    const kept = latest([...before, ...added]);
    if (!places.has(place) && places.size >= MAX_PLACES) {
      const oldest = places.keys().next().value;
      if (oldest !== undefined) places.delete(oldest);
    }
    places.set(place, kept);
    return kept;
  }

  async function save(): Promise<void> {
    const places = [...unsaved];
    await records.replace(places);
    for (const [id, place] of places) if (unsaved.get(id) === place) unsaved.delete(id);
  }

  async function reload(): Promise<void> {
    await save();
    for (const { id, tenant, texts } of await records.list()) add(tenant, placeOfId(id), texts);
  }

  await reload();
  return {
    reload,
    async note(tenant, evidence) {
      const byPlace = new Map<string, { readonly text: string; readonly evidence: string }[]>();
      for (const one of evidence) {
        if (typeof one.value !== 'string' || !isForeign(one)) continue;
        const texts = textsIn(one.value).flatMap((text) =>
          cutUp(text).map((part) => ({ text: part, evidence: one.id })),
        );
        if (texts.length === 0) continue;
        const place = placeOf(one);
        byPlace.set(place, [...(byPlace.get(place) ?? []), ...texts]);
      }
      for (const [place, texts] of byPlace) {
        const kept = add(tenant, place, texts);
        if (kept === undefined) continue;
        const id = JSON.stringify([tenant, place]);
        unsaved.set(id, { id, tenant, texts: kept.map(({ text, evidence: of }) => ({ text, evidence: of })) });
      }
      if (unsaved.size > 0) await save();
    },
    find(tenant, phrase) {
      const wanted = squash(phrase);
      if (wanted.length < LEAST_WORD) return [];
      const grams = gramsOf(wanted);
      const found = new Set<string>();
      for (const known of placesOf(tenant).values()) {
        for (const { squashed, words, evidence } of known) {
          if (grams.some((gram) => squashed.includes(gram)) || words.has(wanted)) found.add(evidence);
          if (found.size >= MAX_FOUND) return [...found];
        }
      }
      return [...found];
    },
  };
}

const placeOfId = (id: string): string => z.tuple([z.string(), z.string()]).parse(JSON.parse(id))[1];

/** Everything that the broker did not write itself; an incident's title and notes are tickets. */
const isForeign = ({ source, signal }: Evidence): boolean => source !== 'records' || signal === 'incident';

/** Who said it, about which device. */
const placeOf = ({ source, resource }: Evidence): string =>
  `${source} ${resource.split('/')[1]?.split(/--|:/u)[0] ?? ''}`.slice(0, 200);

/** Parts that overlap by what is found for sure, so that nothing hides at a cut. */
function cutUp(text: string): readonly string[] {
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += MAX_TEXT - 4 * SURE) parts.push(text.slice(at, at + MAX_TEXT));
  return parts.slice(0, MAX_TEXTS);
}

/** Every gram at some places suffices: a common run of `SURE` contains one of them whole. */
function gramsOf(wanted: string): readonly string[] {
  if (wanted.length < GRAM) return [];
  const grams: string[] = [];
  for (let at = 0; at + GRAM <= wanted.length; at += STRIDE) grams.push(wanted.slice(at, at + GRAM));
  return grams;
}

function latest(texts: readonly Known[]): readonly Known[] {
  let chars = 0;
  const kept: Known[] = [];
  for (const one of texts.toReversed()) {
    chars += one.text.length;
    if (kept.length >= MAX_TEXTS || (chars > MAX_CHARS && kept.length > 0)) break;
    kept.push(one);
  }
  return kept.toReversed();
}
