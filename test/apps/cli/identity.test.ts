/** The commands about identity: what they ask of the broker, what they print, and what they keep. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loginInBrowser } from '../../../apps/cli/browser-login.ts';
import { clientDeps } from '../../../apps/cli/connect.ts';
import { findLogin, forgetLogin, keepLogin } from '../../../apps/cli/kept-login.ts';
import { createCookieJar } from '../../../apps/client/cookie-jar.ts';
import { createIdentityClient } from '../../../apps/client/identity-client.ts';
import type { AgentReport } from '../../../broker/identity/agent-registry.ts';
import { humanAudiences } from '../../../broker/identity/audiences.ts';
import { type Front, PASSWORD, startFront } from '../../broker/http/fixture.ts';
import { wayleave } from './fake-io.ts';

const AS = ['--as', 'admin@acme'];
const version: Omit<AgentReport, 'status'> = {
  agent: 'troubleshooter',
  ...{ digest: `sha256:${'b'.repeat(64)}`, parts: {}, launchKey: 'k', votes: [] },
  ...{ shipped: false, firstSeenAt: '', running: true, model: 'none', changed: ['prompts'] },
};

describe('wayleave agents', () => {
  it('lists what runs, and approves all that waits', async () => {
    const approved: unknown[] = [];
    const identity = {
      agents: async () => [
        { ...version, status: 'pending' as const },
        { ...version, agent: 'router' as const, status: 'approved' as const },
      ],
      approveAgent: async (...given: readonly string[]) => {
        approved.push(given);
        return { ...version, status: 'pending' as const, votes: [{ human: 'admin@acme', reason: '', at: '' }] };
      },
    };
    const listed = await wayleave(['agents', ...AS], { identity });
    expect(listed.out).toContain('troubleshooter  pending   0/2    yes   prompts');
    const said = await wayleave(['agents', 'approve', 'all', '--reason', 'reviewed', ...AS], { identity });
    expect(said.out).toBe('troubleshooter is pending (1 of 2).\n');
    expect(approved).toEqual([['troubleshooter', version.digest, 'reviewed']]);
    expect((await wayleave(['agents', 'approve', 'x', '--reason', 'y', ...AS], { identity })).exit).toBe(1);
    expect((await wayleave(['agents', 'approve', 'all', ...AS], { identity })).exit).toBe(2);
  });
});

describe('wayleave users', () => {
  it('suspends, gives roles, and takes all away', async () => {
    const asked: unknown[] = [];
    const identity = {
      setPerson: async (name: string, change: object) => {
        asked.push(change);
        return { name, tenant: 'acme', roles: [], disabled: 'disabled' in change };
      },
    };
    const said = await wayleave(['users', 'suspend', 'operator@acme', ...AS], { identity });
    expect(said.out).toBe('operator@acme is suspended: no role\n');
    await wayleave(['users', 'roles', 'operator@acme', 'auditor', 'tenant-operator', ...AS], { identity });
    await wayleave(['users', 'roles', 'operator@acme', ...AS], { identity });
    expect(asked).toEqual([{ disabled: true }, { roles: ['auditor', 'tenant-operator'] }, { roles: [] }]);
  });
});

describe('a login that is kept', () => {
  let front: Front;
  const home = mkdtempSync(path.join(os.tmpdir(), 'wayleave-login-'));
  beforeAll(async () => {
    front = await startFront();
  });
  afterAll(async () => {
    await front.close();
    rmSync(home, { recursive: true });
  });

  it('goes on in another process, until it is ended', async () => {
    const session = await front.login('operator@acme');
    keepLogin(home, { issuer: front.url, user: 'operator@acme', ...session.keep() });
    expect(statSync(path.join(home, 'login.json')).mode & 0o077).toBe(0);
    const again = findLogin(home, front.url, clientDeps);
    if (again === undefined) throw new Error('it was not kept');
    const { session: id } = await createIdentityClient(again).whoami();
    expect(() => findLogin(home, 'http://127.0.0.1:1', clientDeps)).toThrow('another broker');
    const ended = front.sessionsById.get(id);
    if (ended === undefined) throw new Error('no session');
    front.sessionsById.set(id, { ...ended, endedAt: '2026-01-01T00:00:00Z' });
    const late = findLogin(home, front.url, clientDeps);
    await expect(late?.token('urn:wayleave:control')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    forgetLogin(home);
    expect(findLogin(home, front.url, clientDeps)).toBeUndefined();
  });

  it('can be had through a browser', async () => {
    const jar = createCookieJar();
    const browse = async (start: string): Promise<void> => {
      let url = new URL(start);
      for (let step = 0; step < 8; step++) {
        const form = url.pathname.startsWith('/oauth/login/') && step < 2;
        const cookie = jar.header(url.pathname);
        const body = new URLSearchParams({ user: 'operator@acme', password: PASSWORD });
        const response = await fetch(url, {
          redirect: 'manual',
          headers: cookie === undefined ? {} : { Cookie: cookie },
          ...(form ? { method: 'POST', body } : {}),
        });
        jar.keep(response);
        const location = response.headers.get('location');
        if (location === null) return;
        url = new URL(location, url);
      }
    };
    const opened: Promise<void>[] = [];
    const session = await loginInBrowser(
      {
        issuer: front.url,
        audiences: humanAudiences(front.url),
        show: (url) => void opened.push(browse(url)),
        interrupted: new AbortController().signal,
      },
      clientDeps,
    );
    await Promise.all(opened);
    expect(await createIdentityClient(session).whoami()).toMatchObject({ human: 'operator@acme' });
  });

  it('ends its wait with the command', async () => {
    const stop = new AbortController();
    const waiting = loginInBrowser(
      { issuer: front.url, audiences: humanAudiences(front.url), show: () => stop.abort(), interrupted: stop.signal },
      clientDeps,
    );
    await expect(waiting).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });
});
