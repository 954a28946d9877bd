/** A person's client against the real front: login, approvals, records, the stream, and direct tool calls. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControlClient } from '../../../apps/client/control-client.ts';
import { createMcpClient } from '../../../apps/client/mcp-client.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import { type Front, startFront } from '../../broker/http/fixture.ts';

let front: Front;
let operator: ClientSession;
beforeAll(async () => {
  front = await startFront();
  operator = await front.login('operator@acme');
});
afterAll(() => front.close());

describe('login', () => {
  it('begins a session that is kept and recorded', () => {
    const session = [...front.sessionsById.values()].find(({ human }) => human === 'operator@acme');
    expect(session).toMatchObject({ tenant: 'acme' });
    expect(front.audit).toContainEqual(expect.objectContaining({ kind: 'login', session: session?.id }));
  });

  it('gives a token for each audience, and the same one while it lasts', async () => {
    const control = await operator.token('urn:wayleave:control');
    expect(await operator.token('urn:wayleave:control')).toBe(control);
    expect(await operator.token(`${front.url}/mcp/wan`)).not.toBe(control);
    const claims = JSON.parse(Buffer.from(control.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ sub: 'operator@acme', tenant: 'acme', aud: 'urn:wayleave:control', iss: front.url });
    expect(claims.exp - claims.iat).toBeLessThanOrEqual(900);
    expect(claims.sid).toMatch(/^ses_/);
    expect(claims.cnf.jkt).toHaveLength(43);
  });

  it('gives no token for an audience that the login did not name', async () => {
    const narrow = await front.login('operator@acme', undefined, ['urn:wayleave:agents']);
    await expect(narrow.token('urn:wayleave:control')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each([
    ['operator@acme', 'wrong'],
    ['nobody@acme', 'wrong'],
    ['', ''],
  ])('refuses %j with password %j in the same words', async (user, password) => {
    await expect(front.login(user, password)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });

  it('refuses a disabled person', async () => {
    const [person] = front.people;
    if (person === undefined) throw new Error('the fixture has nobody');
    await front.writeUsers([...front.people, { ...person, name: 'gone@acme', disabled: true }]);
    await expect(front.login('gone@acme')).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });

  it('makes a name wait after five attempts, right password or not, and lets it in later', async () => {
    for (let attempt = 0; attempt < 5; attempt++) {
      await expect(front.login('admin@acme', 'wrong')).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
    }
    await expect(front.login('admin@acme')).rejects.toMatchObject({ code: 'LIMITED' });
    front.clock.offset += 61_000;
    try {
      await expect(front.login('operator@acme')).resolves.toMatchObject({ user: 'operator@acme' });
    } finally {
      front.clock.offset = 0;
    }
  });

  it('says that a broker which is not there cannot be reached', async () => {
    const other = await startFront();
    await other.close();
    await expect(other.login('operator@acme')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('the control client', () => {
  it('lists, shows and votes', async () => {
    const control = createControlClient(operator);
    expect(await control.approvals('pending')).toHaveLength(1);
    expect(await control.approvals('rejected')).toHaveLength(0);
    expect((await control.approval('apr_1')).diff).toContain('65002');
    expect((await control.approve('apr_1', 'seen')).status).toBe('approved');
    expect((await control.reject('apr_1', 'no')).status).toBe('rejected');
    expect(front.votes.at(-1)).toMatchObject({ id: 'apr_1', verdict: 'reject', reason: 'no' });
    expect(front.votes.at(-1)?.subject).toMatchObject({ human: 'operator@acme', roles: ['tenant-operator'] });
  });

  it('reads the records, the log and its export', async () => {
    const control = createControlClient(operator);
    expect(await control.incidents()).toEqual([]);
    expect((await control.inventory()).devices).toEqual([]);
    expect(await control.auditEntries(7, 10)).toMatchObject([{ index: 7 }]);
    expect(await control.auditCheckpoint()).toContain('wayleave');
    expect(await control.auditExport()).toBe('{"line":1}\n{"line":2}\n');
    await expect(control.receipt('int_missing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(control.approval('apr_2')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(control.approval('../sessions')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(control.approve('apr_1', ' ')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('follows the steps of changes', async () => {
    const seen = [];
    for await (const step of createControlClient(operator).steps(new AbortController().signal)) seen.push(step.step);
    expect(seen).toEqual(['lock', 'confirm']);
  });

  it('ends a session, whose next call fails and whose refresh is refused', async () => {
    const other = await front.login('operator@acme');
    const control = createControlClient(other);
    const before = [...front.sessionsById.keys()].at(-1) ?? '';
    await control.endSession(before);
    await expect(control.approvals()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(other.token(`${front.url}/mcp/wan`)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('direct tool calls', () => {
  it('lists and calls as the person, without an agent', async () => {
    const client = await createMcpClient(operator, 'diagnostics');
    expect(await client.listTools()).toMatchObject([
      { name: 'diagnostics.read', inputSchema: { required: ['input'] } },
    ]);
    const args = { input: { a: [1, 'x'] }, purpose: 'chat:1', target: { devices: ['br1_edge'] } };
    expect(await client.callTool('diagnostics.read', args)).toEqual({
      status: 'done',
      intent: 'int_12345678',
      evidence: [],
    });
    expect(front.calls.at(-1)).toMatchObject({ tool: 'diagnostics.read', args, subject: { chain: ['operator@acme'] } });
    expect(front.calls.at(-1)?.subject).not.toHaveProperty('agent');
    await client.close();
  });

  it('carries the code of a refusal, and nothing of a defect', async () => {
    const client = await createMcpClient(operator, 'wan');
    const args = { input: {}, purpose: 'chat:1' };
    await expect(client.callTool('forbidden', args)).rejects.toMatchObject({
      code: 'DENIED',
      message: 'Only on weekdays.',
    });
    const failure = client.callTool('defect', args);
    await expect(failure).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(failure).rejects.not.toThrow(/secret/);
    expect(front.defects).toHaveLength(1);
    await client.close();
  });
});
