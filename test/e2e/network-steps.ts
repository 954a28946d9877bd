/** Promises of the network screen, after a change was carried out at branch 1. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { Started } from './installation.ts';
import type { Tour } from './tour.ts';

/** On a busy machine. */
const PATIENCE = { timeout: 60_000 };
const ALL_UP = /· ([1-9]\d*) of \1 tunnels up$/;

export const networkSteps = (at: Page, base: string, installation: Started): Tour['steps'] => [
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
  {
    name: 'a cable that is cut shows by itself, with who told it; the slider shows how it was before; its repair shows, too',
    async run() {
      await at.goto(`${base}acme/network/site%2Fbr2`);
      const lines = at.getByRole('region', { name: 'Circuits and tunnels' });
      await at.getByText(ALL_UP).waitFor(PATIENCE);
      await lines.getByText('up', { exact: true }).first().waitFor();
      const before = new Date().toISOString();
      const mend = await installation.inject('link_down', 'circuit/br2/mpls');
      await lines.getByText('down', { exact: true }).first().waitFor(PATIENCE);
      await lines
        .getByText(/told by (trap|notification|syslog)/)
        .first()
        .waitFor();
      await at.locator('.legend').getByText('Some tunnels are down').waitFor();
      await at.goto(`${base}acme/network/site%2Fbr2?at=${before}`);
      await at.getByText('Looking back').waitFor();
      await at.getByText(ALL_UP).waitFor(PATIENCE);
      await at.getByRole('button', { name: 'Back to now' }).click();
      await at.getByText('Live', { exact: true }).waitFor();
      await at.locator('.legend').getByText('Some tunnels are down').waitFor();
      await at.getByRole('slider').press('ArrowLeft');
      await at.waitForURL(/at=/);
      await at.getByRole('slider').press('End');
      await at.getByText('Live', { exact: true }).waitFor();
      await mend();
      await at.getByText(ALL_UP).waitFor(PATIENCE);
      await lines.getByText('Latency').first().waitFor(PATIENCE);
    },
  },
  {
    name: 'the path between two hosts is followed hop by hop, and a device that drifted says where, as text',
    async run() {
      await at.goto(`${base}acme/network`);
      await at.getByRole('img', { name: /^Map of/ }).waitFor();
      await at.keyboard.press('p');
      const path = at.getByRole('region', { name: 'Path between two hosts' });
      await path.getByRole('combobox', { name: 'From' }).selectOption('br1_corp_pc1');
      await path.getByRole('combobox', { name: 'To' }).selectOption('hub1_srv1');
      await path.getByText('It arrives.').waitFor(PATIENCE);
      await path.getByText('hub1_edge', { exact: true }).waitFor();
      await at.goto(`${base}acme/network/node%2Fbr1_edge`);
      const drift = at.getByRole('region', { name: 'Drift' });
      await drift.getByRole('button', { name: 'Compare now' }).click();
      await drift.getByText('runs something else').waitFor(PATIENCE);
      await drift.getByText('onerror').waitFor();
      assert.equal(await drift.locator('img').count(), 0);
    },
  },
];
