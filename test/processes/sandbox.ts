/** Runs a script as the agents would: under their very flags, with nothing in its environment; it prints one JSON value. */
import { execFileSync } from 'node:child_process';
import { sandboxFlags } from '../../apps/agent-launch.ts';
import type { Home } from '../../apps/home.ts';

/** Reads, by every way that Node offers, what is not the agents': the code of the refusal, or what it got. */
const ATTEMPTS = `
const fs = require('node:fs');
const attempt = (run) => { try { return 'got ' + String(run()).slice(0, 20); } catch (error) { return error.code ?? error.message; } };
const own = (name) => home.agents + '/' + name;
`;

/** `flags` replaces the sandbox, to show that a script would succeed outside of it. */
export function runInSandbox(home: Home, body: string, flags: readonly string[] = sandboxFlags(home)): unknown {
  const script = `const home = ${JSON.stringify(home)};${ATTEMPTS}process.stdout.write(JSON.stringify((() => {${body}})()));`;
  return JSON.parse(
    execFileSync(process.execPath, [...flags, '--eval', script], { env: {}, encoding: 'utf8', timeout: 20_000 }),
  );
}
