/** The scheduled work that looks at no device: the checkpoint of the audit log, and the retention of telemetry. One intent a run. */
import type { Answer, CallArguments, Domain, Evidence } from '../broker/contract.ts';
import { toProblem } from './broker-port.ts';

interface Errand {
  readonly calls: () => number;
  call(domain: Domain, tool: string, args: CallArguments): Promise<Answer>;
}

interface Kept {
  readonly calls: number;
  readonly said: string;
  readonly findings: readonly string[];
  readonly unread: readonly string[];
  readonly failure?: { readonly code: string; readonly message: string };
}

/** All that telemetry has a beginning before; the window is of no matter for its retention. */
const WINDOW = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };

/** Never throws: what the broker refuses is the outcome. */
export async function keepRecords(errand: Errand, schedule: string, work: 'checkpoint' | 'retention'): Promise<Kept> {
  const ask = (domain: Domain, tool: string, input: CallArguments['input']): Promise<Answer> =>
    errand.call(domain, tool, { input, purpose: schedule });
  try {
    const answer =
      work === 'checkpoint'
        ? await ask('compliance', 'audit.read', { last: 1, checkpoint: true })
        : await ask('diagnostics', 'telemetry.read', { kind: 'retention', resource: 'network', ...WINDOW });
    const evidence = answer.status === 'done' ? answer.evidence : [];
    const { said, findings } = work === 'checkpoint' ? tellCheckpoint(evidence) : tellRetention(evidence);
    return { calls: errand.calls(), said, findings, unread: [] };
  } catch (error) {
    const { code, message } = toProblem(error);
    return { calls: errand.calls(), said: '', findings: [], unread: [], failure: { code, message } };
  }
}

const told = (evidence: readonly Evidence[], signal: string): Evidence['value'] | undefined =>
  evidence.find((one) => one.signal === signal)?.value;

function tellCheckpoint(evidence: readonly Evidence[]): Pick<Kept, 'said' | 'findings'> {
  const of = (name: string): Evidence['value'] | undefined => told(evidence, `audit.checkpoint.${name}`);
  const witnessed = of('witnessed') === true;
  const record = evidence.find(({ signal }) => signal === 'audit.checkpoint.note')?.id ?? '';
  const said = `${of('size')} entries, root ${of('root')}, ${witnessed ? 'countersigned by the witness' : 'NOT countersigned'}; kept as ${record}`;
  return {
    said,
    findings: witnessed ? [] : ['The newest checkpoint of the audit log is not countersigned by the witness.'],
  };
}

function tellRetention(evidence: readonly Evidence[]): Pick<Kept, 'said' | 'findings'> {
  const of = (name: string): Evidence['value'] | undefined => told(evidence, `telemetry.${name}`);
  const said = `Readings and events are kept for ${of('days')} days, hours for ${of('hourlyDays')}. Summarised ${of('summarised')} hours, dropped ${of('dropped')} partitions and ${of('deleted')} rows.`;
  return { said, findings: [] };
}
