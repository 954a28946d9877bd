/**
 * Finds what a question is about: sites, devices, hosts, ports, circuits, tunnels, providers, applications and people.
 *
 * Everything with a name comes from the tenant's inventory and from nowhere else; a name that is not in it is unknown.
 * Over 300 lines because its readers share one walk over the words: what one of them took, no other sees.
 */
import { parseResource } from '../../protocols/device/names.ts';
import { findNearest } from './edit-distance.ts';
import { appToken, hideApp } from './example-words.ts';
import { ALL, ANY } from './lexicon.ts';
import {
  APPLICATIONS,
  BACKED_UP,
  BRANCH_WORDS,
  CITIES,
  COLORS,
  FIRST_WORDS,
  HOST_WORDS,
  HUB_PHRASES,
  HUB_WORDS,
  LINK_WORDS,
  PLACE_WORDS,
  SECOND_WORDS,
  TECHNICAL,
  TOWARDS,
  USER_WORDS,
  WEAK_COLORS,
} from './lexicon-names.ts';
import type { Entity, NameIndex } from './name-index.ts';
import { lastPart, readNumber, readOrdinal, readPort } from './name-index.ts';
import { relateEntities } from './relate-entities.ts';
import { toKey } from './words.ts';

export interface Entities {
  readonly entities: readonly Entity[];
  readonly colors: readonly string[];
  /** Words that name a place or device which this tenant does not have. */
  readonly unknown: readonly string[];
  /** Words that could be several things. */
  readonly ambiguous: readonly { readonly word: string; readonly options: readonly string[] }[];
  /** "All branches", "everything", "the network". */
  readonly all: boolean;
  /** The words, with `{site}` and the like where something was found. */
  readonly words: readonly string[];
  /** The same, but an application keeps its name, as `{app:dns}`: an address that is missing is another matter than a slow mail. */
  readonly named: readonly string[];
}

type Kind = Entity['kind'];
type Part = Entity['part'];
type Found = { readonly words: number; readonly shape: string; readonly entities: readonly Entity[] };

const PLACE_NUMBERED = new Set([...BRANCH_WORDS, ...HUB_WORDS]);
/** Cities of one word: one that no site here is named after is a place that is not known. */
const CITY_NAMES = new Set(Object.values(CITIES).flatMap((names) => names.filter((name) => !name.includes(' '))));
const PREFERRED = new Set(['over', 'than', 'before', 'above']);
const ARTICLES = new Set(['the', 'our', 'my', 'a']);
const DETERMINERS = new Set(['the', 'both', 'its', 'our', 'their', 'all']);
const NUMBER_SIGNS = new Set(['no', 'nr', 'number', 'num']);
const JOINED = new Set([',', 'and', 'or', 'to', 'through', 'thru', 'until']);
const RANGE = new Set(['to', 'through', 'thru', 'until']);
/** Longest range that is spelt out, `branches 1 to 50`. */
const MAX_RANGE = 50;
const MAX_NAME_WORDS = 4;
/** Applications with a number in their name that is none of a place: `office 365`. */
const NUMBERED_PRODUCTS = Object.values(APPLICATIONS).flatMap((phrases) =>
  phrases.filter((phrase) => / \d/.test(phrase)),
);

const entity = (kind: Kind, name: string, part: Part = 'subject'): Entity => ({ kind, name, part });

/** A phrase of a list that begins here: how many words it has, 0 for none. */
function matchPhrase(words: readonly string[], at: number, phrases: readonly string[]): number {
  const lengths = phrases
    .map((phrase) => phrase.split(' '))
    .filter((parts) => parts.every((part, i) => words[at + i] === part));
  return Math.max(0, ...lengths.map(({ length }) => length));
}

/** Resolves the words of one question. */
export function resolveEntities(words: readonly string[], index: NameIndex): Entities {
  const { inventory } = index;
  const found: Entity[] = [];
  const shapes: string[] = [];
  const unknown = new Set<string>();
  const ambiguous: { word: string; options: readonly string[] }[] = [];
  const colors = new Set<string>();
  const ports: string[] = [];
  let lastKind = '';
  let all = false;
  let any = false;
  /** Where the last place ended: a number joined to it is a further one. */
  let placeEnd = -1;
  /** Places that something goes to, said before it was said from where. */
  const towards = new Set<string>();

  /** A numbered place: `branch 2`, `branch no 2`, `branch two`, `second branch`, `2nd site`. */
  function readNumbered(
    at: number,
  ): { readonly key: string; readonly kind: string; readonly words: number } | undefined {
    const word = words[at] ?? '';
    const ordinal = readOrdinal(word);
    const following = words[at + 1] ?? '';
    if (
      ordinal !== undefined &&
      PLACE_NUMBERED.has(following) &&
      !(HUB_WORDS.includes(following) && SECOND_WORDS.has(word))
    )
      return { key: `${following}${ordinal}`, kind: following, words: 2 };
    const isPlace = PLACE_NUMBERED.has(word) || index.stems.has(toKey(word));
    if (!isPlace) return undefined;
    const skip = NUMBER_SIGNS.has(following) ? 2 : 1;
    const number = readNumber(words[at + skip] ?? '');
    return number === undefined ? undefined : { key: `${toKey(word)}${number}`, kind: word, words: skip + 1 };
  }

  /** A name of up to four words, the longest first. */
  function readName(at: number): Found | undefined {
    for (let count = Math.min(MAX_NAME_WORDS, words.length - at); count >= 1; count -= 1) {
      const some = words.slice(at, at + count);
      if (some.includes(',')) continue;
      const meant = index.find(toKey(some.join('')));
      const [first, second] = meant;
      if (first === undefined) continue;
      if (second !== undefined) {
        ambiguous.push({ word: some.join(' '), options: meant.map(({ name }) => lastPart(name)) });
        return { words: count, shape: '', entities: [] };
      }
      return { words: count, shape: first.kind, entities: [first] };
    }
    return undefined;
  }

  /** `br4 edge b`: the device of the site that was just found. */
  function extend({ words: count, entities }: Found, at: number): Found {
    const [site] = entities;
    if (site?.kind !== 'site') return { words: count, shape: site?.kind ?? '', entities };
    for (let more = 3; more >= 1; more -= 1) {
      const rest = words.slice(at + count, at + count + more);
      if (rest.length < more || rest.includes(',')) continue;
      const [inner] = index.findWithin(lastPart(site.name), rest.join(''));
      if (inner) return { words: count + more, shape: inner.kind, entities: [inner] };
    }
    return { words: count, shape: 'site', entities };
  }

  function readHub(at: number): Found | undefined {
    const before = words[at] ?? '';
    const ranked = FIRST_WORDS.has(before) || SECOND_WORDS.has(before);
    const length = matchPhrase(words, at + (ranked ? 1 : 0), HUB_PHRASES);
    if (words[at] === 'hubs' || words[at] === 'datacenters' || words[at] === 'dcs')
      return { words: 1, shape: 'site', entities: index.hubSites.map((site) => entity('site', `site/${site}`)) };
    const wanted = SECOND_WORDS.has(before) ? index.hubSites[1] : index.hubSites[0];
    if (length === 0 || wanted === undefined) return undefined;
    const isElsewhere = found.some(({ kind }) => kind === 'site' || kind === 'device' || kind === 'host');
    return {
      words: length + (ranked ? 1 : 0),
      shape: 'site',
      entities: [entity('site', `site/${wanted}`, isElsewhere ? 'object' : 'subject')],
    };
  }

  function readColor(at: number): Found | undefined {
    for (const [color, phrases] of Object.entries(COLORS)) {
      const length = matchPhrase(words, at, phrases);
      if (length === 0) continue;
      colors.add(color);
      return { words: length, shape: 'link', entities: [] };
    }
    const weak = WEAK_COLORS[words[at] ?? ''];
    const isLink = [words[at - 1], words[at + 1], words[at - 2]].some(
      (word) => word !== undefined && LINK_WORDS.has(word),
    );
    const isChoice = colors.size > 0 && ['or', 'and', 'vs', 'versus'].includes(words[at - 1] ?? '');
    // "The jitter on br2 internet"
    const isOfPlace = placeEnd === at && ['on', 'of', 'over', 'via'].includes(words[at - 2] ?? '');
    if (weak === undefined || !(isLink || isChoice || isOfPlace) || words[at - 1] === 'no') return undefined;
    colors.add(weak);
    return { words: 1, shape: 'link', entities: [] };
  }

  function readApplication(at: number): Found | undefined {
    const served = inventory.hosts.flatMap(({ services }) => services.map(({ name }) => name));
    const own = served.find((name) => toKey(name) === toKey(words[at] ?? ''));
    if (own !== undefined && own !== 'backup')
      return { words: 1, shape: 'app', entities: [entity('application', `application/${own}`)] };
    for (const [name, phrases] of Object.entries(APPLICATIONS)) {
      const length = matchPhrase(words, at, phrases);
      // "On backup" is on the line that is left.
      const isAdjective = name === 'backup' && (BACKED_UP.has(words[at + length] ?? '') || words[at - 1] === 'on');
      if (length > 0 && !isAdjective)
        return { words: length, shape: 'app', entities: [entity('application', `application/${name}`)] };
    }
    return undefined;
  }

  /** Names that say by their form what they are. */
  function readForm(at: number): Found | undefined {
    const word = words[at] ?? '';
    const next = words[at + 1] ?? '';
    const resource = parseResource(word);
    if (resource && ['tunnel', 'circuit', 'interface', 'session', 'node', 'host'].includes(resource.kind)) {
      const kind: Kind = resource.kind === 'node' ? 'device' : (resource.kind as Kind);
      if (kind !== 'device' && kind !== 'host') return { words: 1, shape: 'link', entities: [entity(kind, word)] };
    }
    if (/^[\w.+-]{1,64}@[\w.-]{1,64}$/.test(word))
      return { words: 1, shape: 'user', entities: [entity('user', `user/${word}`)] };
    if (/^(?:inc|apr|int|evd|ses)_[a-z0-9]+$/.test(word))
      return { words: 1, shape: 'record', entities: [entity('record', `record/${word}`)] };
    if (/^\d+(?:\.\d+){3}$/.test(word))
      return { words: 1, shape: 'host', entities: [entity('address', `address/${word}`)] };
    if (
      USER_WORDS.has(word) &&
      /^[a-z][a-z0-9._-]*$/.test(next) &&
      !ALL.has(next) &&
      !ANY.has(next) &&
      !NOT_A_PERSON.has(next)
    )
      return { words: 2, shape: 'user', entities: [entity('user', `user/${next}`)] };
    const port = readPort(word, inventory);
    if (port === undefined) return undefined;
    ports.push(port);
    return { words: 1, shape: 'port', entities: [] };
  }

  function readControllers(at: number): Found | undefined {
    if (!/^controllers?$/.test(words[at] ?? '')) return undefined;
    const some = inventory.devices
      .filter(({ role }) => role === 'controller')
      .map(({ name }) => entity('device', `node/${name}`));
    return some.length === 0 ? undefined : { words: 1, shape: 'device', entities: some };
  }

  /** A word with a digit or an underscore that is one slip away from a name, or names nothing that is there. */
  function readSlip(at: number): Found | undefined {
    const word = words[at] ?? '';
    const parts = /^([a-z]+)[-_]?(\d+)(?:_[a-z_]+\d*)?$/.exec(word);
    const isNameLike = /[0-9_]/.test(word) && /^[a-z]/.test(word);
    if (!isNameLike || (parts?.[1] !== undefined && TECHNICAL.has(parts[1]) && !index.stems.has(parts[1])))
      return undefined;
    const near = index.near(word);
    // A further part is no slip: `br2_edge_c` is another device than `br2_edge`.
    const joints = word.split('_').length;
    const keys = (word.length > 5 ? findNearest(toKey(word), near.keys(), 1) : []).filter(
      (key) => lastPart(near.get(key)?.name ?? '').split('_').length >= joints,
    );
    const [first, second] = keys;
    if (second !== undefined)
      ambiguous.push({ word, options: keys.map((key) => lastPart(near.get(key)?.name ?? key)) });
    const meant = first === undefined ? undefined : near.get(first);
    if (meant && second === undefined) return { words: 1, shape: meant.kind, entities: [meant] };
    if (meant === undefined && (parts || word.includes('_'))) unknown.add(word);
    return meant === undefined && !unknown.has(word) ? undefined : { words: 1, shape: '', entities: [] };
  }

  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    const product = matchPhrase(words, at, NUMBERED_PRODUCTS) > 0;
    const numbered = product ? undefined : readNumbered(at);
    let here: Found | undefined;
    if (numbered) {
      const meant = index.find(numbered.key);
      const [first, second] = meant;
      lastKind = numbered.kind;
      if (second !== undefined)
        ambiguous.push({ word: numbered.key, options: meant.map(({ name }) => lastPart(name)) });
      else if (first === undefined)
        unknown.add(
          numbered.key.replace(/^[a-z]+/, (kind) => (BRANCH_WORDS.includes(kind) ? branchStem(index) : kind)),
        );
      here = { words: numbered.words, shape: 'site', entities: first && second === undefined ? [first] : [] };
      here = first && second === undefined ? { ...extend(here, at), shape: first.kind } : here;
    } else {
      const named = readName(at);
      here = named && extend(named, at);
      const stem =
        here?.entities[0]?.kind === 'site'
          ? /^([a-z]+)\d+$|^([a-z]{3,})[a-z]$/
              .exec(toKey(lastPart(here.entities[0].name)))
              ?.slice(1)
              .find(Boolean)
          : undefined;
      if (stem !== undefined) lastKind = stem;
      // "branches 1, 2 and 3", "br1 to 3"
      const number = readNumber(word);
      const letter = /^[a-z]$/.test(word) ? index.find(`${lastKind}${word}`)[0] : undefined;
      if (!here && letter?.kind === 'site' && lastKind !== '' && placeEnd === at - 1 && JOINED.has(words[at - 1] ?? ''))
        here = { words: 1, shape: 'site', entities: [letter] };
      if (
        !here &&
        number !== undefined &&
        lastKind !== '' &&
        placeEnd === at - 1 &&
        at > 0 &&
        JOINED.has(words[at - 1] ?? '') &&
        !/^(?:[a-z]{1,2}|hours?|days?|minutes?|weeks?|users?|way|side|of|more|thing|person|user|by)$/.test(
          words[at + 1] ?? '',
        )
      ) {
        const before = found.filter(({ kind }) => kind === 'site').at(-1);
        const from = Number(/(\d+)$/.exec(before?.name ?? '')?.[1] ?? number);
        const joinsRange = RANGE.has(words[at - 1] ?? '');
        const isRange = joinsRange && number > from && number - from <= MAX_RANGE;
        const numbers =
          joinsRange && !isRange
            ? []
            : isRange
              ? Array.from({ length: number - from }, (_, i) => from + 1 + i)
              : [number];
        const some = numbers.flatMap((one) => index.find(`${lastKind}${one}`).slice(0, 1));
        if (numbers.length > 0 && some.length === 0) unknown.add(`${branchStem(index)}${number}`);
        if (numbers.length > 0) here = { words: 1, shape: 'site', entities: some };
      }
      here ??=
        readForm(at) ?? readHub(at) ?? readColor(at) ?? readApplication(at) ?? readControllers(at) ?? readSlip(at);
    }
    if (here === undefined && CITY_NAMES.has(word)) {
      unknown.add(word);
      here = { words: 1, shape: 'site', entities: [] };
    }
    if (here === undefined) {
      if (ALL.has(word)) all = true;
      if (ANY.has(word)) any = true;
      shapes.push(word);
      at += 1;
      continue;
    }
    // "Branch 2 cannot reach hub 1" is about the branch.
    const goesTo =
      TOWARDS.has(words[at - 1] ?? '') || (DETERMINERS.has(words[at - 1] ?? '') && TOWARDS.has(words[at - 2] ?? ''));
    // "Voice over backup": the first is wanted.
    const isOver = ({ kind }: Entity): boolean =>
      kind === 'application' && PREFERRED.has(words[at - 1] ?? '') && found.some((one) => one.kind === kind);
    const isSecond = found.some(
      ({ kind, part }) => part === 'subject' && (kind === 'site' || kind === 'device' || kind === 'host'),
    );
    for (const one of here.entities) {
      const isPlace = one.kind === 'site' || one.kind === 'device';
      const part: Part = isPlace && goesTo && isSecond ? 'object' : isOver(one) ? 'object' : one.part;
      if (isPlace && goesTo && !isSecond) towards.add(one.name);
      if (!found.some(({ name }) => name === one.name)) found.push({ ...one, part });
    }
    // "The ERP" and "ERP" are the same to phrases.
    if (here.shape !== '' && ARTICLES.has(shapes.at(-1) ?? '')) shapes.pop();
    const [only] = here.entities;
    if (here.shape !== '')
      shapes.push(only?.kind === 'application' ? appToken(lastPart(only.name)) : `{${here.shape}}`);
    at += here.words;
    if (here.shape === 'site' || here.shape === 'device') placeEnd = at;
  }
  if (
    towards.size > 0 &&
    found.some((one) => (one.kind === 'site' || one.kind === 'device' || one.kind === 'host') && !towards.has(one.name))
  )
    found.forEach((one, index_) => {
      if (towards.has(one.name)) found[index_] = { ...one, part: 'object' };
    });
  // "guest1 at branch 2"
  for (const word of unknown) {
    const inner = found.flatMap(({ kind, name }) => (kind === 'site' ? index.findWithin(lastPart(name), word) : []));
    if (inner.length === 0) continue;
    unknown.delete(word);
    found.push(...inner);
  }
  const dependent = relateEntities(words, index, { found, colors: [...colors], ports });
  const spoken = [...found, ...dependent.filter(({ name }) => !found.some((one) => one.name === name))].map(
    (one): Entity => {
      const host =
        one.kind === 'address' ? inventory.hosts.find(({ address }) => address === lastPart(one.name)) : undefined;
      return host ? { ...one, kind: 'host', name: `host/${host.name}` } : one;
    },
  );
  const hasPlace = spoken.some(({ kind }) => !['application', 'user', 'transport', 'address'].includes(kind));
  const isVague = !hasPlace && unknown.size === 0 && ambiguous.length === 0 && !all && !any;
  const only = isVague ? askWhich(words, index, spoken.length > 0, ambiguous) : undefined;
  const entities = only === undefined ? spoken : [...spoken, only];
  return {
    entities,
    colors: [...colors],
    unknown: [...unknown],
    ambiguous,
    all,
    words: shapes.map(hideApp),
    named: shapes,
  };
}

const NOT_A_PERSON = new Set(
  'experience|in|at|on|of|is|are|has|says|cannot|from|score|traffic|quality|count|cant|complaints|with|and|to|list'.split(
    '|',
  ),
);

/** What the branches here are called, for saying which one is not there. */
function branchStem({ stems, hubSites }: NameIndex): string {
  return [...stems].find((stem) => !hubSites.some((site) => toKey(site).startsWith(stem))) ?? 'branch';
}

/** After these a word for a place at the beginning is one of them: "branch is slow", and not "site status". */
const VERBS = new Set(['is', 'has', 'was', 'cannot', 'went', 'lost', 'down', 'offline', 'slow', 'unreachable']);

/** "The branch" without a number: the only one, or a question back. */
function askWhich(
  words: readonly string[],
  { sites, hubSites }: NameIndex,
  isSaid: boolean,
  ambiguous: { word: string; options: readonly string[] }[],
): Entity | undefined {
  const at = words.findIndex(
    (word, i) =>
      PLACE_WORDS.has(word) &&
      (i === 0 ? VERBS.has(words[1] ?? '') : ['the', 'a', 'one', 'our', 'my'].includes(words[i - 1] ?? '')),
  );
  const word = words[at];
  // "Printer is dead": one of them, but where?
  const hosted = isSaid
    ? undefined
    : words.find((one) => Object.hasOwn(HOST_WORDS, one) && one !== 'guest' && one !== 'ap');
  const options = [...sites.keys()].filter((site) => !hubSites.includes(site));
  if (word === undefined && hosted !== undefined && options.length > 1) ambiguous.push({ word: hosted, options });
  if (word === undefined || isSaid) return undefined;
  const [only, second] = options;
  if (only !== undefined && second === undefined) return entity('site', `site/${only}`);
  ambiguous.push({ word, options });
  return undefined;
}
