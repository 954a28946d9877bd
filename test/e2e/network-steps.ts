/** Promises of the network screen, after a change was carried out at branch 1. */
import type { Page } from 'playwright-core';
import type { Tour } from './tour.ts';

export const networkSteps = (at: Page, base: string): Tour['steps'] => [
  {
    name: 'the network is a map, squares and a list, with a panel of each site, at addresses of their own',
    async run() {
      await at.goto(`${base}acme/network`);
      await at.getByRole('img', { name: /^Map of/ }).waitFor();
      await at.keyboard.press('j');
      await at.waitForURL(/\/network\/site%2F/);
      await at.getByRole('complementary', { name: 'Site' }).waitFor();
      await at.keyboard.press('Escape');
      await at.waitForURL(/\/network$/);
      await at.getByRole('link', { name: 'List' }).click();
      await at.getByLabel(/^Filter/).fill('br1_edge');
      await at.getByText(/^1 of \d+ sites$/).waitFor();
      await at.getByRole('row', { name: /^br1/ }).getByRole('link').click();
      await at.getByRole('region', { name: 'br1_edge' }).getByText('System address').waitFor();
      await at.goto(`${base}acme/network/node%2Fbr1_edge?view=squares`);
      const site = at.getByRole('complementary', { name: 'Site' });
      await site.getByRole('heading', { name: 'br1', exact: true }).waitFor();
      await site.getByText('carried out', { exact: true }).first().waitFor();
    },
  },
];
