/** What the console promises of records: sessions and their end, the audit log, its proofs and its verification in the browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { logIn, type Visitor, visit } from './browser.ts';
import type { Started } from './installation.ts';

/** A promise, and how it is kept. */
export interface Step {
  readonly name: string;
  readonly run: () => Promise<void>;
}

interface Desk {
  readonly admin: Visitor;
  readonly browser: Browser;
  readonly installation: Started;
}

/** On a busy machine. */
const PATIENCE = { timeout: 120_000 };

/** After a change was rejected with the reason `not in office hours`, and another one carried out. */
export function recordSteps({ admin, browser, installation }: Desk): readonly Step[] {
  const base = installation.consoleUrl;
  return [
    {
      name: 'an incident that an agent of somebody else opened shows its cause, its times and who did what in lanes',
      async run() {
        const { page: at } = admin; // has no conversation of its own
        await at.goto(`${base}acme/incidents?severity=major&state=resolved`);
        await at.locator('.inbox li').getByRole('link').first().click(PATIENCE);
        await at.getByText('if admin shutdown').first().waitFor(PATIENCE);
        for (const lane of ['Telemetry', 'Agents', 'Policy', 'People', 'Devices'])
          await at
            .locator('.lanes li')
            .filter({ hasText: `${lane}: ` })
            .first()
            .waitFor(PATIENCE);
        // Rejected and asked for again, it is still one incident.
        await at.locator('.lanes li').filter({ hasText: 'reject: not in office hours' }).waitFor();
        await at.locator('.lanes li').filter({ hasText: 'approve: matches the design' }).waitFor();
        const save = async (format: string): Promise<string> => {
          const downloaded = at.waitForEvent('download');
          await at.getByRole('button', { name: format, exact: true }).click();
          return readFileSync(await (await downloaded).path(), 'utf8');
        };
        assert.match(await save('Markdown'), /\*\*Cause\*\*: if\\_admin\\_shutdown at interface/);
        const kept = await save('Page');
        assert.match(kept, /^<!doctype html>/i);
        assert.match(kept, /if_admin_shutdown/);
        assert.doesNotMatch(kept, /<script/i);
      },
    },
    {
      name: 'jobs show what runs at set times, what it came to, and what waits',
      async run() {
        const { page: at } = admin;
        await at.goto(`${base}acme/jobs`);
        await at.getByRole('region', { name: 'Queue' }).getByText('under way').waitFor(PATIENCE);
        await at.getByText('No schedule', { exact: true }).waitFor();
        await at.getByText('wayleave jobs add').waitFor();
        const told = await installation.command('jobs', 'add', 'retention', '--every', '15m', '--as', 'admin@acme');
        const [id = ''] = /sch_\w+/.exec(told) ?? [];
        await installation.command('jobs', 'run', id, '--as', 'admin@acme');
        await at.goto(`${base}acme/jobs/${id}`);
        await at.locator('.runs .card').getByText('done', { exact: true }).first().waitFor(PATIENCE);
        await at.getByText('What it said').first().click();
        await at.locator('.said:visible').filter({ hasText: 'Readings and events are kept' }).first().waitFor();
      },
    },
    {
      name: 'sessions show who is logged in and why they count as risky; one can be ended, a person suspended and let in again',
      async run() {
        const { page: at } = admin;
        const guest = await visit(browser, installation, 'auditor@acme');
        await at.goto(`${base}acme/sessions/auditor@acme`);
        await at.getByRole('heading', { level: 1, name: 'auditor@acme' }).waitFor();
        await at.getByRole('heading', { name: 'Risk' }).waitFor();
        await at.getByRole('button', { name: 'End', exact: true }).first().click();
        await at.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
        await at.getByText('Nobody is logged in in this name.').waitFor();
        await guest.page.getByText('Your login has ended').first().waitFor(PATIENCE);
        await at.getByRole('button', { name: 'Suspend', exact: true }).click();
        await at.getByRole('dialog').getByRole('button', { name: 'Suspend', exact: true }).click();
        await at.getByRole('article').getByText('cannot log in', { exact: true }).waitFor();
        await guest.page.getByRole('button', { name: 'Log in again' }).click();
        await logIn(guest.page, 'auditor@acme', installation.passwordOf('auditor@acme'));
        await guest.page.getByText('User name or password is wrong.').waitFor();
        assert.ok(!guest.page.url().includes('/acme/'));
        await at.getByRole('button', { name: 'Let them log in again' }).click();
        await at.getByRole('dialog').getByRole('button', { name: 'Let them log in again' }).click();
        await at.getByRole('button', { name: 'Suspend', exact: true }).waitFor();
        await guest.close();
        await at.goto(`${base}acme/sessions/admin@acme`);
        await at.getByText('Somebody else must do this for you.').waitFor();
      },
    },
    {
      name: 'the audit log is searched, and an entry is proven in the browser',
      async run() {
        const { page: at } = admin;
        await at.goto(`${base}acme/audit?decision=reject`);
        await at.locator('.log tbody').getByRole('link').first().click(PATIENCE);
        await at.getByText('not in office hours').waitFor();
        await at.getByText('In its place in the signed tree').waitFor();
      },
    },
    {
      name: 'the log verifies in the browser; a tampered export fails at its entry, and a hostile file is refused',
      async run() {
        const { page: at } = admin;
        await at.goto(`${base}acme/audit/verify`);
        const downloaded = at.waitForEvent('download');
        await at.getByRole('button', { name: 'Download the export' }).click();
        const lines = readFileSync(await (await downloaded).path(), 'utf8').split('\n');
        const verify = async (text: string, says: RegExp): Promise<void> => {
          const file = { name: 'export.ndjson', mimeType: 'application/x-ndjson', buffer: Buffer.from(text) };
          await at.getByLabel('Export file').setInputFiles(file);
          await at.getByText(says).first().waitFor();
        };
        await verify(lines.join('\n'), /entries, each in its place under a signed checkpoint/);
        const entry = lines.findLastIndex((line) => line.includes('"entry":'));
        const [, index] = /"index":(\d+)/.exec(lines[entry] ?? '') ?? [];
        const tampered = lines.with(entry, (lines[entry] ?? '').replace('acme', 'acmf'));
        await verify(tampered.join('\n'), new RegExp(`^entry ${index}: the entry differs from its hash`));
        await verify('['.repeat(5_000_000), /no export of an audit log/);
      },
    },
  ];
}
