/** Where everything is on the map, in units of its own: hubs in the middle, sites around them, the same picture each time. */
import type { Site } from './read-network.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Block {
  readonly sites: readonly Site[];
  /** Its middle and half its side. */
  readonly at: Point;
  readonly half: number;
}

export interface Layout {
  readonly places: ReadonlyMap<string, Point>;
  /** Neighbours in the order of names, drawn as one from afar; none where all fit around the hubs. */
  readonly blocks: readonly Block[];
  /** Half of the width and height of all of it. */
  readonly reach: Point;
}

/** Distance of two sites in a block. */
export const CELL = 44;
const SIDE = 5;
const PITCH = SIDE * CELL + 40;
/** As many sites stand around the hubs one by one. */
const RING = 40;

export function layOut(sites: readonly Site[]): Layout {
  const middle = sites.filter(({ kind }) => kind !== 'branch');
  const around = sites.filter(({ kind }) => kind === 'branch');
  const places = new Map<string, Point>();
  const span = Math.min(middle.length, SIDE + 1);
  middle.forEach((site, index) => {
    const row = Math.floor(index / span);
    const inRow = Math.min(span, middle.length - row * span);
    places.set(site.name, { x: ((index % span) - (inRow - 1) / 2) * 130, y: row * 70 });
  });
  const blocks = around.length <= RING ? [] : placeBlocks(around, places);
  if (blocks.length === 0) placeRing(around, places);
  const points = [...places.values()];
  const furthest = (of: (point: Point) => number): number => Math.max(160, ...points.map((one) => Math.abs(of(one))));
  return { places, blocks, reach: { x: furthest(({ x }) => x) + 90, y: furthest(({ y }) => y) + 60 } };
}

/** Half of them above the hubs and half below, so that no line runs along the hubs. */
function placeRing(around: readonly Site[], places: Map<string, Point>): void {
  const radius = Math.max(190, (around.length * 62) / (2 * Math.PI));
  const above = Math.ceil(around.length / 2);
  around.forEach((site, index) => {
    const [place, of, side] = index < above ? [index, above, -1] : [index - above, around.length - above, 1];
    const angle = Math.PI * (1 - (place + 0.5) / of);
    places.set(site.name, { x: 1.5 * radius * Math.cos(angle), y: side * radius * Math.sin(angle) });
  });
}

/** Blocks of 25 on the fields of a board around the hubs, the nearest field first. */
function placeBlocks(around: readonly Site[], places: Map<string, Point>): readonly Block[] {
  const count = Math.ceil(around.length / SIDE ** 2);
  const edge = Math.ceil(Math.sqrt(count)) + 2;
  const fields: { readonly col: number; readonly row: number; readonly far: number }[] = [];
  for (let row = -edge; row <= edge; row += 1)
    for (let col = -edge; col <= edge; col += 1)
      if (row !== 0 || Math.abs(col) > 1) fields.push({ col, row, far: Math.hypot(col / 1.5, row) });
  const chosen = fields.toSorted((a, b) => a.far - b.far || a.row - b.row || a.col - b.col).slice(0, count);
  // Read like a page, so that neighbours in name are neighbours on the map.
  chosen.sort((a, b) => a.row - b.row || a.col - b.col);
  return chosen.map(({ col, row }, block) => {
    const at = { x: col * PITCH, y: row * PITCH };
    const members = around.slice(block * SIDE ** 2, (block + 1) * SIDE ** 2);
    members.forEach((site, index) => {
      const offset = (place: number): number => (place - (SIDE - 1) / 2) * CELL;
      places.set(site.name, { x: at.x + offset(index % SIDE), y: at.y + offset(Math.floor(index / SIDE)) });
    });
    return { sites: members, at, half: (SIDE * CELL) / 2 };
  });
}
