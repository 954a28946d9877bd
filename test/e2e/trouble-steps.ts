/** What the console promises for when things go wrong: it says what happened and what to do, and goes on without loss. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { logIn, type Visitor, visit } from './browser.ts';
import type { Started } from './installation.ts';
import type { Step } from './record-steps.ts';

interface Trouble {
  /** Of the person who asks the agents. */
  readonly page: Page;
  readonly admin: Visitor;
  readonly browser: Browser;
  readonly installation: Started;
  readonly ask: (text: string) => Promise<void>;
}

const PATIENCE = { timeout: 120_000 };
const LOST = 'The connection is lost.';
/** As long as NETCONF replies may be long. */
const LONG = 1_000_000;
/** Life of an approval after the restart, seconds. */
const SHORT = 30;

export function troubleSteps({ page, admin, browser, installation, ask }: Trouble): readonly Step[] {
  const base = installation.consoleUrl;
  const finished = (): Promise<void> => page.getByRole('button', { name: 'Ask', exact: true }).waitFor(PATIENCE);
  const waiting = () => page.getByRole('region', { name: 'Waits for people' }).last();
  const open = async (at: Page): Promise<void> => {
    await at.goto(`${base}acme/approvals`);
    await at.locator('.inbox ul').first().getByRole('link').first().click(PATIENCE);
    await at.getByLabel('Reason').waitFor();
  };
  return [
    {
      name: 'a lost connection is said, and an answer that was cut off is whole afterwards',
      async run() {
        await ask('is everything healthy?');
        await page.locator('.calls').first().waitFor(PATIENCE);
        await page.context().setOffline(true);
        await page.getByText(LOST).waitFor(PATIENCE);
        await page.context().setOffline(false);
        await page.getByText(LOST).waitFor({ ...PATIENCE, state: 'detached' });
        await finished();
        const shown = await page.locator('.turns').innerText();
        await page.reload();
        await finished();
        await page.locator('.calls').first().waitFor(PATIENCE);
        const words = (text: string): string => text.replace(/\s+|\d+ (?:s|min) ago|just now/g, '');
        assert.equal(words(await page.locator('.turns').innerText()), words(shown));
      },
    },
    {
      name: 'agents that do not answer are said, the rest goes on, and a question is kept until they do',
      async run() {
        await page.goto(`${base}acme/chat`);
        const field = page.getByLabel('Ask the agents…');
        await field.waitFor();
        const away = `${installation.agentsUrl}/**`;
        await page.route(away, (route) => route.abort('connectionrefused'));
        await field.fill('is everything healthy?');
        await page.keyboard.press('Enter');
        await page.getByText('The agents do not answer.').waitFor(PATIENCE);
        await page.getByText('Nobody answered to “is everything healthy?”.').waitFor();
        assert.equal(await page.getByText(LOST).count(), 0);
        await page.unroute(away);
        await page.getByText('The agents do not answer.').waitFor({ ...PATIENCE, state: 'detached' });
        await page.getByRole('button', { name: 'Ask it again' }).click();
        await page.locator('.calls').first().waitFor(PATIENCE);
        await finished();
      },
    },
    {
      name: 'of two people who approve at once one is told that the vote did not count',
      async run() {
        const mend = await installation.inject('if_admin_shutdown', 'interface/br2_edge/ge0/0');
        await ask('what is wrong with branch 2?');
        await waiting().waitFor(PATIENCE);
        const deputy = await visit(browser, installation, 'deputy@acme');
        const both = [admin.page, deputy.page];
        for (const at of both) {
          await open(at);
          await at.getByLabel('Reason').fill('matches the design');
        }
        await Promise.all(both.map((at) => at.getByRole('button', { name: 'Approve' }).click()));
        for (const at of both) await at.getByText('Succeeded and verified').waitFor(PATIENCE);
        const refused = await Promise.all(both.map((at) => at.getByText('Your vote did not count.').count()));
        assert.deepEqual(refused.toSorted(), [0, 1]);
        await deputy.close();
        await mend();
      },
    },
    {
      name: 'a description of a megabyte at a device is shown cut, and the page stays quick',
      async run() {
        await installation.describe('br1_edge', 'ge0/2', 'x'.repeat(LONG));
        await ask('which devices differ from their intended configuration?');
        await finished();
        assert.ok((await page.locator('.turns').innerText()).length < LONG / 10);
        await page.goto(`${base}acme/network/node%2Fbr1_edge`);
        await page.getByRole('region', { name: 'br1_edge' }).waitFor(PATIENCE);
        await page.getByRole('region', { name: 'Drift' }).getByRole('button', { name: 'Compare now' }).click();
        await page.getByRole('button', { name: 'Show all' }).first().waitFor(PATIENCE);
        assert.ok((await page.locator('.content').innerText()).length < LONG / 10);
      },
    },
    {
      name: 'a login that was ended is said where one is, and a new one comes back there',
      async run() {
        await page.goto(`${base}acme/incidents?state=resolved`);
        await page.locator('.inbox').waitFor();
        await admin.page.goto(`${base}acme/sessions/operator@acme`);
        const ends = admin.page.getByRole('button', { name: 'End', exact: true });
        await ends.first().click();
        await admin.page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
        await page.getByText('Your login has ended').first().waitFor(PATIENCE);
        await page.getByRole('button', { name: 'Log in again' }).click();
        await logIn(page, 'operator@acme', installation.passwordOf('operator@acme'));
        await page.waitForURL(/\/acme\/incidents\?state=resolved$/);
        await page.locator('.inbox').waitFor();
      },
    },
    {
      name: 'a restart of everything in the middle of an answer is said while it lasts, loses nothing, and ends no login',
      async run() {
        await ask('is everything healthy?');
        await page.locator('.calls').first().waitFor(PATIENCE);
        const said = () => page.getByText(LOST).waitFor(PATIENCE);
        await installation.restart({ WAYLEAVE_APPROVAL_SECONDS: String(SHORT) }, said);
        await page.getByText(LOST).waitFor({ ...PATIENCE, state: 'detached' });
        await finished();
        const goOn = page.getByRole('button', { name: 'Go on', exact: true });
        if (await goOn.isVisible()) await goOn.click();
        await finished();
        await page.locator('.turn .said').first().waitFor(PATIENCE);
        for (const at of [page, admin.page]) {
          // A page that is loaded anew has no token: it asks for one with what refreshes the login of before.
          await at.reload();
          await at.goto(`${base}acme/approvals`);
          await at.locator('.inbox').waitFor(PATIENCE);
        }
      },
    },
    {
      name: 'an approval that expires while somebody looks at it says so, and who asked can ask again',
      async run() {
        await installation.inject('if_admin_shutdown', 'interface/br1_edge/ge0/0');
        await ask('what is wrong with branch 1?');
        await waiting().waitFor(PATIENCE);
        await open(admin.page);
        await admin.page.getByText('It has expired. Who asked can ask again.').waitFor(PATIENCE);
        assert.equal(await admin.page.getByRole('button', { name: 'Approve' }).isDisabled(), true);
      },
    },
  ];
}
