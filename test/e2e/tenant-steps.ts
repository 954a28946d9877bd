/** Promises of the tenant menu: people of the provider go to another tenant and back, seen by all, and others do not. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { findViolations } from './accessibility.ts';
import { visit } from './browser.ts';
import type { Started } from './installation.ts';
import type { Tour } from './tour.ts';

const PATIENCE = { timeout: 60_000 };
/** A device of globex, as an address names it. */
export const THEIRS = 'node%2Fbr3_edge';

export const tenantSteps = (browser: Browser, installation: Started): Tour['steps'] => [
  {
    name: 'people of the provider go to another tenant without a password, and it is seen where they are; others cannot',
    async run() {
      const { page, close, complaints } = await visit(browser, installation, 'provider@acme');
      const base = installation.consoleUrl;
      await page.goto(`${base}acme/network`);
      await page.getByRole('img', { name: /^Map of/ }).waitFor();
      const hueAt = () => page.evaluate("document.querySelector('.top').style.borderTopColor");
      const home: unknown = await hueAt();
      await page.getByRole('button', { name: /^Tenant: acme/ }).click();
      await page.getByRole('button', { name: /^globex/ }).click();
      await page.waitForURL(/\/console\/globex\/network/, PATIENCE);
      await page.getByRole('button', { name: /^Tenant: globex.*for the provider/ }).waitFor(PATIENCE);
      assert.notEqual(await hueAt(), home);
      await page.getByText(/· [1-9]\d* of \d+ tunnels up$/).waitFor(PATIENCE);
      assert.deepEqual(await findViolations(page), []);
      // The page was loaded anew: what the page of acme held is gone with it.
      assert.equal(await page.evaluate('performance.getEntriesByType("navigation")[0].type'), 'navigate');
      assert.deepEqual(await page.evaluate('Object.keys(sessionStorage).concat(Object.keys(localStorage))'), []);
      await page.goto(`${base}globex/network/${THEIRS}`);
      await page.getByRole('region', { name: 'br3_edge' }).waitFor(PATIENCE);
      await page.goto(`${base}globex/audit?human=provider@acme`);
      await page.locator('.log tbody .who').getByText('provider@acme').first().waitFor(PATIENCE);
      await page.getByRole('button', { name: /^Tenant: globex/ }).click();
      await page.getByRole('button', { name: /^acme/ }).click();
      await page.waitForURL(/\/console\/acme\/audit/, PATIENCE);
      await page.getByRole('button', { name: /^Tenant: acme/ }).waitFor();
      assert.deepEqual(complaints, []);
      await close();
      const admin = await visit(browser, installation, 'admin@acme');
      await admin.page.getByRole('button', { name: /^Tenant: acme/ }).click();
      await admin.page.getByText('Log in to another tenant…').waitFor();
      assert.equal(await admin.page.getByRole('button', { name: /^globex/ }).count(), 0);
      await admin.close();
    },
  },
];
