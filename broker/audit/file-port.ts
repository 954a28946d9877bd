/** The few file operations the audit file store needs, as a port: so that a test can count, delay or fail them. */
import { statSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../storage/durable-files.ts';

export interface AppendFile {
  /** Bytes in the file. */
  size(): Promise<number>;
  append(bytes: Buffer): Promise<void>;
  /** fdatasync: the data, and the size that is needed to read it. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface FilePort {
  list(): Promise<readonly string[]>;
  /** Undefined when there is no such file. */
  read(name: string): Promise<Buffer | undefined>;
  /** Opens for appending, creating it; the new name is durable. */
  open(name: string): Promise<AppendFile>;
  /** Replaces a small file atomically and durably. */
  replace(name: string, bytes: Buffer): Promise<void>;
  /** Another text as soon as the file has been replaced; asked before each group, so it must cost next to nothing. */
  stamp(name: string): string;
}

/** The port over a real folder (created with mode 0700). */
export function createFilePort(folder: string): FilePort {
  const syncFolder = async (): Promise<void> => {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  return {
    async list() {
      makeFolder(folder);
      return (await readdir(folder)).toSorted();
    },
    async read(name) {
      try {
        return await readFile(path.join(folder, name));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async open(name) {
      const handle = await open(path.join(folder, name), 'a', 0o600);
      await syncFolder();
      return appendFile(handle);
    },
    async replace(name, bytes) {
      const draft = path.join(folder, `${name}.new`);
      const handle = await open(draft, 'w', 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, path.join(folder, name));
      await syncFolder();
    },
    // Whoever replaces a file writes the new one while the old one is still there: they have different inodes.
    stamp(name) {
      const found = statSync(path.join(folder, name), { bigint: true, throwIfNoEntry: false });
      return found === undefined ? '' : `${found.ino} ${found.ctimeNs} ${found.size}`;
    },
  };
}

const appendFile = (handle: FileHandle): AppendFile => ({
  size: async () => (await handle.stat()).size,
  append: (bytes) => handle.appendFile(bytes),
  sync: () => handle.datasync(),
  truncate: (size) => handle.truncate(size),
  close: () => handle.close(),
});
