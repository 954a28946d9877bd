/** `npm run screenshots [-- FOLDER]`: every screen, light and dark, at 1440 and 390 px, of a real installation with something to see. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../repository/source-files.ts';
import { findChromium, launch, visit } from './browser.ts';
import { startInstallation } from './installation.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const THEMES = ['light', 'dark'] as const;
const PATIENCE = { timeout: 240_000 };

const chromium = findChromium();
if (chromium === undefined) {
  console.log('skipped: there is no Chromium here (apt-get install chromium, or WAYLEAVE_CHROMIUM=/path/to/it)');
  process.exit(0);
}
const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'docs', 'screenshots'));
mkdirSync(folder, { recursive: true });
const installation = await startInstallation();
const browser = await launch(chromium);
const base = installation.consoleUrl;

/** The page as it is, in all sizes and themes; it is drawn anew by itself. */
async function picture(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(folder, `${name}-${theme}-${size.width}.png`) });
    }
  }
  const [first] = SIZES;
  if (first !== undefined) await page.setViewportSize(first);
  console.log(name);
}

try {
  const nobody = await browser.newPage();
  await nobody.goto(base);
  await nobody.getByRole('button', { name: 'Log in', exact: true }).waitFor();
  await picture(nobody, 'login');
  await nobody.getByRole('button', { name: 'Log in', exact: true }).click();
  await nobody.getByLabel('Password').waitFor();
  await picture(nobody, 'login-form');
  await installation.inject('if_admin_shutdown', 'interface/br1_edge/ge0/0');
  const { page } = await visit(browser, installation, 'operator@acme');
  await picture(page, 'chat-empty');
  await page.getByLabel('Ask the agents…').fill('what is wrong with branch 1?');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Ask', exact: true }).waitFor(PATIENCE);
  await picture(page, 'chat');
  await page.locator('.claims .cite').first().click();
  await page.getByRole('complementary', { name: 'Evidence' }).waitFor();
  await picture(page, 'chat-evidence');
  await page.keyboard.press('Control+k');
  await picture(page, 'palette');
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await picture(page, 'keys');
  await page.keyboard.press('Escape');
  const { page: admin } = await visit(browser, installation, 'admin@acme');
  await admin.goto(`${base}acme/approvals`);
  await admin.locator('.inbox ul').first().getByRole('link').first().click(PATIENCE);
  await admin.getByRole('heading', { name: 'Exact difference' }).waitFor();
  await picture(admin, 'approval');
  for (const view of ['map', 'squares', 'list']) {
    await admin.goto(`${base}acme/network?view=${view}`);
    await admin.locator('.legend').getByText('Some tunnels are down').waitFor(PATIENCE);
    await admin.locator('.legend').getByText('A change waits').waitFor();
    await picture(admin, `network-${view}`);
  }
  await admin.goto(`${base}acme/approvals`);
  await admin.locator('.inbox ul').first().getByRole('link').first().click();
  await admin.getByRole('link', { name: 'Show on the map' }).click();
  await admin.locator('.legend').getByText('Some tunnels are down').waitFor(PATIENCE);
  await picture(admin, 'network-change');
  await admin.goto(`${base}acme/network/node%2Fbr1_edge`);
  await admin.getByRole('region', { name: 'br1_edge' }).waitFor();
  await admin.getByText('Latency').first().waitFor(PATIENCE);
  await admin.getByRole('button', { name: 'Compare now' }).click();
  await admin.getByText(/runs (what is intended|something else)/).waitFor(PATIENCE);
  await picture(admin, 'network-site');
  await admin.goto(`${base}acme/network/path/br1_corp_pc1/hub1_srv1`);
  await admin.getByText(/It (arrives|leaves|goes)/).waitFor(PATIENCE);
  await picture(admin, 'network-path');
  await admin.goto(`${base}acme/network?at=${new Date(Date.now() - 3_600_000).toISOString()}`);
  await admin.getByText('Looking back').waitFor(PATIENCE);
  await picture(admin, 'network-past');
  await admin.goto(
    `${base}acme/policy/what-if?role=tenant-operator&agent=troubleshooter&tool=bgp.set-local-as&purpose=chat`,
  );
  await admin.getByText('It would be denied').waitFor(PATIENCE);
  await picture(admin, 'policy-what-if');
  for (const view of ['rules', 'matrix', 'decided', 'bundles']) {
    await admin.goto(`${base}acme/policy/${view}`);
    await admin
      .locator({ rules: '.rule', matrix: '.matrix', decided: '.matrix', bundles: '.inbox a' }[view] ?? 'h1')
      .first()
      .waitFor();
    await picture(admin, `policy-${view}`);
  }
  await admin.goto(`${base}acme/approvals`);
  await admin.locator('.inbox ul').first().getByRole('link').first().click();
  await admin.getByLabel('Reason').fill('matches the design');
  await admin.getByRole('button', { name: 'Approve' }).click();
  await admin.getByText('Succeeded and verified').waitFor(PATIENCE);
  await picture(admin, 'approval-done');
  await admin.goto(`${base}acme/sessions/operator@acme`);
  await admin.getByRole('heading', { level: 1 }).waitFor();
  await picture(admin, 'sessions');
  await page.goto(`${base}acme/incidents?state=resolved`);
  await page.locator('.inbox li').getByRole('link').first().click(PATIENCE);
  await page.locator('.lanes li').first().waitFor();
  await picture(page, 'incident');
  for (const [work, ...when] of [
    ['compliance', '--cron', '0 3 * * *', '--time-zone', 'Europe/Berlin'],
    ['forecasts', '--every', '1h', '--by-site', '--spread', '50m'],
    ['retention', '--every', '15m', '--jitter', '5m'],
  ] as const)
    await installation.command('jobs', 'add', work, ...when, '--as', 'admin@acme');
  await admin.goto(`${base}acme/jobs`);
  await admin.locator('.inbox li').getByRole('link').last().click();
  await installation.command('jobs', 'run', path.basename(new URL(admin.url()).pathname), '--as', 'admin@acme');
  await admin.locator('.runs .card').first().waitFor(PATIENCE);
  await picture(admin, 'jobs');
  await admin.goto(`${base}acme/audit`);
  await admin.locator('.log tbody').getByRole('link').first().click();
  await admin.getByText('In its place in the signed tree').waitFor();
  await picture(admin, 'audit');
  await admin.goto(`${base}acme/audit/verify`);
  await admin.getByRole('button', { name: 'Verify what the broker exports now' }).click();
  await admin.getByText('each in its place under a signed checkpoint').waitFor(PATIENCE);
  await picture(admin, 'audit-verified');
} finally {
  await browser.close();
  await installation.stop();
}
