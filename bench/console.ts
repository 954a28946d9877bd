/**
 * The console in a real Chromium (`npm run build` first): weight of the first screen, time until one can type, frames while a
 * map of a thousand sites is moved, and while ten thousand entries of the log are scrolled. The installation is a real one; only
 * the ten thousand entries are put in its answer here, because making them takes minutes that measure something else.
 */
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findChromium, launch, visit } from '../test/e2e/browser.ts';
import { type Started, startInstallation } from '../test/e2e/installation.ts';
import type { Figure } from './bench.ts';

/** With the two hubs of the reference network: a thousand sites. */
const BRANCHES = 998;
const ENTRIES = 10_000;
const LOADS = 5;
const MOVING_MS = 4_000;
const SURVEY_MS = 30_000;
const PATIENCE = { timeout: 120_000 };
/** The list of the log, in the page. */
const LOG = "document.querySelector('.log')";

export async function benchConsole(): Promise<readonly Figure[]> {
  const path = findChromium();
  if (path === undefined) {
    console.error('There is no Chromium here: the console is not measured.');
    return [];
  }
  const installation = await startInstallation(['--tenants', 'acme:s', '--network', `refnet:${BRANCHES}`]);
  const browser = await launch(path);
  try {
    const loaded = await firstLoad(browser, installation);
    // Told at once: what follows takes minutes, and may fail.
    for (const { what, value, unit } of loaded) console.error(`${what}: ${Math.round(value)} ${unit}`);
    return [...loaded, ...(await motion(browser, installation))];
  } finally {
    await browser.close();
    await installation.stop();
  }
}

/** Weight as it would travel compressed, and the time from the address to a field that can be typed in, nothing cached. */
async function firstLoad(browser: Browser, installation: Started): Promise<readonly Figure[]> {
  const { page, close } = await visit(browser, installation, 'operator@acme');
  const context = page.context();
  const times: number[] = [];
  let weight = 0;
  for (let load = 0; load < LOADS; load += 1) {
    const { bytes, milliseconds } = await openOnce(context, installation.consoleUrl);
    weight = bytes;
    times.push(milliseconds);
  }
  await close();
  const nobody = await browser.newContext();
  const login = await openOnce(nobody, installation.consoleUrl, 'Log in');
  await nobody.close();
  return [
    { what: 'script and style of the first screen, gzipped', value: weight / 1000, unit: 'KB', aim: '≤ 350' },
    { what: `login page until its button answers`, value: login.milliseconds, unit: 'ms', aim: '< 1,500' },
    { what: `chat until one can type, median of ${LOADS}`, value: median(times), unit: 'ms', aim: '< 1,500' },
  ];
}

async function openOnce(
  context: BrowserContext,
  url: string,
  button?: string,
): Promise<{ readonly bytes: number; readonly milliseconds: number }> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const bodies: Promise<Buffer>[] = [];
  page.on('response', (response) => {
    if (/\.(?:js|css)$/.test(new URL(response.url()).pathname)) bodies.push(response.body());
  });
  await page.goto(url, { waitUntil: 'commit' });
  const ready =
    button === undefined ? page.getByLabel('Ask the agents…') : page.getByRole('button', { name: button, exact: true });
  await ready.waitFor(PATIENCE);
  await ready.focus(); // the page answers: its main thread is free
  const milliseconds = Number(await page.evaluate('performance.now()'));
  const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + gzipSync(body).length, 0);
  await page.close();
  return { bytes, milliseconds };
}

async function motion(browser: Browser, installation: Started): Promise<readonly Figure[]> {
  const { page, close } = await visit(browser, installation, 'admin@acme');
  const base = installation.consoleUrl;
  const still = await framesWhile(page, () => page.waitForTimeout(MOVING_MS));
  await page.goto(`${base}acme/network`);
  const map = page.getByRole('img', { name: /^Map of/ });
  await map.waitFor(PATIENCE);
  const box = await map.boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  const panned = await framesWhile(page, async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    await during(async (step) => page.mouse.move(x + 200 * Math.sin(step / 9), y + 120 * Math.cos(step / 7)));
    await page.mouse.up();
  });
  await page.getByRole('button', { name: /^Ask the hubs/ }).click();
  await page.waitForTimeout(SURVEY_MS);
  const told = await page.locator('.survey').getByRole('status').innerText();
  console.error(told);
  const surveyed = Number(/tunnels of (\d+) of/.exec(told)?.[1] ?? 0);
  await fillLog(page);
  await page.goto(`${base}acme/audit`);
  await page
    .getByText(/10[,.\s]?000/)
    .first()
    .waitFor(PATIENCE);
  const log = page.locator('.log');
  const scrolled = await framesWhile(page, async () => {
    await log.hover();
    await during(async () => page.mouse.wheel(0, 400));
  });
  const reached = Number(await page.evaluate(`${LOG}.scrollTop`));
  await page.evaluate(`${LOG}.scrollTo(0, ${LOG}.scrollHeight)`);
  await page.locator('.log tbody tr').last().getByText('0', { exact: true }).waitFor(PATIENCE);
  const rows = await page.locator('.log tbody tr').count();
  await close();
  return [
    { what: 'frames a second of this browser on a page at rest', value: still, unit: 'fps' },
    { what: 'frames a second while a map of 1,000 sites is moved', value: panned, unit: 'fps', aim: '≥ 30' },
    { what: `branch devices whose tunnels the hubs told in ${SURVEY_MS / 1000} s`, value: surveyed, unit: 'devices' },
    { what: 'frames a second while 10,000 entries are scrolled', value: scrolled, unit: 'fps', aim: '≥ 30' },
    { what: 'scrolled past', value: reached, unit: 'px' },
    { what: 'rows in the page at the first of the 10,000 entries', value: rows, unit: 'rows' },
  ];
}

async function during(step: (count: number) => Promise<unknown>): Promise<void> {
  const end = performance.now() + MOVING_MS;
  for (let count = 0; performance.now() < end; count += 1) await step(count);
}

/** Frames that the browser drew a second, by its own count. */
async function framesWhile(page: Page, work: () => Promise<unknown>): Promise<number> {
  await page.evaluate(COUNT_FRAMES);
  await work();
  return Number(await page.evaluate('window.countedFrames()'));
}

const COUNT_FRAMES = `(() => {
  let frames = 0;
  let counting = true;
  const begun = performance.now();
  const tick = () => { frames += 1; if (counting) requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  window.countedFrames = () => { counting = false; return (frames * 1000) / (performance.now() - begun); };
})()`;

/** The log of the tenant, as if ten thousand things had happened. */
async function fillLog(page: Page): Promise<void> {
  await page.route('**/api/audit/checkpoint', (route) =>
    route.fulfill({ contentType: 'text/plain', body: `bench\n${ENTRIES}\n` }),
  );
  await page.route(/\/api\/audit\?/, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get('from'));
    const count = Math.min(Number(query.get('limit')), ENTRIES - from);
    const entries = Array.from({ length: count }, (_, at) => entryAt(from + at));
    return route.fulfill({ json: { entries } });
  });
}

const entryAt = (index: number) => ({
  ...{ index, at: new Date(1_767_225_600_000 + index * 1000).toISOString(), tenant: 'acme', kind: 'outcome' },
  ...{ human: `operator${index % 40}@acme`, agent: 'troubleshooter', tool: 'bgp.read', intent: `int_${index}` },
  content: { effect: 'read', target: [`br${index % 998}_edge`], decision: 'permit', policies: ['agents-diagnose'] },
});

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
