/** How an approval stands, as a word with a colour. */
import type { Approval } from '../../api/schema.ts';
import { TEXT } from '../../text.ts';

const LOOK = {
  pending: 'wait',
  approved: 'good',
  consumed: 'good',
  rejected: 'bad',
  expired: 'dull',
  void: 'dull',
} as const;

export const StatusMark = ({ status }: { readonly status: Approval['status'] }) => (
  <span className={`state ${LOOK[status]}`}>{TEXT.approvals.statuses[status]}</span>
);
