/** A real Chromium with a virtual authenticator, driven over the pipe of its DevTools protocol. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((one) =>
  existsSync(one),
);

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe'],
];
const message = z.looseObject({
  id: z.number().optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ message: z.string() }).optional(),
});

export interface Browser {
  /** Loads a page and waits until it is there. */
  open(url: string): Promise<void>;
  /** Waits for the next page, which what is done now leads to. */
  arrives(): Promise<void>;
  /** Runs an expression in the page, as if the person had clicked. */
  run(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function startChromium(binary: string): Promise<Browser> {
  const profile = mkdtempSync(path.join(os.tmpdir(), 'wayleave-chromium-'));
  const child: ChildProcess = spawn(binary, [...FLAGS, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [, , , input, output] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const loads: (() => void)[] = [];
  let rest = '';
  let last = 0;
  output.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\0');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { id, method, result, error } = message.parse(JSON.parse(line));
      if (method === 'Page.loadEventFired') for (const loaded of loads.splice(0)) loaded();
      const asked = id === undefined ? undefined : waiting.get(id);
      if (error !== undefined) asked?.reject(new Error(error.message));
      else asked?.resolve(result);
    }
  });
  const send = (method: string, params: object, sessionId?: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      input.write(
        `${JSON.stringify({ id: last, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`,
      );
    });
  const { targetId } = z
    .looseObject({ targetId: z.string() })
    .parse(await send('Target.createTarget', { url: 'about:blank' }));
  const attached = await send('Target.attachToTarget', { targetId, flatten: true });
  const { sessionId } = z.looseObject({ sessionId: z.string() }).parse(attached);
  const here = (method: string, params: object = {}): Promise<unknown> => send(method, params, sessionId);
  await here('Page.enable');
  await here('WebAuthn.enable');
  await here('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  const arrives = (): Promise<void> => new Promise((resolve) => loads.push(resolve));
  return {
    arrives,
    async open(url) {
      const there = arrives();
      await here('Page.navigate', { url: 'about:blank' }); // a page that differs in its fragment only would not load anew
      await there;
      const loaded = arrives();
      await here('Page.navigate', { url });
      await loaded;
    },
    async run(expression) {
      const answer = await here('Runtime.evaluate', {
        expression,
        userGesture: true,
        awaitPromise: true,
        returnByValue: true,
      });
      return z.looseObject({ result: z.looseObject({ value: z.unknown().optional() }) }).parse(answer).result.value;
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await send('Browser.close', {}).catch(() => undefined);
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
