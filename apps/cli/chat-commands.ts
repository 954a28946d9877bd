/** What begins with a slash in a conversation: going on, beginning anew, and the approver's desk in place. */
import { WayleaveError } from '../../broker/errors.ts';
import { castVote, printApproval, printApprovals } from './commands/approvals.ts';
import { printIncident } from './commands/incident-report.ts';
import type { Cli, Person } from './io.ts';
import { printRows } from './render/print-rows.ts';

export interface ChatCommand {
  /** As typed, with what follows it. */
  readonly form: string;
  readonly does: string;
  /** `words` are what follows; throws `USAGE` when something is missing. */
  readonly run: (cli: Cli, person: Person, words: readonly string[]) => Promise<number>;
}

const missing = (form: string): WayleaveError => new WayleaveError('USAGE', `Write ${form}.`);

const vote = (verdict: 'approve' | 'reject'): ChatCommand => {
  const form = `/${verdict} apr_… why`;
  return {
    form,
    does: `${verdict} exactly that change; the reason is kept in the audit log`,
    async run(cli, person, [id, ...why]) {
      if (id === undefined || why.length === 0) throw missing(form);
      return castVote(cli, person, verdict, id, why.join(' '));
    },
  };
};

/** What a statement cites: what was seen, where, when, and by whom. */
async function printRecord(cli: Cli, { control }: Person, id: string): Promise<number> {
  const record = await control.evidence(id);
  if (cli.json) cli.emit(record);
  else {
    const { resource, signal, value, observedAt, source } = record;
    printRows(
      cli,
      [record],
      ['RECORD', 'RESOURCE', 'SIGNAL', 'OBSERVED AT', 'SOURCE', 'VALUE'],
      [[id, resource, signal, observedAt, source, String(value)]],
    );
  }
  return 0;
}

/** By name. `/resume`, `/new`, `/help` and `/quit` belong to the conversation itself. */
export const CHAT_COMMANDS: Readonly<Record<string, ChatCommand>> = {
  '/approvals': {
    form: '/approvals',
    does: 'what waits for people',
    run: (cli, person) => printApprovals(cli, person, 'pending'),
  },
  '/show': {
    form: '/show apr_…',
    does: 'diff, rehearsal and votes of an approval; also an incident (inc_…) or a record (evd_…)',
    async run(cli, person, [id]) {
      if (id === undefined) throw missing('/show apr_…');
      if (id.startsWith('inc_')) return printIncident(cli, person, id);
      return id.startsWith('evd_') ? printRecord(cli, person, id) : printApproval(cli, person, id);
    },
  },
  '/approve': vote('approve'),
  '/reject': vote('reject'),
};
