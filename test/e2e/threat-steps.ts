/** What the chat promises of threats: each one that is found waits for people by itself, in one conversation. */
import type { Page } from 'playwright-core';
import type { Started } from './installation.ts';
import type { Step } from './record-steps.ts';

interface Watch {
  /** Of the person who asks the agents. */
  readonly page: Page;
  readonly admin: Page;
  readonly installation: Started;
  readonly ask: (text: string) => Promise<void>;
}

const PATIENCE = { timeout: 120_000 };
/** Until flow records tell of both. */
const MOST_LOOKS = 20;

export const threatSteps = ({ page, admin, installation, ask }: Watch): readonly Step[] => [
  {
    name: 'two threats wait in one conversation, and the one that is decided first is held first',
    async run() {
      const mend = [
        await installation.inject('c2_beacon', 'host/br1_iot_cam1'),
        await installation.inject('lateral_scan', 'host/br2_corp_pc1'),
      ];
      const waiting = page.getByRole('region', { name: 'Waits for people' });
      for (let looks = 0; looks < MOST_LOOKS && (await waiting.count()) < 2; looks += 1) {
        await ask('is anybody attacking us?');
        await page.locator('.calls').first().waitFor(PATIENCE);
        await page.getByRole('button', { name: 'Ask', exact: true }).waitFor(PATIENCE);
      }
      // The inbox has the latest first: the one that the conversation asked for last.
      const decide = async (reason: string, button: string): Promise<void> => {
        await admin.goto(`${installation.consoleUrl}acme/approvals`);
        await admin.locator('.inbox ul').first().getByRole('link').first().click(PATIENCE);
        await admin.getByLabel('Reason').fill(reason);
        await admin.getByRole('button', { name: button }).click();
      };
      await decide('hold it', 'Approve');
      await page.getByText('Done and verified').waitFor(PATIENCE);
      await waiting.nth(1).waitFor({ ...PATIENCE, state: 'detached' });
      await waiting.waitFor();
      await decide('it is one of ours', 'Reject');
      await page.getByText('Not approved').waitFor(PATIENCE);
      await waiting.waitFor({ ...PATIENCE, state: 'detached' });
      for (const one of mend) await one();
    },
  },
];
