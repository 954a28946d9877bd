/** The readable form of obligations and how several policies' obligations become one set. */
import { describe, expect, it } from 'vitest';
import { parseObligations, uniteObligations } from '../../../broker/policy/obligations.ts';

describe('parseObligations', () => {
  it('reads every kind', () => {
    const text =
      '2 approvals by provider-admin, rehearse, confirmed-commit 120, limit 3 devices, change-window night, step-up, redact key, notify security';
    expect(parseObligations(text)).toEqual([
      { kind: 'require-approval', count: 2, role: 'provider-admin' },
      { kind: 'rehearse' },
      { kind: 'confirmed-commit', seconds: 120 },
      { kind: 'limit', devices: 3 },
      { kind: 'change-window', name: 'night' },
      { kind: 'step-up' },
      { kind: 'redact', fields: ['key'] },
      { kind: 'notify', channel: 'security' },
    ]);
  });

  it.each([
    '',
    'rehearse,',
    'Rehearse',
    '0 approvals by tenant-admin',
    '1 approval by root',
    'confirmed-commit',
    'limit 0 devices',
    'dance',
  ])('refuses %j', (text) => {
    expect(() => parseObligations(text)).toThrow(/unknown obligation/);
  });
});

describe('uniteObligations', () => {
  const unite = (...texts: readonly string[]) => uniteObligations(texts.flatMap((text) => [...parseObligations(text)]));

  it('keeps the strictest of each kind', () => {
    const strict = '2 approvals by tenant-admin, confirmed-commit 60, limit 1 device, rehearse';
    const lax = '1 approval by tenant-admin, confirmed-commit 120, limit 5 devices, rehearse';
    expect(unite(strict, lax)).toEqual(unite(strict));
    expect(unite(lax, strict)).toEqual(unite(strict));
    expect(unite('redact a', 'redact b', 'redact a')).toHaveLength(2);
  });

  it('does not choose between two approvers', () => {
    expect(() => unite('1 approval by tenant-admin', '1 approval by provider-admin')).toThrow(/two approvers/);
  });
});
