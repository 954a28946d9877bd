/** Which causes a change of ours can mend: a repair rate counts only cases that people could have expected to be repaired. */
import { REMEDIES } from '../../agents/troubleshooter/remedies.ts';
import type { Pair, ReplayCase } from './case.ts';

/** Why the repair rate leaves the case out; undefined when a change of ours can mend all its causes, and people let it. */
export function whyNoRepair({
  through,
  repair,
  script,
  expect,
}: Pick<ReplayCase, 'through' | 'repair' | 'script' | 'expect'>): string | undefined {
  if (expect.causes.length === 0) return 'nothing is broken';
  if (through === 'engine') return 'the engine alone repairs nothing';
  if (repair !== 'approve') return 'nobody approves';
  if (script.length > 0) return 'people change things themselves';
  return expect.causes.flatMap((cause) => whyNotOurs(cause) ?? [])[0];
}

function whyNotOurs({ fault_type: type }: Pair): string | undefined {
  const remedy = REMEDIES[type];
  if (remedy === undefined) return `${type}: there is no remedy`;
  if (remedy.kind === 'ask') return `${type}: ask ${remedy.who} to ${remedy.says}`;
  return remedy.kind === 'nothing' ? `${type} is nobody's fault` : undefined;
}
