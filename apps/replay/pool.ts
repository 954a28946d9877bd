/** Plays many cases on several processes, and gives the results in the order of the cases, whoever was faster. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ERRORS, type ErrorCode, WayleaveError } from '../../broker/errors.ts';
import type { ReplayCase } from '../../scenarios/replay/case.ts';
import type { Scored } from '../../scenarios/replay/summary.ts';

/** What a worker says. */
export type FromWorker =
  | { readonly ready: true }
  | { readonly scored: Scored }
  | { readonly failure: { readonly code: string; readonly message: string } };

export interface PoolOptions {
  readonly jobs: number;
  /** Told after each case. */
  readonly progress: (done: number, one: Scored) => void;
  readonly interrupted: AbortSignal;
}

export async function playCases(cases: readonly ReplayCase[], options: PoolOptions): Promise<readonly Scored[]> {
  const { jobs, progress, interrupted } = options;
  const results: Scored[] = [];
  let next = 0;
  let done = 0;
  const note = (at: number, scored: Scored): void => {
    results[at] = scored;
    done += 1;
    progress(done, scored);
  };
  if (jobs <= 1 || cases.length <= 1) {
    const { openPlayer } = await import('./play-scored.ts');
    const player = await openPlayer();
    try {
      for (const [at, one] of cases.entries()) {
        interrupted.throwIfAborted();
        note(at, await player.play(one));
      }
    } finally {
      await player.close();
    }
    return results;
  }
  const workers: ChildProcess[] = [];
  const work = async (): Promise<void> => {
    const worker = startWorker();
    workers.push(worker);
    await reply(worker, interrupted);
    for (let at = next++; at < cases.length; at = next++) {
      const one = cases[at];
      if (one === undefined) return;
      const answer = reply(worker, interrupted);
      worker.send(one);
      note(at, await answer);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, cases.length) }, work));
  } finally {
    for (const worker of workers) worker.disconnect();
    if (interrupted.aborted) for (const worker of workers) worker.kill('SIGKILL');
  }
  return results;
}

/** From sources the TypeScript file runs through tsx; a built installation runs the JavaScript beside this file. */
function startWorker(): ChildProcess {
  const fromSource = import.meta.url.endsWith('.ts');
  const main = fileURLToPath(new URL(fromSource ? './worker.ts' : './worker.js', import.meta.url));
  const execArgv = fromSource ? ['--import', import.meta.resolve('tsx')] : [];
  return fork(main, [], { execArgv, serialization: 'json', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** The next word of the worker; its end is a failure. */
function reply(worker: ChildProcess, interrupted: AbortSignal): Promise<Scored> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => (): void => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      interrupted.removeEventListener('abort', onAbort);
      act();
    };
    const onMessage = (message: FromWorker): void => {
      if ('failure' in message) settle(() => reject(toError(message.failure)))();
      else settle(() => resolve('scored' in message ? message.scored : ({} as Scored)))();
    };
    const onExit = settle(() => reject(new WayleaveError('INTERNAL', 'a process that plays cases ended')));
    const onAbort = settle(() => reject(interrupted.reason));
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    interrupted.addEventListener('abort', onAbort);
  });
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
const toError = ({ code, message }: { readonly code: string; readonly message: string }): WayleaveError =>
  new WayleaveError(isErrorCode(code) ? code : 'INTERNAL', message);
