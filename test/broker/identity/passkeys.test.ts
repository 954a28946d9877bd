/** Passkeys over real sockets: made, used at a login and to step up, and every answer that is not to the question refused. */
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdentityClient } from '../../../apps/client/identity-client.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import { currentCode } from '../../../broker/identity/second-factors.ts';
import { type Front, PASSWORD, startFront } from '../http/fixture.ts';
import { createSoftwareAuthenticator, type Deviation } from './software-authenticator.ts';

let front: Front;
let admin: ClientSession;
let named: string;
let device: ReturnType<typeof createSoftwareAuthenticator>;
beforeEach(async () => {
  front = await startFront();
  admin = await front.login('admin@acme');
  named = front.url.replace('127.0.0.1', 'localhost');
  device = createSoftwareAuthenticator(named);
});
afterEach(() => front.close());

const LATER = 301_000;
const client = () => createIdentityClient(admin);

async function add(): Promise<void> {
  const { options, page } = await client().beginPasskey();
  expect(page).toBe(`${named}/oauth/passkey`);
  await client().addPasskey('blue key', device.create(options));
}

const claimsOf = (token: string): unknown => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('making one', () => {
  it('elevates the session, names the methods in the token, and is in the log without a key', async () => {
    await add();
    expect(await client().passkeys()).toMatchObject([{ id: device.id, name: 'blue key' }]);
    expect(await client().whoami()).toMatchObject({ secondFactor: 'fresh' });
    expect(claimsOf(await admin.token(`${front.url}/mcp/wan`))).toMatchObject({
      acr: 'urn:wayleave:acr:second-factor',
      amr: ['pwd', 'pop', 'user', 'mfa'],
    });
    expect(front.audit.filter(({ kind }) => kind.startsWith('passkey'))).toMatchObject([
      { kind: 'passkey.added', human: 'admin@acme', content: { id: device.id, name: 'blue key' } },
    ]);
  });

  it.each<[string, Deviation]>([
    ['of another site', { origin: 'http://localhost:1' }],
    ['for another name', { rpId: 'example.org' }],
    ['that is an assertion', { type: 'webauthn.get' }],
    ['of a device that did not verify its owner', { flags: 0x41 }],
  ])('refuses an answer %s', async (_what, bent) => {
    const { options } = await client().beginPasskey();
    await expect(client().addPasskey('key', device.create(options, bent))).rejects.toMatchObject({ code: 'DENIED' });
    expect(await client().passkeys()).toEqual([]);
  });

  it('takes an answer once, in time, and in the session that was asked', async () => {
    const { options } = await client().beginPasskey();
    const other = createIdentityClient(await front.login('operator@acme'));
    await expect(other.addPasskey('key', device.create(options))).rejects.toMatchObject({ code: 'DENIED' });
    front.clock.offset += LATER;
    await expect(client().addPasskey('key', device.create(options))).rejects.toMatchObject({ code: 'DENIED' });
    await add();
    await expect(client().addPasskey('again', device.create(options))).rejects.toMatchObject({ code: 'DENIED' });
    await expect(client().addPasskey('key', { id: 'x' })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('asks who has a second factor to show it first, whichever of the two is new', async () => {
    await add();
    front.clock.offset += LATER;
    await expect(client().beginPasskey()).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    await expect(client().beginFactor()).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    await expect(client().removePasskey(device.id)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
  });
});

describe('stepping up', () => {
  const stepUp = async (bent: Deviation = {}): Promise<number> =>
    client().stepUpByPasskey(device.get((await client().beginPasskeyStepUp()).options, bent));

  it('counts five minutes, where a policy or a change of people asks', async () => {
    await add();
    front.clock.offset += LATER;
    const suspend = () => client().setPerson('operator@acme', { disabled: true });
    await expect(suspend()).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    expect(await stepUp()).toBe(300);
    await suspend();
  });

  it.each<[string, Deviation]>([
    ['of another site', { origin: 'https://wayleave.example' }],
    ['for another name', { rpId: 'example.org' }],
    ['that is a registration', { type: 'webauthn.create' }],
    ['of a device that did not verify its owner', { flags: 0x01 }],
    ['of a device whose counter stands still', { counter: 1 }],
    ['of a key that nobody added', { id: 'AAAA' }],
  ])('refuses an answer %s', async (_what, bent) => {
    await add();
    await expect(stepUp(bent)).rejects.toMatchObject({ code: 'DENIED' });
    expect(front.audit.at(-1)).toMatchObject({ kind: 'second-factor.refused' });
  });

  it('takes an answer once, from its own person and session, and five wrong ones a minute', async () => {
    await add();
    const { options } = await client().beginPasskeyStepUp();
    const answer = device.get(options);
    await client().stepUpByPasskey(answer);
    await expect(client().stepUpByPasskey(answer)).rejects.toMatchObject({ code: 'DENIED' });
    const other = createIdentityClient(await front.login('operator@acme'));
    await expect(other.beginPasskeyStepUp()).rejects.toMatchObject({ code: 'DENIED' });
    await expect(other.stepUpByPasskey(answer)).rejects.toMatchObject({ code: 'DENIED' });
    for (let attempt = 0; attempt < 4; attempt++)
      await expect(client().stepUpByPasskey(answer)).rejects.toMatchObject({ code: 'DENIED' });
    await expect(stepUp()).rejects.toMatchObject({ code: 'LIMITED' });
  });

  it('is no more for who lost it, once another administrator says so, and every login of theirs ends', async () => {
    await add();
    const operator = createIdentityClient(await front.login('operator@acme'));
    await expect(operator.forgetFactors('admin@acme')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(client().forgetFactors('admin@acme')).rejects.toMatchObject({ code: 'DENIED' });
    await front.writeUsers(front.people.map((one) => ({ ...one, roles: ['tenant-admin'] })));
    await operator.forgetFactors('admin@acme');
    await expect(client().whoami()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    admin = await front.login('admin@acme'); // by the password alone
    expect(await client().whoami()).toMatchObject({ secondFactor: 'none' });
  });

  it('ends with the passkey', async () => {
    await add();
    await client().removePasskey(device.id);
    await expect(client().beginPasskeyStepUp()).rejects.toMatchObject({ code: 'DENIED' });
    await expect(client().removePasskey(device.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('at the login page', () => {
  /** As a browser: by name, with cookies, up to the page and its answer. `fetch` would not send `Sec-Fetch-Mode`. */
  function browse() {
    const jar = new Map<string, string>();
    return (url: URL, form?: URLSearchParams) =>
      new Promise<{ status: number; location: string | undefined; text: string; csp: string }>((resolve, reject) => {
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
        const headers = {
          ...{ 'Sec-Fetch-Mode': 'navigate', Cookie: cookie },
          ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded', Origin: url.origin }),
        };
        const sent = request(url, { method: form === undefined ? 'GET' : 'POST', headers }, (response) => {
          for (const line of response.headers['set-cookie'] ?? []) {
            const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
            jar.set(name, value);
          }
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => {
            text += part;
          });
          const { location } = response.headers;
          const csp = String(response.headers['content-security-policy']);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, location, text, csp }));
        });
        sent.on('error', reject).end(form?.toString());
      });
  }

  async function openPage() {
    const visit = browse();
    const query = new URLSearchParams({
      ...{ client_id: 'wayleave-cli', response_type: 'code', redirect_uri: 'http://127.0.0.1/callback' },
      ...{ scope: 'wayleave', state: 's', code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' },
      resource: 'urn:wayleave:control',
    });
    let url = new URL(`${front.url}/oauth/auth?${query.toString()}`);
    for (;;) {
      const answer = await visit(url);
      if (answer.location === undefined) return { visit, url, answer };
      url = new URL(answer.location, url);
    }
  }
  const optionsIn = (text: string): unknown =>
    JSON.parse((/data-options="([^"]*)"/.exec(text)?.[1] ?? '').replaceAll('&#34;', '"'));
  const form = (more: Readonly<Record<string, string>>): URLSearchParams =>
    new URLSearchParams({ user: 'admin@acme', password: PASSWORD, code: '', ...more });

  it('takes a browser to the name for which there are passkeys, and asks for one with a script of its own', async () => {
    const { url, answer } = await openPage();
    expect(url.origin).toBe(named);
    expect(answer.csp).toContain("script-src 'self'");
    expect(answer.text).not.toMatch(/<script(?! src="\/oauth\/passkey\.js")|\son[a-z]+=/);
    const script = await fetch(`${named}/oauth/passkey.js`);
    expect(script.headers.get('content-type')).toContain('text/javascript');
    expect(await script.text()).toContain('navigator.credentials');
    expect(optionsIn(answer.text)).toMatchObject({ rpId: 'localhost', userVerification: 'required' });
    expect(optionsIn(answer.text)).not.toHaveProperty('allowCredentials'); // it tells nobody who has one
  });

  it('lets in who shows it, and nobody by the password alone or by the answer of another page', async () => {
    await add();
    const first = await openPage();
    const alone = await first.visit(first.url, form({}));
    expect(alone).toMatchObject({ status: 401, text: expect.stringContaining('Use your passkey, too.') });
    const second = await openPage();
    const replayed = device.get(optionsIn(first.answer.text));
    expect(await second.visit(second.url, form({ passkey: JSON.stringify(replayed) }))).toMatchObject({ status: 401 });
    const third = await openPage();
    const shown = JSON.stringify(device.get(optionsIn(third.answer.text)));
    expect(await third.visit(third.url, form({ passkey: shown }))).toMatchObject({ status: 303 });
    expect(front.audit.findLast(({ kind }) => kind === 'login')).toMatchObject({
      content: { secondFactor: true, amr: ['pwd', 'pop', 'user', 'mfa'] },
    });
  });

  it('takes a code instead, from who has both', async () => {
    await add();
    const { secret } = await client().beginFactor();
    await client().confirmFactor(currentCode(secret, front.clock.now()));
    front.clock.offset += 30_000;
    const { visit, url } = await openPage();
    expect(await visit(url, form({ code: currentCode(secret, front.clock.now()) }))).toMatchObject({ status: 303 });
  });

  it('gives tokens and everything else under its own address only', async () => {
    for (const path of ['/oauth/token', '/api/identity/me', '/mcp/wan', '/.well-known/oauth-authorization-server'])
      expect((await fetch(`${named}${path}`, { method: 'POST' })).status).toBe(400);
    const foreign = await fetch(`${named}/oauth/passkey`, { headers: { Origin: front.url } });
    expect(foreign.status).toBe(403);
  });
});
