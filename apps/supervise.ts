/** Starts a child process, waits until it is ready, keeps its last words, tells it what changes, and stops it. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { z } from 'zod';
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
  /** Sent as the first line, when it is there if it is a promise; may hold secrets, so it goes by stdin and not by arguments. */
  readonly settings: unknown;
  readonly logFile: string;
  /** What the child asks of its supervisor while it runs. */
  readonly onAsk?: (request: string) => void;
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
  /** Says something new to the child; resolves when it took it in, rejects with `UNAVAILABLE` when it did not or ended. */
  update(value: unknown): Promise<void>;
  /** Closes stdin, then SIGTERM, then SIGKILL. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Newer versions of Node can do without the signal from the first instruction on; see processes/harden.ts for the others. */
const DEAF = process.allowedNodeEnvironmentFlags.has('--disable-sigusr1') ? ['--disable-sigusr1'] : [];
/** What a child says after it is ready. */
const laterWord = z.union([
  z.strictObject({ asks: z.string() }),
  z.strictObject({ updated: z.number(), failed: z.string().optional() }),
]);
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
  const ended = new Promise<{ code: number | null; signal: string | null; lastLines: readonly string[] }>((resolve) => {
    child.once('close', (code, signal) => {
      log.end();
      resolve({ code, signal, lastLines });
    });
  });
  const lines = createInterface({ input: child.stdout });
  const said = firstWord(spec.name, lines, ended);
  said.catch(() => undefined); // told below
  try {
    child.stdin.write(`${JSON.stringify(await spec.settings)}\n`);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const ready = await said;
  const waiting = new Map<number, (failed: string | undefined) => void>();
  let updates = 0;
  lines.on('line', (line) => {
    const word = laterWord.parse(JSON.parse(line));
    if ('asks' in word) spec.onAsk?.(word.asks);
    else waiting.get(word.updated)?.(word.failed);
  });
  void ended.then(() => {
    for (const settle of waiting.values()) settle('it ended');
  });
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    ready,
    ended,
    kill: (signal) => void child.kill(signal),
    update: (update) =>
      new Promise((resolve, reject) => {
        updates += 1;
        const id = updates;
        waiting.set(id, (failed) => {
          waiting.delete(id);
          if (failed === undefined) resolve();
          else reject(new WayleaveError('UNAVAILABLE', `${spec.name} did not take in an update: ${failed}.`));
        });
        if (child.exitCode !== null || !child.stdin.writable) waiting.get(id)?.('it ended');
        else child.stdin.write(`${JSON.stringify({ id, update })}\n`);
      }),
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
function firstWord(name: string, lines: Interface, ended: Child['ended']): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
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
