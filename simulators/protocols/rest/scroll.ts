/** Scrolling through a long answer: `count` asks for pages, `scrollId` for the next page of the rows as they were at first. */

/** A row as it goes into JSON. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

export interface Page {
  readonly data: readonly JsonObject[];
  readonly pageInfo?: {
    readonly count: number;
    readonly totalCount: number;
    readonly hasMoreData: boolean;
    /** Good for one request. */
    readonly scrollId?: string;
  };
}

export interface Scrolls {
  /** The page that `query` asks for; undefined when its `count` or `scrollId` is not good. */
  read(path: string, query: Readonly<Record<string, string>>, rows: () => readonly JsonObject[]): Page | undefined;
}

const MAX_COUNT = 10_000;
/** Scrolls kept; the oldest is forgotten first. */
const MAX_SCROLLS = 32;

/** `pageRows`: a page has no more, also where more are asked for. */
export function createScrolls(random: (bytes: number) => Buffer, pageRows = MAX_COUNT): Scrolls {
  const open = new Map<string, { readonly path: string; readonly rows: readonly JsonObject[]; readonly at: number }>();
  return {
    read(path, query, readRows) {
      const { count: countText, scrollId } = query;
      if (countText === undefined && scrollId === undefined) return { data: readRows() };
      const count = /^\d{1,5}$/.test(countText ?? '') ? Number(countText) : 0;
      if (count < 1 || count > MAX_COUNT) return undefined;
      const scroll = scrollId === undefined ? { path, rows: readRows(), at: 0 } : open.get(scrollId);
      if (scroll === undefined || scroll.path !== path) return undefined;
      if (scrollId !== undefined) open.delete(scrollId);
      const data = scroll.rows.slice(scroll.at, scroll.at + Math.min(count, pageRows));
      const at = scroll.at + data.length;
      const info = { count: data.length, totalCount: scroll.rows.length };
      if (at >= scroll.rows.length) return { data, pageInfo: { ...info, hasMoreData: false } };
      const next = random(16).toString('base64url');
      open.set(next, { ...scroll, at });
      const [oldest] = open.keys();
      if (open.size > MAX_SCROLLS && oldest !== undefined) open.delete(oldest);
      return { data, pageInfo: { ...info, hasMoreData: true, scrollId: next } };
    },
  };
}
