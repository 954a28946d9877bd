/** Finds what a question is about: devices, sites and applications of the inventory, by name, by role, and with small typing slips. */
import type { Inventory } from '../inventory.ts';
import { findNearest } from './edit-distance.ts';

export interface Entities {
  /** Devices meant, edges and hubs of a site that was named. */
  readonly devices: readonly string[];
  /** The application meant, as the inventory names it; empty when none was named. */
  readonly service: string;
  readonly colors: readonly string[];
  /** Words that name a place or device which this tenant does not have. */
  readonly unknown: readonly string[];
  /** Words that could be several things. */
  readonly ambiguous: readonly { readonly word: string; readonly options: readonly string[] }[];
  /** "All branches", "everything", "the network". */
  readonly all: boolean;
}

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
/** Words for a branch; misspelt ones are found by edit distance. */
const BRANCH_WORDS = ['branch', 'site', 'office', 'store', 'location'];
const COLORS: readonly (readonly [RegExp, string])[] = [
  [/\bmpls\b/, 'mpls'],
  [/\b(biz-internet|internet|broadband|inet|dia)\b/, 'biz-internet'],
  [/\b(lte|4g|5g|cellular|mobile)\b/, 'lte'],
];
const FIRST_HUB = /\b(data ?cent(?:er|re)|dc|head ?quarters|hq|main hub|primary hub|the hub|hub)\b(?!\s*\d)/;
const SECOND_HUB = /\b(backup|second|secondary|standby) (?:hub|data ?cent(?:er|re)|dc)\b/;
const HUBS = /\b(?:both|all|the) hubs\b|\bhubs\b/;
const ALL = /\b(all|every|any|each|everything|everywhere|network|wan|fleet|whole|overall)\b/;

/** Lower case, plain quotes, digits for number words, single spaces. */
export function normalise(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().replace(/[‘’]/g, "'");
  const digits = DIGITS.reduce(
    (line, word, digit) =>
      line.replace(new RegExp(`\\b(branch|site|hub|office|store|br) ${word}\\b`, 'g'), `$1 ${digit}`),
    plain,
  );
  return digits.replace(/\s+/g, ' ').trim();
}

const SHORT = 5;
const slipsFor = (word: string): number => (word.length <= SHORT ? 1 : 2);

/** "Branch 2", "brnach 2", "br 2", "br-2", "site #2" → `br2`; the words found are taken out of the text. */
function takeNumberedSites(text: string): { readonly names: readonly string[]; readonly rest: string } {
  const names: string[] = [];
  let kind = '';
  const rest = text.replace(
    /\b([a-z]{2,10})\s*[-#]?\s*(\d{1,5})\b(?![_.\w])/g,
    (whole: string, word: string, digits: string) => {
      const isBranch =
        word === 'br' || (word.length >= 4 && findNearest(word, BRANCH_WORDS, slipsFor(word)).length > 0);
      kind = isBranch || word === 'branches' ? 'br' : word === 'hub' ? 'hub' : word.length <= 3 ? word : '';
      if (kind !== 'br' && kind !== 'hub') return whole;
      names.push(`${kind}${Number(digits)}`);
      return ' ';
    },
  );
  // "branches 1, 2 and 3"
  const more = rest.replace(
    /\bbranches?\s+((?:\d+(?:\s*,\s*|\s+and\s+)?)+)|(?:,|\band\b)\s*(\d{1,5})\b/g,
    (whole, list, single) => {
      const digits = String(list ?? single ?? '').match(/\d+/g) ?? [];
      if (names.length === 0 && list === undefined) return whole;
      names.push(...digits.map((digit) => `br${Number(digit)}`));
      return ' ';
    },
  );
  return { names, rest: more };
}

/** Resolves a question against the tenant's inventory, and nothing else: what is not in it is unknown. */
export function resolveEntities(question: string, inventory: Inventory): Entities {
  const text = normalise(question);
  const forwarding = inventory.devices.filter(({ role }) => role !== 'controller');
  const sites = new Map<string, string[]>();
  for (const { name, site } of forwarding) sites.set(site, [...(sites.get(site) ?? []), name]);
  const deviceNames = inventory.devices.map(({ name }) => name);
  const hostNames = inventory.hosts.map(({ name }) => name);
  const services = [...new Set(inventory.hosts.flatMap((host) => host.services.map(({ name }) => name)))];

  const devices = new Set<string>();
  const unknown = new Set<string>();
  const ambiguous: { word: string; options: readonly string[] }[] = [];
  const addSite = (site: string): void => {
    const found = sites.get(site);
    if (found) for (const name of found) devices.add(name);
    else unknown.add(site);
  };

  const { names, rest } = takeNumberedSites(text);
  for (const name of names) addSite(name);

  const nameable = [...deviceNames, ...sites.keys(), ...hostNames];
  for (const word of rest.match(/[a-z][a-z0-9_-]*/g) ?? []) {
    // Only words with a digit or underscore can be names; ordinary words are never bent into one.
    if (!/[0-9_]/.test(word)) continue;
    if (/^(?:ge|cell|vrf|tcp|udp|as|e|acl)\d+$/.test(word)) continue;
    // A slip in a number is another place: only names with the same digits are near.
    const near = nameable.filter((name) => name.replace(/\D/g, '') === word.replace(/\D/g, ''));
    const slips = word.length <= SHORT ? 0 : 1;
    const found = nameable.includes(word) ? [word] : findNearest(word, near, slips);
    const [first, second] = found;
    if (second !== undefined) ambiguous.push({ word, options: found });
    else if (first === undefined) {
      if (/^[a-z]+\d+(?:_[a-z_]+)?$/.test(word)) unknown.add(word);
    } else if (sites.has(first)) addSite(first);
    else if (deviceNames.includes(first)) devices.add(first);
    else {
      const site = inventory.hosts.find(({ name }) => name === first)?.site;
      if (site) addSite(site);
    }
  }
  for (const name of deviceNames) if (!name.includes('_') && new RegExp(`\\b${name}\\b`).test(rest)) devices.add(name);

  const service =
    services.find((name) => new RegExp(`\\b${name.toLowerCase().replace(/[^a-z0-9]/g, '.')}\\b`).test(rest)) ?? '';
  if (HUBS.test(rest)) for (const { name } of forwarding.filter(({ role }) => role === 'hub')) devices.add(name);
  else if (SECOND_HUB.test(rest)) addSite('hub2');
  // "Branch 2 cannot reach the data centre" is about the branch.
  else if (FIRST_HUB.test(rest) && devices.size === 0 && unknown.size === 0) addSite('hub1');

  const all = ALL.test(rest) || /\bbranches\b/.test(rest);
  if (devices.size === 0 && unknown.size === 0 && ambiguous.length === 0 && !all) {
    const word = (rest.match(/[a-z]+/g) ?? []).find(
      (one) => one.length >= 5 && findNearest(one, ['branch'], 1).length > 0,
    );
    const branches = [...sites.keys()].filter((site) => forwarding.some((d) => d.site === site && d.role === 'edge'));
    const [only] = branches;
    if (word && branches.length === 1 && only) addSite(only);
    else if (word) ambiguous.push({ word, options: branches });
  }
  return {
    devices: [...devices],
    service,
    colors: COLORS.filter(([form]) => form.test(rest)).map(([, color]) => color),
    unknown: [...unknown],
    ambiguous,
    all,
  };
}
