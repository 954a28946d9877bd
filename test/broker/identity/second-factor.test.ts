/** Second factors and step-up, over real sockets: enrolment, codes that are good once, and the challenge of RFC 9470. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIdentityClient } from '../../../apps/client/identity-client.ts';
import { login } from '../../../apps/client/login.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import { humanAudiences } from '../../../broker/identity/audiences.ts';
import { currentCode } from '../../../broker/identity/second-factors.ts';
import { type Front, PASSWORD, startFront } from '../http/fixture.ts';

let front: Front;
let admin: ClientSession;
beforeEach(async () => {
  front = await startFront();
  admin = await front.login('admin@acme');
});
afterEach(() => front.close());

const logIn = (code?: string): Promise<ClientSession> =>
  login(
    {
      ...{ issuer: front.url, user: 'admin@acme', password: PASSWORD, audiences: humanAudiences(front.url) },
      ...(code === undefined ? {} : { code }),
    },
    { fetch, now: front.clock.now, nonce: () => crypto.randomUUID().replaceAll('-', '') },
  );

async function enrol(): Promise<string> {
  const client = createIdentityClient(admin);
  const { secret, uri } = await client.beginFactor();
  expect(uri).toMatch(/^otpauth:\/\/totp\/Wayleave:admin%40acme\?.*secret=/);
  await client.confirmFactor(currentCode(secret, front.clock.now()));
  return secret;
}

describe('codes', () => {
  it('are those of RFC 6238, appendix B (SHA-1, the last six digits)', () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'; // "12345678901234567890"
    expect(currentCode(secret, 59_000)).toBe('287082');
    expect(currentCode(secret, 1_111_111_109_000)).toBe('081804');
    expect(currentCode(secret, 20_000_000_000_000)).toBe('353130');
  });

  it('count only once, also when two come at a time', async () => {
    const secret = await enrol();
    front.clock.offset += 30_000;
    const code = currentCode(secret, front.clock.now());
    const both = await Promise.all([
      front.factors.verify('admin@acme', code),
      front.factors.verify('admin@acme', code),
    ]);
    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await front.factors.verify('admin@acme', code)).toBe(false);
  });

  it('are demanded at a login from then on, and end with five wrong ones', async () => {
    const secret = await enrol();
    await expect(logIn()).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    await expect(logIn('000000')).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    front.clock.offset += 30_000;
    const session = await logIn(currentCode(secret, front.clock.now()));
    expect(await createIdentityClient(session).whoami()).toMatchObject({ secondFactor: 'fresh' });
    for (let attempt = 0; attempt < 5; attempt++) await logIn('000000').catch(() => undefined);
    front.clock.offset += 30_000;
    await expect(logIn(currentCode(secret, front.clock.now()))).rejects.toMatchObject({ code: 'LIMITED' });
  });

  it('cannot be enrolled again over a factor that is there', async () => {
    await enrol();
    await expect(createIdentityClient(admin).beginFactor()).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('step-up', () => {
  it('is demanded of who has a second factor, counts five minutes, and reaches the token', async () => {
    const client = createIdentityClient(admin);
    const secret = await enrol();
    const token = await admin.token(`${front.url}/mcp/wan`);
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const seconds = Math.floor(front.clock.now() / 1000);
    expect(claims).toMatchObject({ acr: 'urn:wayleave:acr:second-factor' });
    expect(claims).toHaveProperty('auth_time', expect.closeTo(seconds, -1));
    const suspend = () => client.setPerson('operator@acme', { disabled: true });
    await suspend(); // the enrolment showed it
    front.clock.offset += 301_000;
    await expect(suspend()).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
    await expect(client.stepUp('000000')).rejects.toMatchObject({ code: 'DENIED' });
    expect(await client.stepUp(currentCode(secret, front.clock.now()))).toBe(300);
    await suspend();
  });

  it('is challenged as RFC 9470 says', async () => {
    await enrol();
    front.clock.offset += 301_000;
    const response = await admin.fetch('urn:wayleave:control')(`${front.url}/api/identity/people/operator@acme`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"disabled":true}',
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^DPoP error="insufficient_user_authentication".*acr_values="urn:wayleave:acr:second-factor", max_age="300"/,
    );
  });

  it('can be asked of the authorization server, which then refuses who has no second factor', async () => {
    const asking: typeof fetch = (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (url.pathname === '/oauth/auth') url.searchParams.set('acr_values', 'urn:wayleave:acr:second-factor');
      return fetch(url, init);
    };
    await expect(front.loginThrough(asking)).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' });
  });

  it('tries five codes a minute and person', async () => {
    await enrol();
    const client = createIdentityClient(admin);
    for (let attempt = 0; attempt < 5; attempt++)
      await expect(client.stepUp('000000')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(client.stepUp('000000')).rejects.toMatchObject({ code: 'LIMITED' });
  });
});
