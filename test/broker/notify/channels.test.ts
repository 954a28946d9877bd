/** The file of channels: what it means, and what keeps the broker from starting. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openSecrets } from '../../../apps/compose/notices.ts';
import { loadChannels } from '../../../broker/notify/channels.ts';
import { ROOT } from '../../repository/source-files.ts';

const root = mkdtempSync(path.join(tmpdir(), 'wayleave-channels-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
function load(text: string) {
  const file = path.join(root, 'channels.yaml');
  writeFileSync(file, text);
  return loadChannels(file);
}
const one = (url: string, events = '[risk.*]'): string =>
  `tenants: {acme: {security: {url: '${url}', events: ${events}}}}`;

describe('channels', () => {
  it('are what the documentation shows', () => {
    const shown = /```yaml\n(tenants:[\s\S]*?)```/.exec(readFileSync(path.join(ROOT, 'docs/notifications.md'), 'utf8'));
    const { all } = load(shown?.[1] ?? '');
    expect(all.map(({ tenant, name }) => `${tenant}/${name}`)).toEqual(['acme/security', 'acme/changes', '-/oncall']);
    expect(all[0]?.types).toContain('risk.suspended');
  });

  it('hear what they asked for, in their tenant, or what a policy sends them', () => {
    const channels = load(one('https://hooks.example/x'));
    const notice = { ...{ id: 'e', at: '', subject: '', data: {} }, tenant: 'acme' };
    const names = (more: Parameters<typeof channels.of>[0]) => channels.of(more).map(({ name }) => name);
    expect(names({ ...notice, type: 'risk.changed' })).toEqual(['security']);
    expect(names({ ...notice, type: 'risk.changed', tenant: 'globex' })).toEqual([]);
    expect(names({ ...notice, type: 'policy.stopped' })).toEqual([]);
    expect(names({ ...notice, type: 'call.executed', channels: ['security'] })).toEqual(['security']);
    expect(names({ ...notice, type: 'risk.changed', channels: ['other'] })).toEqual([]);
    expect([channels.has('acme', 'security'), channels.has('globex', 'security')]).toEqual([true, false]);
  });

  it.each([
    ['http elsewhere', one('http://hooks.example/x')],
    ['http to an address of the network', one('http://10.0.0.1/x')],
    ['a name that begins like this machine', one('http://localhost.evil.example/x')],
    ['another protocol', one('file:///etc/passwd')],
    ['a password in the URL', one('https://me:secret@hooks.example/x')],
    ['an event that does not exist', one('https://hooks.example/x', '[risk.nothing]')],
    ['an unknown field', 'tenants: {acme: {security: {url: https://hooks.example/x, header: y}}}'],
    ['no tenants', 'channels: []'],
    ['no YAML', ':\n\t-'],
  ])('with %s are refused', (_, text) => {
    expect(() => load(text)).toThrowError(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('get a secret each that stays, in a file of this user only, and may have one of a person', () => {
    const channels = load(one('http://127.0.0.1:9/x'));
    const channel = channels.all[0];
    if (channel === undefined) throw new Error('no channel');
    const [made] = openSecrets(root, channels)(channel);
    expect(made).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(openSecrets(root, channels)(channel)).toEqual([made]);
    const file = path.join(root, 'notification-secrets.json');
    expect(statSync(file).mode & 0o077).toBe(0);
    const own = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
    writeFileSync(file, JSON.stringify({ 'acme/security': [own, made] }));
    expect(openSecrets(root, channels)(channel)).toEqual([own, made]);
    writeFileSync(file, JSON.stringify({ 'acme/security': 'whsec_c2hvcnQ=' }));
    expect(() => openSecrets(root, channels)).toThrowError(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
