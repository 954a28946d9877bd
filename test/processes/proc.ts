/** Looks at other processes through /proc (Linux, proc(5)): environment, children, listening sockets, memory. */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

export const HAS_PROC = process.platform === 'linux';

export const environmentOf = (pid: number): string => readFileSync(`/proc/${pid}/environ`, 'utf8');

/** Processes below `pid`, at any depth. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
    } catch {
      return []; // ended in between
    }
  });
  const below = (one: number): readonly number[] =>
    parents.filter(({ parent }) => parent === one).flatMap((child) => [child.pid, ...below(child.pid)]);
  return below(pid);
}

/** Addresses on which the process listens over TCP, as the kernel prints them; a debugger would be one more. */
export function listenersOf(pid: number): readonly string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.slice(1) ?? [];
      } catch {
        return [];
      }
    }),
  );
  const LISTEN = '0A';
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1))
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode = '']) => state === LISTEN && inodes.has(inode))
    .map(([, address = '']) => address)
    .sort();
}

/** True while a signal waits for a process that blocks it in all its threads: nothing in there will ever see it. */
export function holdsBack(pid: number, signal: number): boolean {
  const [, pending = '0'] = /^ShdPnd:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return ((BigInt(`0x${pending}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Bytes looked at together; a text that lies across two pieces is found in their overlap. */
const PIECE = 4 * 1024 * 1024;

/** Which of the texts lie in the writable memory of the process, as Latin-1 or UTF-16 (V8 keeps both). */
export function findInMemory(pid: number, texts: readonly string[]): readonly string[] {
  const needles = texts.flatMap((text) => [
    { text, bytes: Buffer.from(text, 'latin1') },
    { text, bytes: Buffer.from(text, 'utf16le') },
  ]);
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length));
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += PIECE) {
        const piece = readPiece(memory, at, Math.min(PIECE + overlap, end - at));
        for (const { text, bytes } of needles) if (piece.includes(bytes)) found.add(text);
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found];
}

function readPiece(file: number, at: number, size: number): Buffer {
  const piece = Buffer.alloc(size);
  try {
    return piece.subarray(0, readSync(file, piece, 0, size, at));
  } catch {
    return Buffer.alloc(0); // a mapping that cannot be read, or is gone
  }
}
