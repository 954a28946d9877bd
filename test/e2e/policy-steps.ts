/** Promises of the policy screen, after the agents asked for something. */
import type { Browser, Page } from 'playwright-core';
import { visit } from './browser.ts';
import type { Started } from './installation.ts';
import type { Tour } from './tour.ts';

const PATIENCE = { timeout: 60_000 };

export const policySteps = (browser: Browser, installation: Started, at: Page): Tour['steps'] => [
  {
    name: 'rules are readable, decisions lead to them, and two people bring other ones into force',
    async run() {
      const rule = 'auditors-read-records';
      await at.goto(`${installation.consoleUrl}acme/policy`);
      await at.getByLabel(/^Filter/).fill('auditors read records');
      await at.getByText(/^1 of \d+ rules$/).waitFor();
      await at.getByRole('link', { name: 'Who × tool' }).click();
      await at
        .getByRole('row', { name: /^bgp.read/ })
        .getByRole('link', { name: 'agents-diagnose' })
        .click();
      await at.getByText('Agents that diagnose may read').waitFor();
      await at.getByText('This needs the role provider-admin.').waitFor();
      const first = await visit(browser, installation, 'provider@acme');
      await first.page.goto(`${installation.consoleUrl}acme/policy/rules/${rule}`);
      await first.page.getByLabel('Reason').fill('seen before it decides');
      await first.page.getByRole('button', { name: 'Propose to watch it only' }).click();
      await first.page.getByText('It is in the audit log.').waitFor(PATIENCE);
      await first.page.goto(`${installation.consoleUrl}acme/policy/bundles`);
      await first.page.locator('.bundles .inbox a').first().click();
      await first.page.getByText('You have voted for it').waitFor();
      const second = await visit(browser, installation, 'steward@acme');
      await second.page.goto(first.page.url());
      await second.page.locator('.diff .add').getByText(`observe: ${rule}`).waitFor();
      await second.page.getByLabel('Reason').fill('agreed');
      await second.page.getByRole('button', { name: 'Vote for it' }).click();
      await second.page.getByText('This is what is in force').waitFor(PATIENCE);
      await at.goto(`${installation.consoleUrl}acme/policy/observed`);
      await at.getByText('Only watched now:').waitFor();
      await Promise.all([first.close(), second.close()]);
    },
  },
];
