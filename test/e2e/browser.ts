/** A real Chromium, and people who are logged in in it, each in a browser profile of their own. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Started } from './installation.ts';

const PLACES = [
  process.env['WAYLEAVE_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Undefined where there is no Chromium. */
export function findChromium(): string | undefined {
  return PLACES.find((place) => place !== undefined && existsSync(place));
}

export const launch = (executablePath: string): Promise<Browser> => chromium.launch({ executablePath, args: QUIET });

export interface Visitor {
  readonly page: Page;
  /** What the browser complained about: scripts that failed, and what the Content-Security-Policy refused. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** The login page names an address that browsers ignore; nothing of ours. */
const KNOWN = /form-action.*\[::1\]/;
/** A refused or missing thing is an answer, and the browser tells of each. */
const ANSWERED = /Failed to load resource/;

/** Logs a person in through the pages, as they would. */
export async function visit(
  browser: Browser,
  installation: Started,
  user: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !KNOWN.test(text) && !ANSWERED.test(text)) complaints.push(text);
  });
  await page.goto(installation.consoleUrl);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await logIn(page, user, installation.passwordOf(user));
  await page.waitForURL(/\/console\/[a-z]+\/chat/);
  return { page, complaints, close: () => context.close() };
}

/** The broker's own form. */
export async function logIn(page: Page, user: string, password: string): Promise<void> {
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}
