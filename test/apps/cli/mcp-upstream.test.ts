/** `wayleave mcp upstream`, from the command line over the real HTTP API to a real MCP server of somebody else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createUpstreamClient, type UpstreamClient } from '../../../apps/client/upstream-client.ts';
import { type Front, startFront } from '../../broker/http/fixture.ts';
import { SEARCH, startUpstream, type Upstream } from '../../broker/upstream/upstream-server.ts';
import { type Said, wayleave } from './fake-io.ts';

let tickets: Upstream;
let front: Front;
const people = new Map<string, UpstreamClient>();

beforeAll(async () => {
  tickets = await startUpstream();
  front = await startFront(undefined, [tickets.server()]);
  const [operator, admin] = front.people;
  if (operator === undefined || admin === undefined) throw new Error('nobody is there');
  await front.writeUsers([operator, admin, { ...admin, name: 'analyst@acme', roles: ['security-analyst'] }]);
  for (const name of ['operator', 'admin', 'analyst'])
    people.set(name, createUpstreamClient(await front.login(`${name}@acme`)));
});
afterAll(async () => {
  await front.close();
  await tickets.close();
});

/** By the client of that person; the command line's own login is another matter. */
const run = (who: string, ...args: readonly string[]): Promise<Said> => {
  const upstream = people.get(who);
  if (upstream === undefined) throw new Error('who?');
  return wayleave(['mcp', 'upstream', ...args, '--as', 'admin@acme'], { upstream });
};
const WHY = ['--reason', 'read it'] as const;

describe('upstream servers on the command line', () => {
  it('are shown with every word, approved by two, and stopped by one', async () => {
    const shown = await run('admin', 'show', 'tickets');
    expect(shown.out).toMatch(/search +waiting +0\/2 +declared/);
    expect(shown.out).toContain('Finds tickets by their text.');
    expect(shown.out).not.toContain('secret-of-the-broker');
    expect((await run('operator', 'approve', 'tickets', 'search', ...WHY)).exit).toBe(3);
    expect((await run('admin', 'approve', 'tickets', 'search', ...WHY)).out).toBe('search is waiting (1 of 2).\n');
    expect((await run('admin', 'approve', 'tickets', 'search', ...WHY)).exit).toBe(3);
    expect((await run('analyst', 'approve', 'tickets', 'all', ...WHY)).out).toBe('search is offered.\n');
    expect(await run('admin', 'diff', 'tickets')).toMatchObject({
      exit: 0,
      out: 'Everything is as it was approved.\n',
    });

    tickets.turn.tools = [{ ...SEARCH, description: 'Finds \u001b]0;everything.' }];
    const differs = await run('admin', 'diff', 'tickets');
    expect(differs.exit).toBe(20);
    expect(differs.out).toContain('search: quarantined (its definition changed)');
    expect(differs.out).not.toContain('\u001b');
    tickets.turn.tools = [SEARCH];
    expect((await run('admin', 'list')).out).toMatch(/tickets +inventory +1 quarantined/);
    const doctor = await wayleave(['doctor', '--as', 'admin@acme', '--json'], {
      upstream: people.get('admin') ?? {},
      io: { fetch: async () => new Response('{}') },
    });
    expect(JSON.parse(doctor.out).checks).toContainEqual(
      expect.objectContaining({ check: 'upstream tickets', ok: false, found: '1 quarantined' }),
    );
    for (const who of ['admin', 'analyst']) await run(who, 'approve', 'tickets', 'search', ...WHY);
    expect(JSON.parse((await run('admin', 'show', 'tickets', '--json')).out).tools[0].state).toBe('offered');

    expect((await run('admin', 'quarantine', 'tickets', 'search', ...WHY)).out).toContain('is in quarantine');
    expect((await run('admin', 'remove', 'tickets', ...WHY)).exit).toBe(0);
    expect((await run('admin', 'list')).out).toMatch(/tickets +inventory +no tools/);
    expect(
      front.audit.filter(({ kind }) => kind.startsWith('upstream.')).map(({ kind, human }) => [kind, human]),
    ).toEqual([
      ['upstream.seen', undefined],
      ['upstream.vote', 'admin@acme'],
      ['upstream.vote', 'analyst@acme'],
      ['upstream.quarantined', undefined],
      ['upstream.vote', 'admin@acme'],
      ['upstream.vote', 'analyst@acme'],
      ['upstream.quarantined', 'admin@acme'],
      ['upstream.removed', 'admin@acme'],
    ]);
  });

  it('are unknown to the command line as to the broker', async () => {
    expect((await run('admin', 'show', 'mine')).exit).toBe(1);
    expect((await run('admin', 'approve', 'tickets', 'nothing', ...WHY)).exit).toBe(1);
  });
});
