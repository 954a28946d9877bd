/** Logins at an issuer that is not ours: claims become people, keys rotate, and an answer that was bent is worth nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createIdentityClient } from '../../../apps/client/identity-client.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import { EXTERNAL_CALLBACK } from '../../../broker/http/oauth-routes.ts';
import { readIdentity } from '../../../broker/identity/external-issuer.ts';
import { createExternalPeople, type ExternalPerson } from '../../../broker/identity/external-people.ts';
import { createMemoryRecords } from '../../../broker/identity/keyed-records.ts';
import { createMemoryRevocation } from '../../../broker/identity/revocation.ts';
import { signCompactJws } from '../../../protocols/oauth/compact-jws.ts';
import { generateSigningKey } from '../../../protocols/oauth/jwk.ts';
import {
  bendIdToken,
  encodePart,
  type IssuerLab,
  MIA as mia,
  openIssuerLab,
  SETTINGS as settings,
} from './issuer-lab.ts';

let lab: IssuerLab;
let front: IssuerLab['front'];
let other: IssuerLab['other'];

beforeAll(async () => {
  lab = await openIssuerLab();
  ({ front, other } = lab);
});
beforeEach(() => {
  lab.bend(fetch);
  other.setPerson(mia);
});
afterAll(() => lab.close());

const logIn = (at?: (url: URL) => URL): Promise<ClientSession> => lab.logIn(at);
const reasonOf = () => lab.reason();

describe('a person of the issuer', () => {
  it('is known by the claims, with the roles that are mapped and no others', async () => {
    const session = await logIn();
    expect(await createIdentityClient(session).whoami()).toMatchObject({
      ...{ human: 'mia@acme', tenant: 'acme', roles: ['tenant-operator'] },
    });
    const admin = createIdentityClient(await front.login('admin@acme'));
    expect((await admin.people()).map(({ name }) => name)).toContain('mia@acme');
  });

  it('has the roles of the last login, also in a session from before', async () => {
    const session = createIdentityClient(await logIn());
    other.setPerson({ ...mia, realm_access: { roles: ['auditors'] } });
    await logIn();
    expect(await session.whoami()).toMatchObject({ roles: ['auditor'] });
  });

  it('is asked for again after an hour, since roles may be gone by then', async () => {
    const clock = { at: 0, now: () => clock.at };
    const none = { find: async () => undefined, list: async () => [], update: () => Promise.reject(new Error('none')) };
    const people = createExternalPeople({
      ...{ local: none, people: createMemoryRecords<ExternalPerson>(), clock, revocation: createMemoryRevocation() },
    });
    await people.admit(readIdentity(settings, mia));
    clock.at = 3_600_000;
    expect(await people.users.find('mia@acme')).toMatchObject({ disabled: false, roles: ['tenant-operator'] });
    clock.at += 1;
    expect(await people.users.find('mia@acme')).toMatchObject({ disabled: true });
    await people.admit(readIdentity(settings, mia));
    expect(await people.users.find('mia@acme')).toMatchObject({ disabled: false });
  });

  it('can be suspended here, and gets no role here', async () => {
    const session = createIdentityClient(await logIn());
    const admin = createIdentityClient(await front.login('admin@acme'));
    await expect(admin.setPerson('mia@acme', { roles: ['auditor'] })).rejects.toMatchObject({ code: 'DENIED' });
    await admin.setPerson('mia@acme', { disabled: true });
    await expect(session.whoami()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(logIn()).rejects.toThrow('401');
    expect(reasonOf()).toBe('the person is suspended here');
    await admin.setPerson('mia@acme', { disabled: false });
    await logIn();
  });

  it.each([
    [
      'a name of the user file',
      { ...mia, sub: 'u-2', preferred_username: 'admin' },
      'the name is one of the user file',
    ],
    [
      'the name of another person of the issuer',
      { ...mia, sub: 'u-3' },
      'the name belongs to somebody else of the issuer',
    ],
    ['no tenant', { ...mia, tenant: undefined }, 'the claim tenant names no tenant'],
    ['an odd name', { ...mia, preferred_username: '../x' }, 'the claim preferred_username is no name of a person'],
    [
      'a name in another tenant',
      { ...mia, preferred_username: 'mia@globex' },
      'the claim preferred_username is no name of a person',
    ],
  ])('is refused with %s', async (_what, person, reason) => {
    await logIn();
    const { tenant, ...rest } = person;
    other.setPerson(tenant === undefined ? rest : { ...rest, tenant });
    await expect(logIn()).rejects.toThrow('401');
    expect(reasonOf()).toBe(reason);
  });

  it('has no claim that only every object has', () => {
    expect(() => readIdentity({ ...settings, tenantClaim: 'constructor.name' }, mia)).toThrow();
    expect(readIdentity({ ...settings, rolesClaim: '__proto__' }, mia).roles).toEqual([]);
  });
});

describe('keys of the issuer', () => {
  it('may rotate at any time', async () => {
    await logIn();
    other.rotate();
    await logIn();
  });
});

describe('an answer that was bent', () => {
  /** Other claims under the old signature. */
  const reclaim = (more: object) =>
    bendIdToken((claims, token) => {
      const [head, , tail] = token.split('.');
      return `${head}.${encodePart({ ...claims, ...more })}.${tail}`;
    });
  const stranger = generateSigningKey();

  it.each<[string, typeof fetch]>([
    ['by another issuer', reclaim({ iss: 'http://127.0.0.1:1' })],
    ['for another client', reclaim({ aud: 'somebody-else' })],
    ['for another login', reclaim({ nonce: 'x' })],
    ['long ago', reclaim({ exp: 1, iat: 0 })],
    ['about somebody else', reclaim({ sub: 'u-9', preferred_username: 'root' })],
    ['without a signature', bendIdToken((claims) => `${encodePart({ alg: 'none' })}.${encodePart(claims)}.`)],
    [
      'under another key',
      bendIdToken((claims) => signCompactJws({ kid: stranger.thumbprint }, claims, stranger.privateKey)),
    ],
    ['in another spelling', bendIdToken((_claims, token) => `${token}=`)],
  ])('%s is refused', async (_what, bent) => {
    lab.bend(bent);
    const before = front.sessionsById.size;
    await expect(logIn()).rejects.toThrow('401');
    expect(reasonOf()).toMatch(/^the issuer's answer does not hold: /);
    expect(front.sessionsById.size).toBe(before);
  });

  it('for another browser finds no login of its own', async () => {
    let stolen: URL | undefined;
    const steal = (url: URL): URL => {
      if (url.pathname.endsWith('/finish')) stolen = url;
      if (stolen !== undefined) throw new Error('stopped');
      return url;
    };
    await expect(logIn(steal)).rejects.toThrow('stopped');
    expect((await fetch(stolen ?? '')).status).toBe(404);
    expect((await fetch(`${front.url}${EXTERNAL_CALLBACK}?state=invented&code=x`)).status).toBe(404);
  });

  it('with another state than the one of this login', async () => {
    const swap = (url: URL): URL => {
      if (url.pathname.endsWith('/finish')) url.searchParams.set('state', 'x');
      return url;
    };
    await expect(logIn(swap)).rejects.toThrow('401');
    expect(reasonOf()).toBe('no such login is under way');
  });
});
