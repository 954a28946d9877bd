/** The command line as a process of its own, for a running installation. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Stage } from './fixture.ts';

const run = promisify(execFile);

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export function runWayleave(
  { config }: { readonly config: Pick<Stage['config'], 'home'> },
  ...args: readonly string[]
): Promise<Said> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: config.home, WAYLEAVE_HOME: config.home };
  return run(process.execPath, [path.resolve('bin', 'wayleave.js'), ...args], { env }).then(
    ({ stdout, stderr }) => ({ exit: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      ...{ exit: code, out: stdout, err: stderr },
    }),
  );
}

/** The id of the bundle that was spoken of. */
export const bundleIn = ({ out }: Said): string => /pol_[a-z0-9]+/.exec(out)?.[0] ?? '';
