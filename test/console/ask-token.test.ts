/** The console asks for tokens with proofs that carry what the server gave last (RFC 9449 §8), and shows no code twice. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** The nonce in each proof that was sent. */
let sent: (string | undefined)[] = [];
let answers: Response[] = [];

const nonceOf = (proof: string): string | undefined =>
  JSON.parse(Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()).nonce;
const refused = (error: string, nonce?: string): Response =>
  Response.json({ error }, { status: 400, ...(nonce === undefined ? {} : { headers: { 'DPoP-Nonce': nonce } }) });
const given = (): Response =>
  Response.json({ access_token: 'at', refresh_token: 'rt', expires_in: 300, token_type: 'DPoP' });

beforeEach(() => {
  sent = [];
  vi.resetModules();
  vi.stubGlobal('window', { location: { origin: 'http://localhost:1' } });
  vi.stubGlobal('fetch', async (_url: string, init: { readonly headers: { readonly DPoP: string } }) => {
    sent.push(nonceOf(init.headers.DPoP));
    const answer = answers.shift();
    if (answer === undefined) throw new Error('nobody answers');
    return answer;
  });
});
afterEach(() => vi.unstubAllGlobals());

type AskToken = (key: unknown, fields: Readonly<Record<string, string>>) => Promise<unknown>;
/** By name, since types of the browser are for the console only. */
const load = async (): Promise<{ readonly askToken: AskToken; readonly key: unknown }> => {
  const folder = '../../console/login';
  const { askToken }: { readonly askToken: AskToken } = await import(`${folder}/login.ts`);
  const { createKey }: { readonly createKey: () => Promise<unknown> } = await import(`${folder}/dpop.ts`);
  return { askToken, key: await createKey() };
};
const REFRESH = { grant_type: 'refresh_token', refresh_token: 'rt' };

it('proves again with the nonce that it is given, and remembers it', async () => {
  const { askToken, key } = await load();
  answers = [refused('use_dpop_nonce', 'n1'), given(), given(), refused('use_dpop_nonce', 'n2'), given()];
  await askToken(key, REFRESH);
  await askToken(key, REFRESH);
  await askToken(key, REFRESH);
  expect(sent).toEqual([undefined, 'n1', 'n1', 'n1', 'n2']);
});

it('shows a code once, whatever comes with the refusal', async () => {
  const { askToken, key } = await load();
  answers = [refused('invalid_grant', 'n1'), given()];
  await expect(askToken(key, { grant_type: 'authorization_code', code: 'c' })).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
  expect(sent).toEqual([undefined]);
});
