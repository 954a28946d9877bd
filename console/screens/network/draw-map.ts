/** Draws the map on a canvas, as much of it as the eye can use: blocks from afar, squares nearer, names and transports near. */
import { iconPath } from '../../parts/icon.tsx';
import { type Link, worstState } from './courses.ts';
import { type Block, CELL, type Layout, type Point } from './lay-out.ts';
import { pairLinks } from './pair-links.ts';
import { type Site, type Standing, worstOf } from './read-network.ts';
import { LOOKS } from './standing-mark.tsx';

/** The point of the map in the middle of the picture, and pixels to a unit. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Picture {
  readonly sites: readonly Site[];
  readonly layout: Layout;
  readonly selected: string | undefined;
  /** Names of those that the filter lets through; undefined where nothing is filtered. */
  readonly found: ReadonlySet<string> | undefined;
  /** Sites at which a change is carried out now. */
  readonly changing: ReadonlySet<string>;
  /** Tunnels at the moment that is looked at, by pair of sites and transport. */
  readonly links: readonly Link[];
  /** Sites with tunnels that are all up then; the lines say so only where there are few. */
  readonly up: ReadonlySet<string>;
  /** Names of tunnels on the path that is shown. */
  readonly path: ReadonlySet<string>;
}

/** Resolved colours, by token. */
export type Palette = (token: string) => string;

const HUES = { up: '--cleared', down: '--critical', unknown: '--line-strong' } as const;

/** Below so many pixels between two sites a block is drawn as one. */
const NEAR = 11;
const NAMED = 58;
/** The same for hubs, and for sites that stand alone: they have more room. */
const ROOMY = 17;

export const isFar = ({ blocks }: Layout, { scale }: View): boolean => blocks.length > 0 && CELL * scale < NEAR;

export function drawMap(
  context: CanvasRenderingContext2D,
  size: { readonly width: number; readonly height: number },
  view: View,
  picture: Picture,
  palette: Palette,
): void {
  const { sites, layout } = picture;
  const toPicture = ({ x, y }: Point): Point => ({
    x: size.width / 2 + (x - view.x) * view.scale,
    y: size.height / 2 + (y - view.y) * view.scale,
  });
  const seen = ({ x, y }: Point, margin: number): boolean =>
    x > -margin && y > -margin && x < size.width + margin && y < size.height + margin;
  const placeOf = (name: string): Point => toPicture(layout.places.get(name) ?? { x: 0, y: 0 });
  const faded = (name: string): boolean => picture.found !== undefined && !picture.found.has(name);
  const hubs = sites.filter(({ kind }) => kind === 'hub');
  const far = isFar(layout, view);

  context.clearRect(0, 0, size.width, size.height);
  context.lineCap = 'round';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  drawLines();
  for (const block of layout.blocks) drawBlock(block);
  for (const site of sites) if (site.kind !== 'branch' || !far) drawSite(site);

  function line(from: Point, to: Point, color: string, width: number, dash: readonly number[] = []): void {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.setLineDash([...dash]);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }

  function drawLines(): void {
    context.globalAlpha = 0.55;
    for (const { at } of layout.blocks)
      for (const hub of hubs) line(toPicture(at), placeOf(hub.name), palette('--line'), 1);
    for (const [index, hub] of hubs.entries())
      for (const other of hubs.slice(index + 1)) line(placeOf(hub.name), placeOf(other.name), palette('--line'), 1);
    const known = new Map(sites.map((site) => [site.name, site]));
    const drawn = pairLinks(picture.links, layout.blocks.length === 0 ? sites : sites.filter(isLoud), hubs);
    for (const links of drawn.values()) {
      const ends = links[0]?.sites.map((name) => known.get(name)) ?? [];
      const [from, to] = ends;
      if (from === undefined || to === undefined) continue;
      const onPath = links.some(isOnPath);
      const branch = ends.find((one) => one?.kind === 'branch');
      // At a thousand sites the lines of those that are well would be one grey sheet.
      if (layout.blocks.length > 0 && branch !== undefined && !isLoud(branch) && !onPath) continue;
      context.globalAlpha = ends.every((one) => one !== undefined && faded(one.name)) && !onPath ? 0.15 : 0.9;
      drawLinks(from, to, links);
    }
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  function isLoud(site: Site): boolean {
    return site.standing !== 'quiet' || site.name === picture.selected || picture.changing.has(site.name);
  }

  function isOnPath({ tunnels }: Link): boolean {
    return tunnels.some(({ name }) => picture.path.has(name));
  }

  /** One line a transport, side by side; what is down is crossed as well as coloured. */
  function drawLinks(a: Site, b: Site, links: readonly Link[]): void {
    const [from, to] = [placeOf(a.name), placeOf(b.name)];
    const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
    const across = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
    const chosen = a.name === picture.selected || b.name === picture.selected;
    const order = links.toSorted((one, other) => (one.color < other.color ? -1 : 1));
    for (const [index, link] of order.entries()) {
      const shift = (index - (order.length - 1) / 2) * 6;
      const moved = ({ x, y }: Point): Point => ({ x: x + across.x * shift, y: y + across.y * shift });
      const [begin, end] = [moved(from), moved(to)];
      const state = worstState(link.tunnels);
      if (isOnPath(link)) line(begin, end, palette('--focus'), 7);
      line(
        begin,
        end,
        palette(HUES[state]),
        state === 'unknown' ? 1 : chosen ? 2.4 : 1.7,
        state === 'down' ? [6, 4] : [],
      );
      if (state === 'down')
        cross({ x: (begin.x + end.x) / 2 + across.x * shift, y: (begin.y + end.y) / 2 + across.y * shift });
    }
  }

  function cross(at: Point): void {
    dot(at, 7, palette('--page'));
    context.setLineDash([]);
    line({ x: at.x - 4, y: at.y - 4 }, { x: at.x + 4, y: at.y + 4 }, palette('--critical'), 2);
    line({ x: at.x - 4, y: at.y + 4 }, { x: at.x + 4, y: at.y - 4 }, palette('--critical'), 2);
  }

  function drawBlock({ sites: members, at, half }: Block): void {
    const middle = toPicture(at);
    const r = half * view.scale + (far ? 0 : 4);
    if (!seen(middle, r)) return;
    const standing = worstOf(members.map((one) => one.standing));
    const shown = members.some(({ name }) => !faded(name));
    context.globalAlpha = shown ? 1 : 0.3;
    box(
      middle,
      r,
      far ? palette('--surface') : palette('--page'),
      palette(far ? hueOf(standing) : '--line'),
      far ? 1.5 : 1,
    );
    if (far) {
      const loud = members.filter((one) => one.standing !== 'quiet').length;
      if (standing !== 'quiet') drawIcon(standing, { x: middle.x, y: middle.y - r * 0.3 }, Math.min(18, r));
      context.fillStyle = palette(standing === 'quiet' ? '--quiet' : '--text');
      context.font = `600 ${Math.max(9, Math.min(13, r * 0.55))}px system-ui, sans-serif`;
      const below = standing === 'quiet' ? 0 : r * 0.42;
      context.fillText(loud === 0 ? `${members.length}` : `${loud}/${members.length}`, middle.x, middle.y + below);
    }
    context.globalAlpha = 1;
  }

  function drawSite(site: Site): void {
    const at = placeOf(site.name);
    if (!seen(at, 80)) return;
    const { selected, changing } = picture;
    const near = CELL * view.scale;
    const large = site.kind !== 'branch' || layout.blocks.length === 0;
    const r = large ? Math.max(7, Math.min(17, near * 0.34)) : Math.max(3, Math.min(15, near * 0.34));
    const quiet = site.standing === 'quiet';
    context.globalAlpha = faded(site.name) ? 0.22 : 1;
    if (site.name === selected) box(at, r + 5, 'transparent', palette('--focus'), 2.5);
    if (changing.has(site.name)) {
      context.setLineDash([4, 3]);
      box(at, r + 8, 'transparent', palette('--info'), 2);
      context.setLineDash([]);
    }
    const unheard = quiet && site.kind === 'branch' && layout.blocks.length > 0 && !picture.up.has(site.name);
    const calm =
      site.kind !== 'branch' ? '--accent' : layout.blocks.length === 0 || unheard ? '--line-strong' : '--cleared';
    const hue = palette(quiet ? calm : hueOf(site.standing));
    if (unheard && r >= 6) context.setLineDash([3, 3]);
    box(at, r, quiet ? palette('--raised') : softOf(site.standing), hue, site.critical ? 2.6 : 1.4, site.kind);
    context.setLineDash([]);
    if (!quiet && r >= 6) drawIcon(site.standing, at, r * 1.35);
    else if (!quiet) box(at, r, hue, hue, 1);
    else if (site.kind === 'hub' && r >= 6) dot(at, r * 0.35, hue);
    if (site.standings.includes('pending') && site.standing !== 'pending' && r >= 6)
      badge({ x: at.x + r, y: at.y - r }, r);
    if (near >= (large ? ROOMY : NAMED) || site.name === selected) label(site.name, { x: at.x, y: at.y + r + 10 });
    context.globalAlpha = 1;
  }

  function softOf(standing: Standing): string {
    const token = LOOKS[standing].color;
    return palette(token === '--accent' ? '--accent-soft' : token === '--quiet' ? '--raised' : `${token}-soft`);
  }

  function hueOf(standing: Standing): string {
    return standing === 'quiet' ? '--line-strong' : LOOKS[standing].color;
  }

  function box(at: Point, r: number, fill: string, stroke: string, width: number, kind: Site['kind'] = 'branch'): void {
    context.beginPath();
    if (kind === 'hub') context.arc(at.x, at.y, r * 1.15, 0, 2 * Math.PI);
    else if (kind === 'controller') {
      context.moveTo(at.x, at.y - r * 1.2);
      context.lineTo(at.x + r * 1.2, at.y);
      context.lineTo(at.x, at.y + r * 1.2);
      context.lineTo(at.x - r * 1.2, at.y);
      context.closePath();
    } else context.roundRect(at.x - r, at.y - r, 2 * r, 2 * r, Math.min(5, r / 2));
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.stroke();
  }

  /** A change waits where something else is open, too. */
  function badge(at: Point, r: number): void {
    dot(at, r * 0.72, palette('--accent-soft'));
    context.strokeStyle = palette('--accent');
    context.lineWidth = 1.2;
    context.stroke();
    if (r >= 10) drawIcon('pending', at, r * 0.95);
  }

  function dot(at: Point, r: number, color: string): void {
    context.beginPath();
    context.arc(at.x, at.y, r, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
  }

  function drawIcon(standing: Standing, at: Point, side: number): void {
    context.save();
    context.translate(at.x - side / 2, at.y - side / 2);
    context.scale(side / 16, side / 16);
    context.strokeStyle = palette(LOOKS[standing].color);
    context.lineWidth = 1.6;
    context.stroke(new Path2D(iconPath(LOOKS[standing].icon)));
    context.restore();
  }

  function label(text: string, at: Point): void {
    context.font = '12px system-ui, "Noto Sans", "DejaVu Sans", sans-serif';
    context.lineWidth = 4;
    context.strokeStyle = palette('--page');
    context.strokeText(text, at.x, at.y);
    context.fillStyle = palette('--text');
    context.fillText(text, at.x, at.y);
  }
}

/** The site or block under a point of the picture. */
export function findAt(
  point: Point,
  size: { readonly width: number; readonly height: number },
  view: View,
  { sites, layout }: Picture,
): { readonly site: Site } | { readonly block: Block } | undefined {
  const at = {
    x: view.x + (point.x - size.width / 2) / view.scale,
    y: view.y + (point.y - size.height / 2) / view.scale,
  };
  const far = isFar(layout, view);
  const reach = Math.max(CELL / 2, 14 / view.scale);
  let best: { readonly site: Site; readonly far: number } | undefined;
  for (const site of sites) {
    const place = layout.places.get(site.name);
    if (place === undefined || (far && site.kind === 'branch')) continue;
    const distance = Math.hypot(place.x - at.x, place.y - at.y);
    if (distance < reach && distance < (best?.far ?? Number.POSITIVE_INFINITY)) best = { site, far: distance };
  }
  if (best !== undefined) return { site: best.site };
  const block = far
    ? layout.blocks.find((one) => Math.max(Math.abs(one.at.x - at.x), Math.abs(one.at.y - at.y)) <= one.half)
    : undefined;
  return block === undefined ? undefined : { block };
}
