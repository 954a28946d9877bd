/** The names of an inventory in all the forms that people give them, ready to be looked up. */
import type { Inventory } from '../inventory.ts';
import {
  BRANCH_WORDS,
  CITIES,
  FIRST_WORDS,
  HUB_PHRASES,
  HUB_WORDS,
  NUMBER_WORDS,
  ORDINALS,
  PORT_STEMS,
  PROVIDER_WORDS,
  SECOND_WORDS,
} from './lexicon-names.ts';
import { toKey } from './words.ts';

/** Kinds of things that a question can be about. */
export const ENTITY_KINDS = [
  'site',
  'device',
  'host',
  'interface',
  'circuit',
  'tunnel',
  'session',
  'provider',
  'transport',
  'application',
  'user',
  'address',
  'record',
] as const;

/** What a question can be about. `name` is the resource name, `application/erp` and the like for what has none. */
export interface Entity {
  readonly kind: (typeof ENTITY_KINDS)[number];
  readonly name: string;
  /** `object` is where something goes to, `implied` follows from another entity. */
  readonly part: 'subject' | 'object' | 'implied';
}

export interface NameIndex {
  /** Everything that the key may mean, the best reading only. */
  find(key: string): readonly Entity[];
  /** Device or host whose name is the site's and this rest (`br4` + `edgeb`). */
  findWithin(site: string, rest: string): readonly Entity[];
  /** Names with the same digits, for words with a slip. */
  near(word: string): ReadonlyMap<string, Entity>;
  readonly sites: ReadonlyMap<string, readonly string[]>;
  readonly hubSites: readonly string[];
  /** Letters that begin the numbered names of this inventory. */
  readonly stems: ReadonlySet<string>;
  /** Words that names are made of. */
  readonly words: ReadonlySet<string>;
  readonly inventory: Inventory;
}

const entity = (kind: Entity['kind'], name: string): Entity => ({ kind, name, part: 'subject' });
/** `site/br2` → `br2`. */
export const lastPart = (name: string): string => name.slice(name.indexOf('/') + 1);
const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** `br2` → `br`, `2`; `office-a` → `office`, `a`; `depot` has no second part. */
function splitName(site: string): { readonly stem: string; readonly suffix: string } | undefined {
  const numbered = /^(.*?)[-_]?0*(\d+)$/.exec(site.toLowerCase());
  const lettered = /^(.+)[-_]([a-z])$/.exec(site.toLowerCase());
  const [, stem, suffix] = numbered ?? lettered ?? [];
  return stem !== undefined && suffix !== undefined ? { stem: toKey(stem), suffix } : undefined;
}

/** Keys of a site with their rank: 0 is its name, 1 what such a site is called, 2 what any site may be called. */
function keysOfSite(site: string, isHub: boolean): readonly (readonly [key: string, rank: number])[] {
  const cities = Object.entries(CITIES).filter(([code]) => code === site.toLowerCase());
  const keys: [string, number][] = [
    [toKey(site), 0],
    ...cities.flatMap(([, names]) => names.map((name): [string, number] => [toKey(name), 1])),
  ];
  const parts = splitName(site);
  if (parts !== undefined) {
    for (const word of isHub ? HUB_WORDS : BRANCH_WORDS) keys.push([`${word}${parts.suffix}`, 1]);
    for (const word of isHub ? ['site', 'location'] : []) keys.push([`${word}${parts.suffix}`, 2]);
  }
  return keys;
}

const KEPT = new WeakMap<Inventory, NameIndex>();

/** The index of an inventory, built once. */
export function indexNames(inventory: Inventory): NameIndex {
  const kept = KEPT.get(inventory) ?? buildIndex(inventory);
  KEPT.set(inventory, kept);
  return kept;
}

function buildIndex(inventory: Inventory): NameIndex {
  const table = new Map<string, { rank: number; entities: Entity[] }>();
  const add = (key: string, rank: number, one: Entity): void => {
    const found = table.get(key);
    if (found === undefined || rank < found.rank) table.set(key, { rank, entities: [one] });
    else if (rank === found.rank && !found.entities.some(({ name }) => name === one.name)) found.entities.push(one);
  };
  const sites = new Map<string, string[]>();
  const forwarding = inventory.devices.filter(({ role }) => role !== 'controller');
  for (const { name, site } of forwarding) sites.set(site, [...(sites.get(site) ?? []), name]);
  const hubSites = [...sites.keys()].filter((site) =>
    forwarding.some((one) => one.site === site && one.role === 'hub'),
  );
  for (const { name } of inventory.devices) add(toKey(name), 0, entity('device', `node/${name}`));
  for (const { name, address } of inventory.hosts) {
    add(toKey(name), 0, entity('host', `host/${name}`));
    add(toKey(address), 0, entity('host', `host/${name}`));
  }
  for (const { name, systemIp } of inventory.devices)
    if (systemIp) add(toKey(systemIp), 1, entity('device', `node/${name}`));
  // A device that is called like its site is meant with the whole site.
  for (const site of sites.keys())
    for (const [key, rank] of keysOfSite(site, hubSites.includes(site)))
      add(key, rank === 0 ? -1 : rank, entity('site', `site/${site}`));
  for (const provider of new Set(inventory.circuits.map(({ provider: name }) => name))) {
    const bare = provider.toLowerCase().replace(/[-_]core$/, '');
    add(toKey(provider), 0, entity('provider', `node/${provider}`));
    add(toKey(bare), 0, entity('provider', `node/${provider}`));
    const digits = digitsOf(bare);
    if (digits) for (const word of PROVIDER_WORDS) add(`${word}${digits}`, 1, entity('provider', `node/${provider}`));
  }
  const names = [...table].filter(([, { rank }]) => rank <= 0);
  const alphabetic = [
    ...inventory.devices.map(({ name }) => name),
    ...sites.keys(),
    ...inventory.circuits.map(({ provider }) => provider),
  ]
    .flatMap((name) => name.toLowerCase().split(/[^a-z]+/))
    .concat(
      Object.entries(CITIES)
        .filter(([code]) => sites.has(code))
        .flatMap(([, cities]) => cities),
    );
  return {
    find: (key) => table.get(key)?.entities ?? [],
    findWithin: (site, rest) => {
      const exact = table.get(toKey(site + rest))?.entities.filter(({ kind }) => kind !== 'site') ?? [];
      // "Pc1 at branch 3" is `br3_corp_pc1` when there is only one.
      const own = inventory.hosts.filter((one) => one.site === site && one.name.endsWith(`_${rest}`));
      return exact.length > 0 || own.length !== 1 ? exact : own.map(({ name }) => entity('host', `host/${name}`));
    },
    near: (word) => {
      const digits = digitsOf(toKey(word));
      return new Map(
        names
          .filter(([key]) => digitsOf(key) === digits)
          .map(([key, { entities }]) => [key, entities[0] ?? entity('record', word)]),
      );
    },
    sites,
    hubSites,
    stems: new Set([...sites.keys()].map((site) => splitName(site)?.stem ?? '').filter(Boolean)),
    words: new Set(alphabetic.filter((word) => word.length >= 3)),
    inventory,
  };
}

/** Whether a word alone, or with others, can name a thing: names, numbers in words, and what a hub is called. */
export function isNameIn(inventory: Inventory): (word: string) => boolean {
  const index = indexNames(inventory);
  const naming = new Set([
    ...HUB_PHRASES.flatMap((phrase) => phrase.split(' ')),
    ...[...FIRST_WORDS, ...SECOND_WORDS, ...Object.keys(NUMBER_WORDS), ...Object.keys(ORDINALS)],
  ]);
  return (word) => naming.has(word) || index.words.has(word) || index.find(toKey(word)).length > 0;
}

/** `two` and `2nd` as a number; undefined for other words. */
export function readNumber(word: string): number | undefined {
  if (/^\d{1,5}$/.test(word)) return Number(word);
  return NUMBER_WORDS[word];
}
export const readOrdinal = (word: string): number | undefined => ORDINALS[word];

/** The port meant by a word, as devices call it; undefined when the word names none. */
export function readPort(word: string, inventory: Inventory): string | undefined {
  const known = inventory.circuits.map(({ interface: port }) => port);
  if (known.includes(word)) return word;
  const match = /^([a-z]+)-?(\d+(?:\/\d+)+)$/.exec(word);
  if (!match?.[1] || !match[2]) return undefined;
  return `${PORT_STEMS[match[1]] ?? match[1]}${match[2]}`;
}
