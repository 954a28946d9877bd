/** The import law holds, and the scan that says so would see a breach. */
import { describe, expect, it } from 'vitest';
import { findBreaches, scanImports } from './import-law.ts';
import { readFiles } from './source-files.ts';

const SOURCES = /^(agents|apps|broker|console|protocols|scenarios|simulators|storage|tools)\/.*\.tsx?$/;

describe('the import law', () => {
  it('holds in every source file', () => {
    const files = readFiles((path) => SOURCES.test(path));
    expect(files.length).toBeGreaterThan(10);
    expect(findBreaches(files)).toEqual([]);
  });

  it.each([
    ['agents/router/x.ts', "import { createBroker } from '../../broker/broker.ts';"],
    ['agents/router/x.ts', "import net from 'node:net';"],
    ['agents/router/x.ts', "export { Client } from 'ssh2';"],
    ['agents/router/x.ts', "const pg = await import('pg');"],
    ['agents/router/x.ts', 'const name = await import(variable);'],
    ['tools/bgp-read.ts', "import { readFile } from 'node:fs/promises';"],
    ['tools/bgp-read.ts', "import type { Broker } from '../broker/ports.ts';"],
    ['broker/stages/x.ts', "import { connect } from '../drivers/netconf/connect.ts';"],
    ['broker/rehearsal/x.ts', "import '../../simulators/faults/list.ts';"],
    ['broker/stages/x.ts', "import {\n  model,\n} from '../../simulators/model/network.ts';"],
    ['broker/policy/decision-point.ts', "import { readFile } from 'node:fs/promises';"],
    ['simulators/faults/x.ts', "import type { Intent } from '../../broker/contract.ts';"],
    ['apps/verify/x.ts', "import { hashLeaf } from '../../broker/audit/tree.ts';"],
    ['console/x.tsx', "import { compose } from '../apps/compose.ts';"],
    ['elsewhere/x.ts', ''],
  ])('sees that %s breaks it with %s', (path, text) => {
    expect(findBreaches([{ path, text }])).toHaveLength(1);
  });

  it('reads imports of every form, and none from comments', () => {
    const text = `/** import { a } from 'comment'; */
// import 'comment';
import type { A } from './a.ts';
import b, { type B } from "./b.ts";
import './c.ts';
export * from './d.ts';
const e = await import('./e.ts');`;
    expect(scanImports(text)).toEqual([
      { module: './a.ts', typeOnly: true },
      { module: './b.ts', typeOnly: false },
      { module: './c.ts', typeOnly: false },
      { module: './d.ts', typeOnly: false },
      { module: './e.ts', typeOnly: false },
    ]);
  });
});
