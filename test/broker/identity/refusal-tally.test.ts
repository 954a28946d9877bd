/** Bad credentials in any number: refused, told apart in the log for a while, then counted, in bounded memory. */
import { describe, expect, it } from 'vitest';
import { createRefusalTally } from '../../../broker/identity/refusal-tally.ts';
import type { AuditEntry } from '../../../broker/ports.ts';
import { startFront } from '../http/fixture.ts';

function open() {
  const clock = { at: 0, now: () => clock.at };
  const entries: AuditEntry[] = [];
  const tally = createRefusalTally({ clock, record: async (entry) => entries.push(entry) });
  return { clock, entries, tally };
}
const refusal = { source: '127.0.0.1', audience: 'urn:wayleave:control', reason: 'signature' };

describe('the tally', () => {
  it('writes twenty of a kind in a minute, and the rest as one count', async () => {
    const { clock, entries, tally } = open();
    for (let count = 0; count < 5000; count++) await tally.note(refusal);
    expect(entries).toHaveLength(20);
    await tally.flush();
    expect(entries).toHaveLength(20);
    clock.at = 60_000;
    await tally.flush();
    expect(entries).toHaveLength(21);
    expect(entries.at(-1)?.content).toMatchObject({ ...refusal, count: 4980, since: '1970-01-01T00:00:00.000Z' });
    await tally.note(refusal);
    expect(entries).toHaveLength(22);
  });

  it('tells kinds apart up to a number of them, and counts the rest together', async () => {
    const { entries, tally } = open();
    for (let count = 0; count < 5000; count++) await tally.note({ ...refusal, reason: `invented ${count}` });
    expect(entries).toHaveLength(64 + 20);
    await tally.flush(true);
    expect(entries).toHaveLength(64 + 21);
    expect(entries.at(-1)?.content).toMatchObject({ source: 'others', count: 5000 - 64 - 20 });
  });

  it('counts a failure once, wherever it is caught, and keeps the log readable', async () => {
    const { entries, tally } = open();
    const failure = new Error('x');
    await tally.note({ ...refusal, reason: `bad\u001b[2J${'x'.repeat(500)}` }, failure);
    await tally.note({ ...refusal, audience: 'elsewhere' }, failure);
    expect(entries).toHaveLength(1);
    expect(String(entries[0]?.content['reason'])).toMatch(/^bad\?\[2Jx{100,}$/);
    expect(String(entries[0]?.content['reason']).length).toBe(200);
  });
});

describe('a flood', () => {
  it('over sockets leaves a handful of entries, and the honest are served', async () => {
    const front = await startFront();
    const operator = await front.login('operator@acme');
    const before = front.audit.length;
    const odd = [
      '',
      'a.b.c',
      '\u00e9.\u00e9.\u00e9',
      `${'A'.repeat(9000)}.A.A`,
      '....',
      'null',
      '%00',
      'eyJ.eyJ.',
      '"',
    ];
    const doors = ['/api/approvals', '/api/identity/me', '/api/audit', '/oauth/token'];
    const sent = Array.from({ length: 600 }, async (_, count) => {
      const token = odd[count % odd.length] ?? '';
      const path = doors[count % doors.length] ?? '';
      const headers = { Authorization: `DPoP ${encodeURI(token)}`, DPoP: encodeURI(token) };
      const form = new URLSearchParams({ grant_type: 'refresh_token', client_assertion: token });
      const response = await fetch(
        `${front.url}${path}`,
        path === '/oauth/token' ? { method: 'POST', headers, body: form } : { headers },
      );
      await response.arrayBuffer();
      return response.status;
    });
    expect(new Set(await Promise.all(sent))).toEqual(new Set([401]));
    await front.refusals.flush(true);
    const added = front.audit.slice(before);
    expect(added.every(({ kind }) => kind === 'refused')).toBe(true);
    expect(added.length).toBeLessThan(300);
    const counted = added.map(({ content }) => Number(content['count'] ?? 1)).reduce((sum, one) => sum + one, 0);
    expect(counted).toBe(600);
    expect(front.defects).toEqual([]);
    const served = await operator.fetch('urn:wayleave:control')(`${front.url}/api/identity/me`);
    expect(served.status).toBe(200);
    await front.close();
  });
});
