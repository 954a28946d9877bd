/** Who may let changes go on, and what the log then has. */
import { expect, it } from 'vitest';
import { createBrake } from '../../../broker/policy/brake.ts';
import { releaseBrake } from '../../../broker/policy/release-brake.ts';
import type { AuditEntry, AuditLog } from '../../../broker/ports.ts';
import { subject } from './example-tools.ts';

function bench(broken = false) {
  const entries: AuditEntry[] = [];
  const brake = createBrake();
  const append = async (entry: AuditEntry): Promise<number> => {
    if (broken) throw new Error('the disk is full');
    return entries.push(entry);
  };
  const audit: Pick<AuditLog, 'append'> = { append };
  return { entries, brake, deps: { brake, audit, clock: { now: () => 0 } } };
}
const admin = subject({ human: 'provider@acme', roles: ['provider-admin'] });

it('is an administrator, and the log has why changes were stopped and what was found out', async () => {
  const { entries, brake, deps } = bench();
  brake.pull('the two policy evaluators disagree');
  brake.pull('something later');
  for (const nobody of [subject(), subject({ human: 'admin@acme', roles: ['tenant-admin'] })])
    await expect(releaseBrake(deps, nobody, 'looked')).rejects.toMatchObject({ code: 'DENIED' });
  expect(brake.reason()).toBe('the two policy evaluators disagree');
  expect(await releaseBrake(deps, admin, 'looked')).toBe('the two policy evaluators disagree');
  expect(brake.reason()).toBeUndefined();
  expect(entries).toMatchObject([
    {
      kind: 'policy.resumed',
      human: 'provider@acme',
      content: { why: 'the two policy evaluators disagree', reason: 'looked' },
    },
  ]);
  await expect(releaseBrake(deps, admin, 'looked')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('is nobody while the log cannot take it', async () => {
  const { brake, deps } = bench(true);
  brake.pull('why');
  await expect(releaseBrake(deps, admin, 'looked')).rejects.toThrow('disk');
  expect(brake.reason()).toBe('why');
});
