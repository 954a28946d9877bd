/** What begins with a slash in a conversation: going on, beginning anew, and the approver's desk in place. */
import { WayleaveError } from '../../broker/errors.ts';
import { castVote, printApproval, printApprovals } from './commands/approvals.ts';
import type { Cli, Person } from './io.ts';

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

/** By name. `/resume`, `/new`, `/help` and `/quit` belong to the conversation itself. */
export const CHAT_COMMANDS: Readonly<Record<string, ChatCommand>> = {
  '/approvals': {
    form: '/approvals',
    does: 'what waits for people',
    run: (cli, person) => printApprovals(cli, person, 'pending'),
  },
  '/show': {
    form: '/show apr_…',
    does: 'diff, rehearsal, risk and votes of one',
    async run(cli, person, [id]) {
      if (id === undefined) throw missing('/show apr_…');
      return printApproval(cli, person, id);
    },
  },
  '/approve': vote('approve'),
  '/reject': vote('reject'),
};
