/** What is checked at every call, over real sockets: the session, the person, the agent and the keys as they are at that moment. */
import { createSecretKey, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createIdentityClient } from '../../../apps/client/identity-client.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import type { Subject } from '../../../broker/contract.ts';
import type { Schedule } from '../../../broker/identity/schedules.ts';
import { createWhyNoLonger } from '../../../broker/identity/still-authentic.ts';
import { createUserFile } from '../../../broker/identity/users.ts';
import { signCompactJws } from '../../../protocols/oauth/compact-jws.ts';
import { createProof } from '../../../protocols/oauth/dpop.ts';
import { generateSigningKey } from '../../../protocols/oauth/jwk.ts';
import { type SignatureFields, signRequest } from '../../../protocols/oauth/request-signature.ts';
import { DIGEST, type Front, startFront } from '../http/fixture.ts';

let front: Front;
let operator: ClientSession;
beforeEach(async () => {
  front = await startFront();
  operator = await front.login('operator@acme');
});
afterEach(() => front.close());

const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: {} } });
const proofKey = generateSigningKey();
const exchanged = z.object({ access_token: z.string(), session_key: z.string() });

/** What an agent's process gets for the operator's chat token. */
async function exchange(): Promise<z.infer<typeof exchanged>> {
  const key = front.agentKeys.get('troubleshooter');
  if (key === undefined) throw new Error('no key');
  const url = `${front.url}/oauth/token`;
  const iat = Math.floor(front.clock.now() / 1000);
  const claims = {
    iss: 'troubleshooter',
    sub: 'troubleshooter',
    aud: front.url,
    iat,
    exp: iat + 60,
    jti: randomUUID(),
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: { DPoP: createProof(proofKey, { method: 'POST', url }, front.clock.now(), randomUUID()) },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      client_id: 'troubleshooter',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: signCompactJws({}, claims, key.privateKey),
      subject_token: await operator.token('urn:wayleave:agents'),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: `${front.url}/mcp/wan`,
    }),
  });
  return exchanged.parse(await response.json());
}

interface Sent {
  readonly token: string;
  readonly fields: SignatureFields;
}

function sign({ access_token: token, session_key }: z.infer<typeof exchanged>, content = body): Sent {
  const key = createSecretKey(Buffer.from(session_key, 'base64url'));
  const signed = { method: 'POST', url: `${front.url}/mcp/wan`, token, content };
  return { token, fields: signRequest(key, signed, front.clock.now(), randomUUID()) };
}

const send = ({ token, fields }: Sent, headers: object = {}, content = body): Promise<Response> =>
  fetch(`${front.url}/mcp/wan`, {
    method: 'POST',
    headers: {
      Authorization: `HTTPSig ${token}`,
      ...fields,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
      ...headers,
    },
    body: content,
  });

const statusOf = async (response: Promise<Response>): Promise<number> => (await response).status;

describe('a signed request of an agent', () => {
  it('is accepted once', async () => {
    const sent = sign(await exchange());
    expect(await statusOf(send(sent))).toBe(200);
    expect(front.calls.at(-1)?.subject).toMatchObject({ human: 'operator@acme', agent: 'troubleshooter' });
    expect(await statusOf(send(sent))).toBe(401);
    expect(front.audit.at(-1)?.content['reason']).toBe('proof: used before');
  });

  it('is refused with another body, beside a proof, without its signature, and for a token of a person', async () => {
    const given = await exchange();
    expect(await statusOf(send(sign(given), {}, body.replace('"x"', '"y"')))).toBe(401);
    expect(await statusOf(send(sign(given), { DPoP: 'x' }))).toBe(401);
    expect(await statusOf(send(sign(given), { Authorization: `Bearer ${given.access_token}` }))).toBe(401);
    const { token } = sign(given);
    expect(
      await statusOf(send({ token, fields: { 'Content-Digest': '', 'Signature-Input': '', Signature: '' } })),
    ).toBe(401);
    const own = await operator.token(`${front.url}/mcp/wan`);
    expect(await statusOf(send(sign({ access_token: own, session_key: given.session_key })))).toBe(401);
    expect(front.audit.at(-1)?.content['reason']).toBe('signature: not for this token');
  });

  it('is refused under the key of another token of the same agent', async () => {
    const [one, other] = [await exchange(), await exchange()];
    expect(await statusOf(send(sign({ ...one, session_key: other.session_key })))).toBe(401);
  });
});

describe('the next call is refused', () => {
  const admin = async () => createIdentityClient(await front.login('admin@acme'));
  /** Works before, does not work after. */
  async function refusedAfter(event: () => Promise<unknown>, reason: string): Promise<void> {
    const given = await exchange();
    expect(await statusOf(send(sign(given)))).toBe(200);
    await event();
    expect(await statusOf(send(sign(given)))).toBe(401);
    expect(front.audit.at(-1)?.content['reason']).toBe(reason);
  }

  it('when the session was ended by its person', () =>
    refusedAfter(async () => {
      const { session } = await createIdentityClient(operator).whoami();
      await operator.fetch('urn:wayleave:control')(`${front.url}/api/sessions/${session}/end`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{}',
      });
    }, 'session ended'));

  it('when the person was suspended', () =>
    refusedAfter(async () => (await admin()).setPerson('operator@acme', { disabled: true }), 'session ended'));

  it('when the person is disabled in the file', () =>
    refusedAfter(
      () => front.writeUsers(front.people.map((one) => ({ ...one, disabled: one.name === 'operator@acme' }))),
      'user disabled',
    ));

  it('when one person stopped the agent', () =>
    refusedAfter(async () => (await admin()).stopAgent('troubleshooter', 'strange'), 'agent unknown or not approved'));

  it('when the key of the token is retired and its time is over', async () => {
    const given = await exchange();
    front.keys.rotate();
    expect(await statusOf(send(sign(given)))).toBe(200);
    front.clock.offset += 906_000;
    expect(await statusOf(send(sign(given)))).toBe(401);
  });

  it('but roles that are taken away are only gone', async () => {
    const given = await exchange();
    await statusOf(send(sign(given)));
    expect(front.calls.at(-1)?.subject.roles).toEqual(['tenant-operator']);
    await (await admin()).setPerson('operator@acme', { roles: [] });
    expect(await statusOf(send(sign(given)))).toBe(200);
    expect(front.calls.at(-1)?.subject.roles).toEqual([]);
  });
});

describe('right before a change', () => {
  it('session, person, roles and agent are asked for again', async () => {
    await operator.token('urn:wayleave:agents');
    const { revocation, agents, schedules, sessionsById } = front;
    const sessions = {
      put: async () => undefined,
      get: async (id: string) => sessionsById.get(id),
      list: async () => [...sessionsById.values()],
    };
    const users = createUserFile(front.usersPath);
    const why = createWhyNoLonger({ users, sessions, schedules, agents, revocation });
    const session = [...sessionsById.keys()].at(-1) ?? '';
    const subject: Subject = {
      ...{ human: 'operator@acme', tenant: 'acme', roles: ['tenant-operator'], session },
      ...{ agent: 'troubleshooter', agentDigest: DIGEST, chain: ['troubleshooter', 'operator@acme'] },
    };
    expect(await why(subject)).toBeUndefined();
    expect(await why({ ...subject, agentDigest: 'sha256:x' })).toBe('agent unknown or not approved');
    expect(await why({ ...subject, session: 'ses_none' })).toBe('session unknown');
    await front.writeUsers(front.people.map((one) => ({ ...one, roles: ['auditor'] })));
    expect(await why(subject)).toBe('the role tenant-operator was taken away');
    await front.writeUsers(front.people.map((one) => ({ ...one, disabled: true })));
    expect(await why(subject)).toBe('user disabled');
  });
});

describe('people', () => {
  it('change nobody of another tenant, not themselves, and give no role above theirs', async () => {
    const admin = createIdentityClient(await front.login('admin@acme'));
    await expect(admin.setPerson('x@globex', { disabled: true })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(admin.setPerson('admin@acme', { roles: [] })).rejects.toMatchObject({ code: 'DENIED' });
    await expect(admin.setPerson('operator@acme', { roles: ['provider-admin'] })).rejects.toMatchObject({
      code: 'DENIED',
    });
    await expect(admin.setPerson('operator@acme', { roles: ['root'] })).rejects.toMatchObject({ code: 'USAGE' });
    const self = createIdentityClient(operator);
    await expect(self.setPerson('admin@acme', { disabled: true })).rejects.toMatchObject({ code: 'DENIED' });
    expect(await self.people()).toMatchObject([{ name: 'operator@acme' }]);
    expect(await admin.people()).toHaveLength(2);
  });
});

describe('a changed agent', () => {
  const changed = `sha256:${'b'.repeat(64)}`;

  it('waits for two different people with a role for it, and says what changed', async () => {
    const desk = await front.openAgents(changed);
    expect(desk.find('troubleshooter')).toBeUndefined();
    expect(await desk.list()).toMatchObject([
      { digest: DIGEST, status: 'approved', shipped: true, running: false },
      { digest: changed, status: 'pending', running: true, changed: ['code'] },
    ]);
    const person = (human: string, role: 'provider-admin' | 'tenant-admin') =>
      ({ human, roles: [role], tenant: 'acme', session: 'ses_1', chain: [human] }) as const;
    const approve = (human: string, role: 'provider-admin' | 'tenant-admin' = 'provider-admin', digest = changed) =>
      desk.approve(person(human, role), 'troubleshooter', digest, 'reviewed');
    await expect(approve('o@acme', 'tenant-admin')).rejects.toMatchObject({ code: 'DENIED' });
    await expect(approve('a@acme', 'provider-admin', DIGEST)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await approve('a@acme')).toMatchObject({ status: 'pending' });
    await expect(approve('a@acme')).rejects.toMatchObject({ code: 'DENIED' });
    expect(desk.find('troubleshooter')).toBeUndefined();
    expect(await approve('b@acme')).toMatchObject({ status: 'approved' });
    expect(desk.find('troubleshooter')).toMatchObject({ digest: changed });
    await expect(approve('c@acme')).rejects.toMatchObject({ code: 'APPROVAL_CLOSED' });
    const kinds = front.audit.filter(({ kind }) => kind.startsWith('agent.')).map(({ kind, human }) => [kind, human]);
    expect(kinds).toEqual([
      ['agent.shipped', undefined],
      ['agent.pending', undefined],
      ['agent.vote', 'a@acme'],
      ['agent.vote', 'b@acme'],
    ]);
    // A version that two people approved is good at the next start, too.
    expect((await front.openAgents(changed)).find('troubleshooter')).toMatchObject({ digest: changed });
  });

  it('that was stopped needs two people again', async () => {
    const stopper = { human: 'a@acme', roles: ['tenant-admin'], tenant: 'acme', session: 's', chain: [] } as const;
    const humanToken = await operator.token('urn:wayleave:agents');
    const call = { agent: 'troubleshooter', humanToken } as const;
    const ask = () => front.brokerClient().callTool(call, 'wan', 'x', { input: {}, purpose: 'chat:x' });
    await expect(ask()).resolves.toBeDefined();
    await front.agents.stop(stopper, 'troubleshooter', 'odd');
    await expect(ask()).rejects.toMatchObject({ code: 'DENIED', message: expect.stringContaining('not approved') });
    const approve = (human: string) =>
      front.agents.approve({ ...stopper, roles: ['provider-admin'], human }, 'troubleshooter', DIGEST, 'fine');
    expect(await approve('b@acme')).toMatchObject({ status: 'pending' });
    expect(await approve('c@globex')).toMatchObject({ status: 'approved' });
  });
});

describe('a schedule', () => {
  const call = () =>
    front
      .brokerClient()
      .callTool({ agent: 'troubleshooter', schedule: 'sch_1' }, 'wan', 'x', { input: {}, purpose: 'sch_1' });
  const schedule: Schedule = {
    ...{ id: 'sch_1', tenant: 'acme', owner: 'operator@acme', agent: 'troubleshooter', title: 'nightly' },
    ...{ when: { cron: '0 3 * * *', timeZone: 'UTC' }, missed: 'skip', budget: { calls: 100, minutes: 5 } },
    ...{ by: 'tenant', spreadMinutes: 0 },
    createdAt: '2026-01-01T00:00:00Z',
  };

  it('acts with the rights its owner has now, for looking only', async () => {
    await expect(call()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await front.schedules.put(schedule);
    await call();
    expect(front.calls.at(-1)?.subject).toMatchObject({
      ...{ human: 'operator@acme', agent: 'troubleshooter', session: 'sch_1', lookOnly: 'schedule' },
      ...{ chain: ['troubleshooter', 'worker', 'operator@acme'], roles: ['tenant-operator'] },
    });
    await front.writeUsers(front.people.map((one) => ({ ...one, roles: [] })));
    await call();
    expect(front.calls.at(-1)?.subject.roles).toEqual([]);
  });

  it('acts no more once it ended, also with the token it has, and an end is final', async () => {
    await front.schedules.put(schedule);
    const client = front.brokerClient();
    const again = () =>
      client.callTool({ agent: 'troubleshooter', schedule: 'sch_1' }, 'wan', 'x', { input: {}, purpose: 'sch_1' });
    await again();
    await front.schedules.put({ ...schedule, endedAt: '2026-01-02T00:00:00Z' });
    await expect(again()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await front.schedules.put(schedule);
    await expect(again()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('acts no more when its owner is suspended or its agent stopped', async () => {
    await front.schedules.put(schedule);
    await front.writeUsers(front.people.map((one) => ({ ...one, disabled: true })));
    await expect(call()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
