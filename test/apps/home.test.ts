/** The folder of an installation: made level by level, and refused where nothing can be made. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openHome } from '../../apps/home.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'wayleave-home-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('the folder of an installation', () => {
  it('is made with everything above it', () => {
    const home = openHome(path.join(root, 'a', 'b', 'c'));
    expect(existsSync(home.brokerKeys)).toBe(true);
  });
  it('is refused when a file is in the way', () => {
    writeFileSync(path.join(root, 'file'), '');
    expect(() => openHome(path.join(root, 'file', 'x'))).toThrowError(
      expect.objectContaining({ code: 'FOLDER_UNUSABLE' }),
    );
  });
  // Node's recursive mkdir never returns there.
  it.runIf(process.platform === 'linux')('is refused below /proc, and does not hang', () => {
    expect(() => openHome('/proc/nope/x')).toThrowError(expect.objectContaining({ code: 'FOLDER_UNUSABLE' }));
  });
});
