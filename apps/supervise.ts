/** Starts a child process, waits until it is ready, keeps its last words, and stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { WayleaveError } from '../broker/errors.ts';
import { type ErrorLine, fromErrorLine } from './error-line.ts';

export interface ChildSpec {
  readonly name: string;
  /** Compiled entry file. */
  readonly entry: string;
  /** Flags of Node itself (permission model). */
  readonly flags?: readonly string[];
  /** The whole environment of the child: nothing is inherited. */
  readonly env: { readonly [name: string]: string };
  /** Sent as the first line; may hold secrets, so it goes by stdin and not by arguments. */
  readonly settings: unknown;
  readonly logFile: string;
}

export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly ready: unknown;
  /** Resolves when the process ended, with its last lines. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly lastLines: readonly string[];
  }>;
  /** Closes stdin, then SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Newer versions of Node can do without the signal from the first instruction on; see processes/harden.ts for the others. */
const DEAF = process.allowedNodeEnvironmentFlags.has('--disable-sigusr1') ? ['--disable-sigusr1'] : [];
const LAST_LINES = 12;
const STOP_MS = 8_000;

export async function startChild(spec: ChildSpec): Promise<Child> {
  const child = spawn(process.execPath, [...DEAF, ...(spec.flags ?? []), spec.entry], {
    env: spec.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 });
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.write(`${line}\n`);
    lastLines.push(line.slice(0, 500));
    if (lastLines.length > LAST_LINES) lastLines.shift();
  });
  child.stdin.on('error', () => undefined); // a child that died before it read is reported by `ended`
  child.stdin.write(`${JSON.stringify(spec.settings)}\n`);
  const ended = new Promise<{ code: number | null; signal: string | null; lastLines: readonly string[] }>((resolve) => {
    child.once('close', (code, signal) => {
      log.end();
      resolve({ code, signal, lastLines });
    });
  });
  const ready = await firstWord(spec.name, child, ended);
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    ready,
    ended,
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The first line of stdout: ready, or the error that kept the child from starting. */
function firstWord(name: string, child: ChildProcess, ended: Child['ended']): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new WayleaveError('INTERNAL', `${name} has no output`));
    createInterface({ input: child.stdout }).once('line', (line) => {
      const word = JSON.parse(line) as { readonly ready: unknown } | ErrorLine;
      if ('error' in word) reject(fromErrorLine(word));
      else resolve(word.ready);
    });
    void ended.then(({ code, signal, lastLines }) => {
      const last = lastLines.length > 0 ? ` Its last lines:\n  ${lastLines.join('\n  ')}` : '';
      reject(
        new WayleaveError('UNAVAILABLE', `${name} ended before it was ready (${signal ?? `exit ${code}`}).${last}`),
      );
    });
  });
}
