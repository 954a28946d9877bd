/** Secrets of endpoints and credentials do not reach the log, wherever in a logged object they stand. */
import { expect, it } from 'vitest';
import { createProcessLog } from '../../../apps/compose/process-log.ts';

it('writes an object without its secrets, and everything else of it', () => {
  const lines: string[] = [];
  const log = createProcessLog('broker', 'info', undefined, { write: (line: string) => void lines.push(line) });
  const secrets = { password: 'hidden-1', authPassword: 'hidden-2', community: 'hidden-3', privateKey: 'hidden-4' };
  for (const fields of [
    secrets,
    { snmp: secrets },
    { endpoint: { snmp: secrets } },
    { a: { endpoint: { snmp: secrets } } },
  ])
    log.error({ device: 'br1_edge', ...fields }, 'a read failed');
  log.error({ err: Object.assign(new Error('no answer'), { endpoint: { rest: secrets } }) }, 'a read failed');
  expect(lines).toHaveLength(5);
  expect(lines.join('')).not.toContain('hidden');
  expect(lines.join('')).toContain('br1_edge');
  expect(lines.at(-1)).toContain('no answer');
});
