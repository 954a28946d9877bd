/** What `wayleave doctor` reads of a process's own numbers. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Cli } from '../io.ts';
import { bad, type Finding, good } from './doctor.ts';

const TIMEOUT_MS = 3_000;
/** Lags beyond this hold everybody up. Seconds. */
const MAX_LAG = 0.5;

/** Adds up what a process counts under a name. */
const sumOf = (numbers: string, name: string, label = ''): number =>
  numbers
    .split('\n')
    .filter((line) => line.startsWith(name) && /[ {]/.test(line.charAt(name.length)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

/** What a process counts of itself: defects, work that died, and how late it is. */
export async function readNumbers(cli: Cli, name: string, url: string): Promise<Finding> {
  const check = `numbers of ${name}`;
  const file = path.join(cli.config.home, 'metrics.token');
  if (!existsSync(file)) return { ...good(check, 'not read'), todo: `There is no ${file}; \`wayleave up\` makes it.` };
  const headers = { Authorization: `Bearer ${readFileSync(file, 'utf8').trim()}` };
  const signal = AbortSignal.any([cli.interrupted, AbortSignal.timeout(TIMEOUT_MS)]);
  try {
    const response = await cli.fetch(`${url}/metrics`, { headers, signal, redirect: 'error' });
    const numbers = await response.text();
    if (!response.ok) return bad(check, `${url}/metrics answers ${response.status}`, `Compare ${file}.`);
    const defects = sumOf(numbers, 'wayleave_broker_calls_total', 'code="INTERNAL"');
    const dead = sumOf(numbers, 'wayleave_jobs_ended_total', 'outcome="failed"');
    const lag = sumOf(numbers, 'nodejs_eventloop_lag_p99_seconds');
    const heap = Math.round(sumOf(numbers, 'nodejs_heap_size_used_bytes') / 1_048_576);
    const found = `${defects} defects, ${dead} dead jobs, event loop ${Math.round(lag * 1000)} ms late, ${heap} MB of heap`;
    if (defects > 0) return bad(check, found, `See ${path.join(cli.config.home, 'logs', `${name}.log`)}.`);
    if (dead > 0) return { ...good(check, found), todo: 'See `wayleave jobs dead`.' };
    return { ...good(check, found), todo: lag > MAX_LAG ? 'It has too little of a processor, or too much to do.' : '' };
  } catch (error) {
    if (cli.interrupted.aborted) throw error;
    return bad(check, `${url}/metrics does not answer`, `See ${path.join(cli.config.home, 'logs', `${name}.log`)}.`);
  }
}
