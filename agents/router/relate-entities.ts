/** What only makes sense with the places of a question: circuits of a colour, ports of a device, tunnels between two sites. */
import { bgpSessionName, circuitName, interfaceName, tunnelName } from '../../protocols/device/names.ts';
import { BETWEEN, HOST_WORDS, PROVIDER_WORDS, SESSION_WORDS, TUNNEL_WORDS } from './lexicon-names.ts';
import type { Entity, NameIndex } from './name-index.ts';
import { lastPart } from './name-index.ts';

const entity = (kind: Entity['kind'], name: string, part: Entity['part'] = 'subject'): Entity => ({ kind, name, part });

/** What a question names by itself. */
interface Spoken {
  readonly found: readonly Entity[];
  readonly colors: readonly string[];
  readonly ports: readonly string[];
}

/** The entities that follow from those found. */
export function relateEntities(
  words: readonly string[],
  index: NameIndex,
  { found, colors, ports }: Spoken,
): readonly Entity[] {
  const { inventory, sites } = index;
  const devicesOf = ({ kind, name }: Entity): readonly string[] =>
    kind === 'site' ? (sites.get(lastPart(name)) ?? []) : kind === 'device' ? [lastPart(name)] : [];
  const places = found.filter(({ kind }) => kind === 'site' || kind === 'device');
  const more: Entity[] = [];
  for (const one of places.filter(({ part }) => part === 'subject')) {
    for (const device of devicesOf(one)) {
      const site = inventory.devices.find(({ name }) => name === device)?.site ?? '';
      for (const color of colors)
        if (inventory.circuits.some((circuit) => circuit.device === device && circuit.color === color))
          more.push(entity('circuit', circuitName(site, color)));
      for (const port of ports) more.push(entity('interface', interfaceName(device, port)));
    }
  }
  const [a, b] = places.map((one) => devicesOf(one)[0]);
  if (a !== undefined && b !== undefined && places.length === 2) {
    const colorsOf = (device: string): readonly string[] =>
      inventory.circuits.filter((circuit) => circuit.device === device).map(({ color }) => color);
    const shared = colorsOf(a).filter((color) => colorsOf(b).includes(color));
    const wanted = colors.length > 0 ? colors : shared;
    const isPair = words.some((word) => TUNNEL_WORDS.has(word)) || words.some((word) => BETWEEN.has(word));
    if (words.some((word) => SESSION_WORDS.has(word))) more.push(entity('session', bgpSessionName(a, b)));
    else if (isPair && words.some((word) => TUNNEL_WORDS.has(word)))
      for (const color of wanted) more.push(entity('tunnel', tunnelName(a, color, b, color)));
  }
  const onPlace = new Set(
    more.filter(({ kind }) => kind === 'circuit').map(({ name }) => name.slice(name.lastIndexOf('/') + 1)),
  );
  for (const color of colors) if (!onPlace.has(color)) more.push(entity('transport', `transport/${color}`));
  if (words.some((word) => PROVIDER_WORDS.has(word)))
    for (const provider of new Set(
      inventory.circuits.filter(({ color }) => colors.includes(color)).map((circuit) => circuit.provider),
    ))
      more.push(entity('provider', `node/${provider}`, 'implied'));
  for (const one of found.filter(({ kind }) => kind === 'host')) {
    const site = inventory.hosts.find(({ name }) => name === lastPart(one.name))?.site;
    if (site !== undefined) more.push(entity('site', `site/${site}`, 'implied'));
  }
  // "The printer at branch 2"
  const spoken = words
    .map((word) => HOST_WORDS[word.replace(/s$/, '')] ?? HOST_WORDS[word])
    .filter((part) => part !== undefined);
  for (const part of new Set(spoken)) {
    const here = found.filter(({ kind }) => kind === 'site').map(({ name }) => lastPart(name));
    const hosts = inventory.hosts.filter(
      ({ name, site }) =>
        here.includes(site) &&
        name
          .slice(site.length)
          .split(/[-_]/)
          .some((word) => word.replace(/\d+$/, '') === part),
    );
    const [only, second] = hosts;
    if (only && second === undefined) more.push(entity('host', `host/${only.name}`, 'implied'));
  }
  return [...new Map(more.map((one) => [one.name, one])).values()];
}
