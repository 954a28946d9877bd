/** Servers that a test starts and that end with it, and the code of what came of something. */
import { afterEach } from 'vitest';
import { startUpstream, type Upstream } from './upstream-server.ts';

const open: Upstream[] = [];
export const upstream = async (json?: boolean): Promise<Upstream> => {
  const started = await startUpstream(json);
  open.push(started);
  return started;
};

/** To be called once by a file of tests. */
export const closeAfterEach = (): void => {
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
};

export const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => String(Reflect.get(Object(error), 'code')),
  );
