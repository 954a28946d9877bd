/** The broker's front under attack: real sockets, a token that is right in everything, and every way to make it wrong. */
import { randomUUID, sign } from 'node:crypto';
import { signCompactJws } from '../../protocols/oauth/compact-jws.ts';
import { createProof } from '../../protocols/oauth/dpop.ts';
import { generateSigningKey, type SigningKey } from '../../protocols/oauth/jwk.ts';
import { DIGEST, startFront } from '../broker/http/fixture.ts';
import { type Attempt, laboratory } from './attack.ts';

export const MCP_PATH = '/mcp/wan';
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

export interface Sending {
  readonly token?: string;
  /** What proves possession of the token's key. */
  readonly key?: SigningKey;
  readonly proof?: string;
  readonly path?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another proof than DPoP is in the headers. */
  readonly proofless?: boolean;
  /** Sees the answer before it is judged. */
  readonly seen?: (answer: Response) => void;
}

export type FrontUnderAttack = Awaited<ReturnType<typeof open>>;
export const openFront = laboratory(open);
/** Another one, whose clock nobody sets back: after that every proof is too old for some time. */
export const openSteadyFront = laboratory(open);
/** One whose keys are rotated and whose clock then runs ahead. */
export const openRotatedFront = laboratory(open);

/** One whose log is not yet full of refusals, which it then only counts. */
export const openReplayFront = laboratory(open);

async function open() {
  const front = await startFront();
  const operator = await front.login('operator@acme');
  await operator.token('urn:wayleave:agents');
  const session = [...front.sessionsById.values()].at(-1)?.id ?? '';
  /** The key of the agents' process, which is whoever attacks. */
  const key = generateSigningKey();
  const nowSeconds = (): number => Math.floor(front.clock.now() / 1000);

  const header = { typ: 'at+jwt', kid: front.signingKey.thumbprint };
  const claims = () => ({
    iss: front.url,
    sub: 'operator@acme',
    aud: `${front.url}/mcp/wan`,
    iat: nowSeconds(),
    exp: nowSeconds() + 300,
    jti: randomUUID(),
    sid: session,
    tenant: 'acme',
    client_id: 'troubleshooter',
    act: { sub: 'troubleshooter' },
    agent_digest: DIGEST,
    cnf: { jkt: key.thumbprint },
  });
  /** A token as the authorization server would sign it, with what is given changed. */
  const forge = (changed: object = {}, changedHeader: object = {}, signer = front.signingKey): string =>
    signCompactJws({ ...header, ...changedHeader }, { ...claims(), ...changed }, signer.privateKey);

  /** A token over a payload as text, for what `JSON.stringify` does not write. */
  function signText(payload: string): string {
    const encode = (text: string): string => Buffer.from(text).toString('base64url');
    const input = `${encode(JSON.stringify({ alg: 'ES256', ...header }))}.${encode(payload)}`;
    const key = { key: front.signingKey.privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
  }

  const prove = (token: string, changed: object = {}, signer = key): string =>
    createProof(
      signer,
      { method: 'POST', url: `${front.url}${MCP_PATH}`, accessToken: token, ...changed },
      front.clock.now(),
      randomUUID(),
    );

  const send = ({ token = forge(), path = MCP_PATH, method = 'POST', body, proof, headers, ...more }: Sending) =>
    fetch(`${front.url}${path}`, {
      method,
      headers: {
        Authorization: `DPoP ${token}`,
        ...(more.proofless === true
          ? {}
          : { DPoP: proof ?? prove(token, { method, url: `${front.url}${path}` }, more.key) }),
        Accept: 'application/json, text/event-stream',
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body ?? PING) }),
    });

  /** Sends it. Refused means 401 with the same words for every cause, no call of the broker, and one entry in the log that names the reason. */
  async function attempt(sending: Sending): Promise<Attempt> {
    const [calls, entries] = [front.calls.length, front.audit.length];
    const answer = await send(sending);
    sending.seen?.(answer);
    const text = await answer.text();
    if (answer.status < 400) return { refused: false, how: `answered ${answer.status}` };
    const added = front.audit.slice(entries);
    if (answer.status === 431) return { refused: added.length === 0, how: '431 by the HTTP parser' };
    const reason = String(added[0]?.content['reason'] ?? 'no reason');
    const quiet = front.calls.length === calls && added.length === 1 && /"UNAUTHENTICATED"/.test(text);
    return { refused: quiet && answer.status === 401, how: `${answer.status} ${reason}` };
  }

  /** A login of its own, which an attack may end. */
  async function ownSession(): Promise<string> {
    await (await front.login('operator@acme')).token('urn:wayleave:agents');
    return [...front.sessionsById.keys()].at(-1) ?? '';
  }
  function endSession(id: string): void {
    const known = front.sessionsById.get(id);
    if (known === undefined) throw new Error('no such session');
    front.sessionsById.set(id, { ...known, endedAt: new Date(front.clock.now()).toISOString() });
  }

  return { ...front, front, header, claims, forge, signText, prove, send, attempt, ownSession, endSession, key };
}
