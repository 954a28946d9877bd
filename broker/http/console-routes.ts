/**
 * The console: static pages for people at the broker's own origin. They are a client like any other: a public one, with a
 * DPoP key that their browser makes and cannot give away, and no cookie, so that no page of others can act through them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Hono } from 'hono';
import { CONSOLE_PATH } from '../identity/own-clients.ts';

/** Built files by their path below `/console/`. */
export type ConsoleFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export interface ConsoleDeps {
  readonly files: ConsoleFiles;
  /** Where the agents answer people; undefined until they run. */
  readonly agentsUrl: () => string | undefined;
}

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.map': 'application/json',
};
/** Vite puts the digest of a file into its name there: it never changes. */
const FOREVER = 'public, max-age=31536000, immutable';

/**
 * No inline script or style, nothing from elsewhere, no frame; and no string becomes markup, whoever wrote it (Trusted
 * Types without a policy): a description of a device stays text.
 */
const policyFor = (agentsUrl: string | undefined): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...(agentsUrl === undefined ? [] : [agentsUrl])].join(' ')}`,
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

/** Reads the built console into memory; an empty one when it was not built. */
export function readConsole(folder: string): ConsoleFiles {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file).split(path.sep).join('/'), new Uint8Array(readFileSync(file))];
    }),
  );
}

/** `/` leads to the console; every path below it that is no file is a view, which the page itself finds. */
export function consoleRoutes({ files, agentsUrl }: ConsoleDeps): Hono {
  const routes = new Hono();
  routes.get('/', (c) => c.redirect(CONSOLE_PATH, 302));
  routes.get('/console', (c) => c.redirect(CONSOLE_PATH, 302));
  routes.get(`${CONSOLE_PATH}where.json`, (c) => c.json({ agentsUrl: agentsUrl() ?? null }));
  routes.get(`${CONSOLE_PATH}*`, (c) => {
    const wanted = c.req.path.slice(CONSOLE_PATH.length);
    const name = files.has(wanted) || wanted.startsWith('assets/') ? wanted : 'index.html';
    const file = files.get(name);
    if (file === undefined) return c.notFound();
    c.header('Content-Type', TYPES[path.posix.extname(name)] ?? 'application/octet-stream');
    c.header('Cache-Control', name.startsWith('assets/') ? FOREVER : 'no-store');
    if (name.endsWith('.html')) c.header('Content-Security-Policy', policyFor(agentsUrl()));
    return c.body(file);
  });
  return routes;
}
