/** The processes of an installation, or of one part of it: one owner of the folder starts them, and ends them in the opposite order. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { lockFolder } from '../storage/folder-lock.ts';
import { DIST } from './agent-launch.ts';
import type { Home } from './home.ts';
import { type Child, type ChildSpec, startChild } from './supervise.ts';

/** Starts the process of that name, in place of an earlier one, and resolves with what it says when it is ready. */
export type StartProcess = <Ready>(
  name: string,
  form: z.ZodType<Ready>,
  spec: Pick<ChildSpec, 'settings'> & Partial<ChildSpec>,
) => Promise<Ready>;

export interface Processes {
  /** Those that were started last, by name. */
  readonly children: ReadonlyMap<string, Child>;
  readonly start: StartProcess;
  /** Ends them all and gives the folder up. */
  readonly stop: () => Promise<void>;
}

export interface ProcessesOptions {
  readonly progress: (line: string) => void;
  /** A child ended that nobody stopped; its last lines tell why. */
  readonly onCrash: (name: string, detail: string, lastLines: readonly string[]) => void;
}

const ignoreSignal = (): void => undefined;

/** Throws what `lockFolder` does when another supervisor has the folder. */
export function openProcesses(home: Home, { progress, onCrash }: ProcessesOptions): Processes {
  const lock = lockFolder(home.root);
  // The supervisor passes the credentials on: its debugger stays closed as well (see processes/harden.ts).
  process.on('SIGUSR1', ignoreSignal);
  const children = new Map<string, Child>();
  let stopping = false;
  return {
    children,
    async start(name, form, spec) {
      progress(`starting the ${name}`);
      const entry = path.join(DIST, 'apps', 'processes', `${name}.js`);
      const child = await startChild({ name, entry, env: {}, logFile: path.join(home.logs, `${name}.log`), ...spec });
      children.set(name, child);
      void child.ended.then(({ code, signal, lastLines }) => {
        if (!stopping && children.get(name) === child) onCrash(name, signal ?? `exit ${code}`, lastLines);
      });
      return form.parse(child.ready);
    },
    async stop() {
      stopping = true;
      for (const child of [...children.values()].toReversed()) await child.stop();
      for (const file of [home.run, home.workerDoor]) rmSync(file, { force: true });
      process.off('SIGUSR1', ignoreSignal);
      lock.release();
    },
  };
}
