/** Passkeys in a real browser: its pages, its script and its WebAuthn, from the command that asks to the token that says so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askPasskey } from '../../../apps/cli/ask-passkey.ts';
import { loginInBrowser } from '../../../apps/cli/browser-login.ts';
import { createIdentityClient } from '../../../apps/client/identity-client.ts';
import { humanAudiences } from '../../../broker/identity/audiences.ts';
import { type Front, PASSWORD, startFront } from '../http/fixture.ts';
import { type Browser, CHROMIUM, startChromium } from './chromium.ts';

// Skipped where there is no Chromium: the same is tested with an authenticator in software in passkeys.test.ts.
describe.skipIf(CHROMIUM === undefined)('a person with Chromium', () => {
  let front: Front;
  let browser: Browser;
  beforeAll(async () => {
    front = await startFront();
    browser = await startChromium(CHROMIUM ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await front?.close();
  });
  const interrupted = new AbortController().signal;

  it('makes a passkey, logs in with it, and shows it to step up', async () => {
    const identity = createIdentityClient(await front.login('admin@acme'));
    const ask = async (kind: 'create' | 'get'): Promise<unknown> => {
      const question = await (kind === 'create' ? identity.beginPasskey() : identity.beginPasskeyStepUp());
      const show = async (url: string): Promise<void> => {
        await browser.open(url);
        await browser.run("document.getElementById('passkey').click()");
      };
      return askPasskey({ kind, question, show: (url) => void show(url), interrupted });
    };
    const made = await identity.addPasskey('this browser', await ask('create'));
    expect(await identity.passkeys()).toMatchObject([{ id: made.id, name: 'this browser' }]);
    let page: unknown;
    const logIn = async (url: string): Promise<void> => {
      await browser.open(url);
      page = await browser.run('location.origin + " " + document.querySelectorAll("script").length');
      await browser.run(`document.querySelector('[name=user]').value = 'admin@acme';
        document.querySelector('[name=password]').value = ${JSON.stringify(PASSWORD)};
        document.getElementById('passkey').click()`);
    };
    const audiences = humanAudiences(front.url);
    const session = await loginInBrowser(
      { issuer: front.url, audiences, show: (url) => void logIn(url), interrupted },
      { fetch, now: front.clock.now, nonce: () => crypto.randomUUID().replaceAll('-', '') },
    );
    expect(page).toBe(`${front.url.replace('127.0.0.1', 'localhost')} 1`);
    const token = await session.token(`${front.url}/mcp/wan`);
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      sub: 'admin@acme',
      acr: 'urn:wayleave:acr:second-factor',
      amr: ['pwd', 'pop', 'user', 'mfa'],
    });

    front.clock.offset += 301_000;
    expect(await identity.whoami()).toMatchObject({ secondFactor: 'enrolled' });
    expect(await identity.stepUpByPasskey(await ask('get'))).toBe(300);
    expect(await identity.whoami()).toMatchObject({ secondFactor: 'fresh' });
  });
});
