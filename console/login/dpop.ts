/** DPoP in the browser (RFC 9449): a key that cannot leave it, and a proof for each request. */

export const base64url = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export const sha256 = async (text: string): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', encode(text))));

/** 256 bits of chance, as text. */
export const nonce = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** ES256; the private half can be used by this origin and be read by nobody. */
export const createKey = (): Promise<CryptoKeyPair> => crypto.subtle.generateKey(CURVE, false, ['sign', 'verify']);

/** How far the server's clock is ahead of this machine's, in milliseconds: a proof of a wrong hour would be refused. */
let ahead = 0;

/** Learns the server's time from the `Date` of an answer, to the second. */
export function learnTime(response: Response): void {
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isFinite(date)) ahead = Math.abs(date - Date.now()) > 2_000 ? date - Date.now() : 0;
}

/** The server's time as far as it is known, epoch milliseconds. */
export const serverNow = (): number => Date.now() + ahead;

/** A proof for one request; `url` without query and fragment. */
export async function createProof(
  key: CryptoKeyPair,
  request: {
    readonly method: string;
    readonly url: string;
    readonly accessToken?: string;
    /** What the server gave, so that the proof was not made before (§8). */
    readonly nonce?: string;
  },
): Promise<string> {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', key.publicKey);
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
  const payload = {
    jti: nonce(),
    htm: request.method,
    htu: request.url,
    iat: Math.floor(serverNow() / 1000),
    ...(request.accessToken === undefined ? {} : { ath: await sha256(request.accessToken) }),
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
  };
  const signed = [header, payload].map((part) => base64url(encode(JSON.stringify(part)))).join('.');
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key.privateKey, encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}
