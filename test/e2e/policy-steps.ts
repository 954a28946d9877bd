/** Promises of the policy screen, after the agents asked for something. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { visit } from './browser.ts';
import type { Started } from './installation.ts';
import type { Tour } from './tour.ts';

const PATIENCE = { timeout: 60_000 };

export const policySteps = (browser: Browser, installation: Started, at: Page): Tour['steps'] => [
  {
    name: 'the matrix has every role and tool, and what if says why not and what would permit it',
    async run() {
      await at.goto(`${installation.consoleUrl}acme/policy/matrix`);
      await at.getByLabel('Asked through').selectOption('troubleshooter');
      await at.getByLabel(/^Filter/).fill('bgp');
      const row = at.getByRole('row', { name: /^bgp.set-local-as/ });
      await row.getByRole('link', { name: 'permit' }).first().waitFor();
      assert.equal(await row.getByRole('cell').count(), 7);
      await at.getByLabel(/^Filter/).fill('');
      assert.ok((await at.locator('.matrix tbody tr').count()) > 40);
      await at.goto(
        `${installation.consoleUrl}acme/policy/what-if?role=tenant-operator&agent=troubleshooter&tool=bgp.set-local-as&device=br1_edge&purpose=chat`,
      );
      const verdict = at.getByRole('article', { name: 'Decision' });
      await verdict.getByText('It would be denied').waitFor(PATIENCE);
      await verdict.getByText('purpose.kind is "incident"').waitFor();
      await at.getByLabel('What for').selectOption('incident');
      await at.getByRole('button', { name: 'Decide' }).click();
      await verdict.getByText('It would be permitted').waitFor(PATIENCE);
      await verdict
        .getByText(/approval/)
        .first()
        .waitFor();
    },
  },
  {
    name: 'rules are readable, decisions lead to them, and two people bring other ones into force',
    async run() {
      const rule = 'auditors-read-records';
      await at.goto(`${installation.consoleUrl}acme/policy`);
      await at.getByLabel(/^Filter/).fill('auditors read records');
      await at.getByText(/^1 of \d+ rules$/).waitFor();
      await at.getByRole('link', { name: 'Decided' }).click();
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
