/** At the very end: the policy referee of every broker dies. No change is decided from then on, and people hear why. */
import { readFileSync } from 'node:fs';
import { WayleaveError } from '../../broker/errors.ts';
import { descendantsOf } from '../processes/proc.ts';
import { type CheckOptions, readLog } from './check.ts';
import { Someone } from './load.ts';
import type { Check } from './report.ts';

export async function loseReferees(options: Pick<CheckOptions, 'installation' | 'config' | 'brokers'>): Promise<Check> {
  const { installation, config, brokers } = options;
  const before = await readLog(config);
  const processes = Object.entries(installation.children).filter(([name]) => name.startsWith('broker'));
  const referees = processes.flatMap(([, { pid }]) => descendantsOf(pid).filter(isReferee));
  for (const pid of referees) process.kill(pid, 'SIGKILL');
  const codes: string[] = [];
  for (const at of brokers().keys()) {
    const operator = new Someone({ home: config.home, brokers }, 'operator@acme', at);
    const change = {
      ...{ target: { devices: ['br1_edge'] }, purpose: 'chat:unjudged' },
      input: { interface: 'ge0/0', description: 'nobody judged this' },
    };
    codes.push(
      await operator.call('wan', 'interface.set-description', change).then(
        ({ status }) => status,
        (error: unknown) => (error instanceof WayleaveError ? error.code : String(error)),
      ),
    );
  }
  const after = await readLog(config);
  const executed = after.entries.slice(before.size).filter(({ kind }) => kind === 'execute').length;
  return {
    what: 'without a policy referee every change is denied, none is executed, and the log has it and verifies',
    ok:
      referees.length === processes.length &&
      codes.every((code) => code === 'DENIED') &&
      executed === 0 &&
      after.verified &&
      after.size > before.size,
    found: `${referees.length} killed; ${codes.join(', ')}; ${after.size - before.size} further entries, ${executed} executions`,
  };
}

const isReferee = (pid: number): boolean => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('referee');
