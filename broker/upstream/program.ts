/**
 * A server that is a program: started for one conversation, without anything of the broker's, and killed with all that it
 * started when the conversation, its time or its budget ends.
 *
 * What runs is what was pinned: the digest over the executable, its arguments and its further files is taken right before
 * each start. It runs as the broker's user all the same; what that user may read, it may read (docs/mcp.md).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { canonicalText } from '../../protocols/canonical-json.ts';
import { sameDigest, sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import { createDepthScan, MAX_DEPTH } from './json-depth.ts';
import type { UpstreamProgram, UpstreamServer } from './server-list.ts';

/** Programs of all servers that run at once; who comes beyond it is told to come again. */
const MAX_RUNNING = 16;
/** Who may write a file of the program, beside its owner, could make another one of it. */
const WRITABLE_BY_OTHERS = 0o022n;
const NEWLINE = 10;
/** util-linux: the kernel ends the program with the broker, and gives it no rights that the broker lacks. */
const SETPRIV = '/usr/bin/setpriv';

export interface Programs {
  /** Fails as `UPSTREAM_UNREACHABLE` when the program is not the one that was pinned, `LIMITED` when too many run. */
  open(
    server: UpstreamServer,
    program: UpstreamProgram,
    deadline: AbortSignal,
    onBreach: (breach: WayleaveError) => void,
  ): Promise<Transport>;
  /** Kills whatever runs. */
  close(): void;
}

/** Digests of files as they were: the time of a file's last change (ctime) is nothing that its owner can set. */
type Measured = Map<string, { readonly state: string; readonly digest: string }>;

/** The digest that a manifest names. Errors: `UPSTREAM_UNREACHABLE` for a file that is not there or that others may write. */
export async function measureProgram(
  { run, files }: Pick<UpstreamProgram, 'run' | 'files'>,
  measured: Measured = new Map(),
): Promise<string> {
  // An argument that is a file is what an interpreter runs.
  const named = [...new Set([...run, ...files])].filter((one) => path.isAbsolute(one));
  const parts: Record<string, string> = {};
  for (const file of named) {
    const demanded = file === run[0] || files.includes(file);
    const found = await stat(file, { bigint: true }).catch(() => undefined);
    if (found?.isFile() !== true) {
      if (demanded) throw new WayleaveError('UPSTREAM_UNREACHABLE', `${file} is no file.`);
      continue;
    }
    if ((found.mode & WRITABLE_BY_OTHERS) !== 0n)
      throw new WayleaveError('UPSTREAM_UNREACHABLE', `${file} can be written by others than its owner.`);
    const state = [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
    const before = measured.get(file);
    const digest = before?.state === state ? before.digest : await digestOf(file);
    measured.set(file, { state, digest });
    parts[file] = digest;
  }
  return sha256(canonicalText({ run: [...run], parts }));
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

export function createPrograms(): Programs {
  const measured: Measured = new Map();
  const running = new Set<ChildProcess>();

  async function start(program: UpstreamProgram): Promise<ChildProcess> {
    const digest = await measureProgram(program, measured);
    if (!sameDigest(digest, program.digest))
      throw new WayleaveError(
        'UPSTREAM_UNREACHABLE',
        `The program is not the one that was pinned, and was not started: it is ${digest} now.`,
      );
    if (running.size >= MAX_RUNNING) throw new WayleaveError('LIMITED', 'Too many programs run. Try again.', 1000);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'wayleave-upstream-'));
    const guarded = (await stat(SETPRIV).catch(() => undefined))?.isFile() === true;
    const [file, ...args] = guarded ? [SETPRIV, '--pdeathsig', 'KILL', '--no-new-privs', ...program.run] : program.run;
    const child = spawn(file, args, {
      cwd: folder,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', ...program.env },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true, // a group of its own, so that what it starts ends with it
      shell: false,
    });
    const end = (): void => {
      running.delete(child);
      rm(folder, { recursive: true, force: true }).catch(() => undefined); // a folder of temporary files is no loss
    };
    child.once('error', end);
    if (child.pid === undefined) throw new WayleaveError('UPSTREAM_UNREACHABLE', 'The program cannot be started.');
    running.add(child);
    child.once('exit', () => killWhole(child)); // what it started ends with it
    child.once('close', end);
    return child;
  }

  return {
    async open({ budget }, program, deadline, onBreach) {
      const child = await start(program);
      const end = (): void => killGroup(child);
      deadline.addEventListener('abort', end, { once: true });
      if (deadline.aborted) end();
      child.once('close', () => deadline.removeEventListener('abort', end));
      return overStdio(child, budget.kilobytes * 1024, onBreach);
    },
    close() {
      for (const child of running) killGroup(child);
    },
  };
}

/** A program that has ended was killed as a group when it did: its number may be another's by now. */
function killGroup(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) killWhole(child);
}

function killWhole({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error; // nobody is left
  }
}

/** MCP over stdio: one JSON-RPC message a line (MCP 2025-11-25, basic/transports). */
function overStdio(child: ChildProcess, bytes: number, onBreach: (breach: WayleaveError) => void): Transport {
  const { stdin, stdout } = child;
  const scan = createDepthScan();
  let left = bytes;
  let pending: Buffer[] = [];
  const transport: Transport = {
    async start() {
      child.once('close', () => {
        onBreach(new WayleaveError('UPSTREAM_UNREACHABLE', 'The program ended.'));
        transport.onclose?.();
      });
      stdin?.on('error', () => undefined); // of one that has ended, which `close` tells
      stdout?.on('data', (chunk: Buffer) => take(chunk));
    },
    async send(message) {
      stdin?.write(`${JSON.stringify(message)}\n`);
    },
    async close() {
      stdin?.destroy();
      killGroup(child);
    },
  };
  function fail(error: WayleaveError): void {
    onBreach(error);
    killGroup(child);
    transport.onerror?.(error);
  }
  function take(chunk: Buffer): void {
    const why = whyTooMuch(chunk);
    if (why !== undefined) fail(new WayleaveError('UPSTREAM_PROTOCOL', why));
    else readLines(chunk);
  }
  function whyTooMuch(chunk: Buffer): string | undefined {
    left -= chunk.length;
    if (left < 0) return 'The server said more than its budget of bytes.';
    return scan(chunk) > MAX_DEPTH ? 'The server nests too deeply.' : undefined;
  }
  function readLines(chunk: Buffer): void {
    let rest = chunk;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      const message = readLine(Buffer.concat([...pending, rest.subarray(0, at)]).toString('utf8'));
      pending = [];
      rest = rest.subarray(at + 1);
      if (message === undefined) {
        fail(new WayleaveError('UPSTREAM_PROTOCOL', 'The program says what is no message.'));
        return;
      }
      transport.onmessage?.(message);
    }
    if (rest.length > 0) pending.push(rest);
  }
  return transport;
}

function readLine(line: string): JSONRPCMessage | undefined {
  try {
    return JSONRPCMessageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
