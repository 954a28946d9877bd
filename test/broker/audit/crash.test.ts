/** kill -9 of a process that appends in a loop: what it acknowledged is there afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { createFilePort } from '../../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../../broker/audit/file-store.ts';
import { openKeyFile } from '../../../broker/audit/keys.ts';
import { createAuditLog } from '../../../broker/audit/log.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-crash-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const repository = path.resolve(import.meta.dirname, '../../..');
const source = (name: string): string => JSON.stringify(path.join(repository, 'broker/audit', name));

const script = `
import { createFilePort } from ${source('file-port.ts')};
import { createFileAuditStore } from ${source('file-store.ts')};
import { openKeyFile } from ${source('keys.ts')};
import { createAuditLog } from ${source('log.ts')};
const store = createFileAuditStore(createFilePort(${JSON.stringify(path.join(root, 'log'))}), 20000);
const signer = { name: 'crash', key: openKeyFile(${JSON.stringify(path.join(root, 'key'))}) };
const log = await createAuditLog({ store, signer, clock: { now: () => 0 } });
const loop = async () => {
  for (;;) {
    const index = await log.append({ at: 't', tenant: 'acme', kind: 'k', content: { pid: process.pid } });
    process.stdout.write(index + '\\n');
  }
};
await Promise.all(Array.from({ length: 8 }, loop));
`;

describe('crash', () => {
  it('loses nothing that was acknowledged, in three rounds', async () => {
    let highest = -1;
    for (let round = 1; round <= 3; round += 1) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        cwd: repository,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      const before = highest;
      for await (const line of createInterface({ input: child.stdout })) {
        highest = Math.max(highest, Number(line));
        if (highest >= before + 150) child.kill('SIGKILL');
      }
      await exited;
      const store = createFileAuditStore(createFilePort(path.join(root, 'log')), 20_000);
      const signer = { name: 'crash', key: openKeyFile(path.join(root, 'key')) };
      const log = await createAuditLog({ store, signer, clock: { now: () => 0 } });
      expect(log.size()).toBeGreaterThan(highest);
      expect((await log.entries(highest, 1))[0]?.index).toBe(highest);
      await log.close();
    }
    expect(highest).toBeGreaterThanOrEqual(449);
  });
});
