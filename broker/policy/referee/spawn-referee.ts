/** Starts the referee as a child process with an empty environment and adapts its pipes to `RefereeProcess`. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RefereeProcess, Timers } from './client.ts';

/** From sources (tests) the TypeScript file runs through tsx; a built installation runs the JavaScript beside this file. */
function commandLine(): readonly string[] {
  const fromSource = import.meta.url.endsWith('.ts');
  const main = fileURLToPath(new URL(fromSource ? './main.ts' : './main.js', import.meta.url));
  const loader = fromSource ? ['--import', import.meta.resolve('tsx')] : [];
  return ['--no-turbo-inline-js-wasm-calls', ...loader, main];
}

export function spawnReferee(): RefereeProcess {
  const child = spawn(process.execPath, commandLine(), { env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    send: (line) => child.stdin.write(`${line}\n`),
    listen(onLine, onEnd) {
      let ended = false;
      const end = (why: string): void => {
        if (!ended) onEnd(why);
        ended = true;
      };
      createInterface({ input: child.stdout }).on('line', onLine);
      child.on('error', () => end('the policy referee could not be started'));
      child.stdin.on('error', () => end('the policy referee closed its ear'));
      child.on('exit', () => end('the policy referee ended'));
    },
    finish: () => child.stdin.end(),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Real time. Timers do not keep the process alive. */
export const systemTimers: Timers = {
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};
