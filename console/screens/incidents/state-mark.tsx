/** How an incident stands, as a word with a colour. */
import type { IncidentState } from '../../api/schema.ts';
import { TEXT } from '../../text.ts';

const LOOK = { open: 'bad', acknowledged: 'wait', resolved: 'good', closed: 'dull' } as const;

export const StateMark = ({ state }: { readonly state: IncidentState }) => (
  <span className={`state ${LOOK[state]}`}>{TEXT.incidents.states[state]}</span>
);
