/** Warnings of devices in the log: each once in a while, and few of a device that has many. */
import { expect, it } from 'vitest';
import { createWarningRecord } from '../../../broker/audit/record-warnings.ts';
import type { AuditEntry } from '../../../broker/ports.ts';

function setUp(fail = false) {
  const clock = { at: 0, now: () => clock.at };
  const entries: AuditEntry[] = [];
  const errors: unknown[] = [];
  const warn = createWarningRecord({
    clock,
    record: async (entry) => {
      if (fail) throw new Error('the log is down');
      entries.push(entry);
    },
    log: { error: (fields) => void errors.push(fields) },
  });
  return { clock, entries, errors, warn };
}
const WARNING = { tenant: 'acme', device: 'br1_edge', tag: 'partial-operation', message: 'the flash is nearly full' };

it('writes the same warning once in an hour', () => {
  const { warn, entries, clock } = setUp();
  for (const at of [0, 1, 3_599_999, 3_600_000]) {
    clock.at = at;
    warn(WARNING);
  }
  warn({ ...WARNING, tenant: 'globex' });
  expect(entries.map(({ at, tenant }) => `${tenant} ${at}`)).toEqual([
    'acme 1970-01-01T00:00:00.000Z',
    'acme 1970-01-01T01:00:00.000Z',
    'globex 1970-01-01T01:00:00.000Z',
  ]);
  expect(entries[0]).toMatchObject({
    kind: 'device.warning',
    content: { device: 'br1_edge', tag: 'partial-operation', message: 'the flash is nearly full' },
  });
});

it('does not let one device fill the log', () => {
  const { warn, entries } = setUp();
  for (let n = 0; n < 1_000; n += 1) warn({ ...WARNING, message: `warning ${n}` });
  expect(entries).toHaveLength(21);
  expect(entries.at(-1)?.content).toMatchObject({ tag: 'more' });
});

it('says so when the log does not take it', async () => {
  const { warn, errors } = setUp(true);
  warn(WARNING);
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toHaveLength(1);
});
