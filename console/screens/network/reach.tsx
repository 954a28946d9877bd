/** What one change can hurt, as it was rehearsed, where it lies on the map. */
import { useMemo } from 'react';
import type { Approval } from '../../api/schema.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Failure } from '../../parts/notice.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.network;

export interface Reach {
  readonly approval: Approval;
  /** Sites that the rehearsal names. Without one nobody knows more than the devices that are changed. */
  readonly sites: ReadonlySet<string>;
  readonly devices: ReadonlySet<string>;
}

/** `change` is the id of an approval; undefined asks nothing. */
export function useReach(change: string | undefined) {
  const { data: approval, problem } = useAnswer('/api/approvals/{id}', { id: change }, { when: change !== undefined });
  const reach = useMemo<Reach | undefined>(() => {
    if (approval === undefined) return undefined;
    const { devices = [], sites = [] } = approval.rehearsal?.blastRadius ?? {};
    return { approval, sites: new Set(sites), devices: new Set([...devices, ...approval.intent.target.devices]) };
  }, [approval]);
  return { reach, problem };
}

interface ReachNoteProps {
  readonly found: ReturnType<typeof useReach>;
  /** How many sites are left in sight. */
  readonly sites: number;
  /** What the address says otherwise. */
  readonly rest: readonly string[];
  readonly query: { readonly [name: string]: string | undefined };
}

export function ReachNote({ found: { reach, problem }, sites, rest, query }: ReachNoteProps) {
  if (problem !== undefined) return <Failure problem={problem} />;
  if (reach === undefined) return null;
  const { id, intent, rehearsal } = reach.approval;
  return (
    <p className="reach" role="status">
      <b>
        {text.reach(intent.tool, intent.target.devices.join(', '))} {text.sites(sites)}
      </b>{' '}
      {rehearsal === undefined && <span>{text.reachUnknown}</span>}
      <Link screen="approvals" rest={[id]}>
        {text.reachOpen}
      </Link>
      <Link screen="network" rest={rest} query={{ ...query, change: undefined }}>
        {text.reachClose}
      </Link>
    </p>
  );
}
