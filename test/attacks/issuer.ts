/** Attacks by way of an issuer of logins, or of whoever stands between it and the broker: keys that mean two, keys that break, addresses that are none. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { beginLogin } from '../../apps/client/login.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { humanAudiences } from '../../broker/identity/audiences.ts';
import { bendJson, encodePart, openIssuerLab } from '../broker/identity/issuer-lab.ts';
import { type Attack, type Attempt, attemptAll, laboratory } from './attack.ts';
import { generateRocaKey } from './roca-key.ts';

const openLab = laboratory(openIssuerLab);
type Jwk = Readonly<Record<string, unknown>>;

/** A login while the issuer is heard like this. Refused means that nobody is logged in. */
async function logInThrough(through: typeof fetch): Promise<Attempt> {
  const lab = await openLab();
  lab.bend(fetch);
  await lab.logIn(); // the honest issuer is believed
  lab.bend(through);
  try {
    await lab.logIn();
    return { refused: false, how: 'logged in' };
  } catch {
    return { refused: true, how: String(lab.reason()) };
  } finally {
    lab.bend(fetch);
  }
}

/** Each names the set that is published in the place of the issuer's own. */
const sets = (variants: Readonly<Record<string, (keys: readonly Jwk[]) => readonly Jwk[]>>): Promise<Attempt> =>
  attemptAll(
    Object.entries(variants).map(([what, change]) => [
      what,
      () => logInThrough(bendJson('/jwks', (body) => ({ keys: change(body['keys'] as readonly Jwk[]) }))),
    ]),
  );

/** An RSA key whose signatures are made by `signInput`. */
interface Forger {
  readonly jwk: Jwk;
  readonly signInput: (input: string) => Buffer;
}

/** The issuer publishes this key, and signs its ID tokens with it. */
const forged = ({ jwk, signInput }: Forger): Promise<Attempt> => {
  const published = bendJson('/jwks', () => ({ keys: [{ ...jwk, kid: 'weak', alg: 'RS256', use: 'sig' }] }));
  const signed = bendJson('/token', (body) => {
    const [, claims = ''] = String(body['id_token']).split('.');
    const input = `${encodePart({ alg: 'RS256', kid: 'weak' })}.${claims}`;
    return { ...body, id_token: `${input}.${signInput(input).toString('base64url')}` };
  });
  return logInThrough((input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    return pathname === '/jwks' ? published(input, init) : signed(input, init);
  });
};

const forgerOf = (key: KeyObject): Forger => {
  const { kty, n, e } = key.export({ format: 'jwk' });
  return { jwk: { kty, n, e }, signInput: (input) => sign('sha256', Buffer.from(input), key) };
};

/** With the exponent 1 every padded digest is its own signature (RFC 8017 §9.2), under any modulus. */
function exponentOne(): Forger {
  const bytes = 256;
  const { n } = generateKeyPairSync('rsa', { modulusLength: bytes * 8 }).publicKey.export({ format: 'jwk' });
  const signInput = (input: string): Buffer => {
    const info = Buffer.from('3031300d060960864801650304020105000420', 'hex');
    const digest = Buffer.concat([info, createHash('sha256').update(input).digest()]);
    return Buffer.concat([
      Buffer.from([0, 1]),
      Buffer.alloc(bytes - digest.length - 3, 0xff),
      Buffer.from([0]),
      digest,
    ]);
  };
  return { jwk: { kty: 'RSA', n, e: 'AQ' }, signInput };
}

const AUTHORIZE = 'authorization_endpoint';

/** Where the browser is sent to when the issuer names this address. Refused means: nowhere but to the page again. */
async function sendBrowser(address: string): Promise<Attempt> {
  const lab = await openLab();
  lab.bend(bendJson('/.well-known/openid-configuration', (body) => ({ ...body, [AUTHORIZE]: address })));
  const seen: string[] = [];
  const watch = (url: URL): URL => {
    seen.push(url.href);
    return url;
  };
  try {
    await lab.logIn(watch).catch(() => undefined);
  } finally {
    lab.bend(fetch);
  }
  const led = seen.find((href) => !href.startsWith(`${lab.front.url}/`));
  return { refused: led === undefined, how: led === undefined ? String(lab.reason()) : `led to ${led.slice(0, 40)}` };
}

/** What the command line would show, when the broker's metadata came with this address. Refused means: nothing. */
async function showPerson(change: (url: string) => string): Promise<Attempt> {
  const { front } = await openLab();
  const bent = bendJson('/.well-known/oauth-authorization-server', (body) => ({
    ...body,
    [AUTHORIZE]: change(front.url),
  }));
  const deps = { fetch: bent, now: front.clock.now, nonce: () => 'n'.repeat(32) };
  const asked = { issuer: front.url, user: '', audiences: humanAudiences(front.url) };
  try {
    const { url } = await beginLogin(asked, 'http://127.0.0.1:9/callback', deps);
    return { refused: false, how: `shows ${url.slice(0, 60)}` };
  } catch (error) {
    if (!(error instanceof WayleaveError)) throw error;
    return { refused: true, how: error.code };
  }
}

export const ISSUER_ATTACKS: readonly Attack[] = [
  {
    id: 'TOK-08',
    guard: 'sound-key-sets',
    attempt: () => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const stranger = publicKey.export({ format: 'jwk' });
      const kid = (keys: readonly Jwk[]): unknown => keys[0]?.['kid'];
      const octets = { kty: 'oct', k: encodePart('a secret that the whole world reads') };
      return sets({
        'the name of the issuer for another key': (keys) => [{ ...stranger, kid: kid(keys), use: 'sig' }, ...keys],
        'and for another algorithm': (keys) => [{ ...stranger, kid: kid(keys), alg: 'PS256' }, ...keys],
        'behind it': (keys) => [...keys, { ...stranger, kid: kid(keys), alg: 'RS512' }],
        'a symmetric key of that name': (keys) => [...keys, { ...octets, kid: kid(keys), alg: 'HS256' }],
        'a symmetric key of its own name': (keys) => [...keys, { ...octets, kid: 'shared', alg: 'HS256' }],
        'two without a name': (keys) => [...keys, { ...stranger, alg: 'RS512' }, { ...stranger, alg: 'PS256' }],
      });
    },
  },
  {
    id: 'TOK-27',
    guard: 'sound-key-sets',
    attempt: async () => {
      const sound = await forged(forgerOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey));
      if (sound.refused) throw new Error(`a sound key of the issuer is refused: ${sound.how}`);
      return attemptAll([
        ['1024 bits', () => forged(forgerOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey))],
        ['exponent 1', () => forged(exponentOne())],
        ['a modulus that can be factored', () => forged(forgerOf(generateRocaKey()))],
      ]);
    },
  },
  {
    id: 'MCP-12',
    guard: 'addresses-for-logins',
    attempt: () =>
      attemptAll([
        ...['javascript:alert(1)//', 'file:///etc/passwd', 'data:text/html,x', 'http://login.example/auth'].map(
          (address) => [`the issuer: ${address}`, () => sendBrowser(address)] as const,
        ),
        ...[
          () => 'javascript:alert(1)//',
          () => 'file:///etc/passwd',
          () => 'https://login.example/auth',
          (url: string) => `${url}@login.example/`,
          (url: string) => `${url}.login.example/`,
          (url: string) => `${url}/oauth/auth$(touch here)`,
          (url: string) => `${url}/oauth/auth;reboot`,
          (url: string) => `${url}/oauth/auth\u0060id\u0060`,
        ].map((change) => [`the metadata: ${change('')}`, () => showPerson(change)] as const),
      ]),
  },
];
