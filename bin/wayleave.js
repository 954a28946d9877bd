#!/usr/bin/env node
// Starts the command line program from the compiled sources.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/apps/cli/main.js', import.meta.url));
if (!existsSync(main)) {
  process.stderr.write('Wayleave is not built. Run `npm ci` (or `npm run build`) first.\n');
  process.exit(1);
}
await import(main);
