/** One entry: what it says, and the proof, computed here, that it stands in its place in the signed log. */
import { useEffect, useState } from 'react';
import type { AuditKeys, InclusionProof, StoredAuditEntry } from '../../api/schema.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Failure, Loading } from '../../parts/notice.tsx';
import { exactTime } from '../../parts/time.tsx';
import { Link } from '../../shell/link.tsx';
import { TEXT } from '../../text.ts';
import { followKeys, type Verdict, verifyEntryProof } from '../../verify/verify-proof.ts';
import { describeFailure } from './describe-failure.ts';
import { decisionOf, devicesOf } from './read-entry.ts';

const text = TEXT.audit;

interface EntryPanelProps {
  readonly index: number;
  readonly query: { readonly [name: string]: string };
}

export function EntryPanel({ index, query }: EntryPanelProps) {
  const { data: proof, problem } = useAnswer('/api/audit/proof', { index });
  const { data: keys } = useAnswer('/api/audit/keys');
  const shown = readEntry(proof);
  return (
    <aside className="entry" aria-label={text.entry(index)}>
      <h2>
        {text.entry(index)}
        <Link screen="audit" query={query} aria-label={TEXT.shell.close} className="close">
          <Icon name="cross" />
        </Link>
      </h2>
      {problem !== undefined && <Failure problem={problem} />}
      {proof === undefined && problem === undefined && <Loading />}
      {shown !== undefined && <Facts entry={shown} />}
      {proof !== undefined && keys !== undefined && <Proof key={proof.checkpoint} proof={proof} keys={keys} />}
    </aside>
  );
}

/** Exactly what was hashed is what is shown. */
function readEntry(proof: InclusionProof | undefined): StoredAuditEntry | undefined {
  try {
    return proof === undefined ? undefined : JSON.parse(proof.entry);
  } catch {
    return undefined; // the proof fails as well, and says so
  }
}

function Facts({ entry }: { readonly entry: StoredAuditEntry }) {
  const { at, kind, human, agent, tool, intent, session, content } = entry;
  const rows: readonly (readonly [string, string | undefined])[] = [
    [text.columns.at, exactTime(at)],
    [text.columns.kind, kind],
    [text.human, human],
    [text.agent, agent],
    [text.tool, tool],
    [text.device, devicesOf(entry).join(', ')],
    [text.decision, decisionOf(entry)],
    [text.session, session],
    [text.intent, intent],
  ];
  return (
    <>
      <dl className="facts">
        {rows.map(([name, value]) =>
          value === undefined || value === '' ? null : (
            <div key={name} className="fact">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      {intent !== undefined && (
        <p>
          <Link screen="audit" query={{ intent }}>
            {text.sameIntent}
          </Link>
        </p>
      )}
      <h3>{text.content}</h3>
      <pre className="content-json">{JSON.stringify(content, undefined, 2)}</pre>
    </>
  );
}

function Proof({ proof, keys }: { readonly proof: InclusionProof; readonly keys: AuditKeys }) {
  const [verdict, setVerdict] = useState<Verdict>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    let over = false;
    void (async () => {
      try {
        const found = await verifyEntryProof(proof, await followKeys([keys.first], keys.handovers));
        if (!over) setVerdict(found);
      } catch (error) {
        if (!over) setFailure(describeFailure(error));
      }
    })();
    return () => {
      over = true;
    };
  }, [proof, keys]);
  if (failure !== undefined) return <p className="severity warning wraps">{failure}</p>;
  if (verdict === undefined) return <p className="quiet">{text.proving}</p>;
  const { leaf, head, problem } = verdict;
  const level = problem === undefined ? 'cleared' : 'critical';
  return (
    <section className={`proof ${level}`} aria-label={text.proof}>
      <h3>{text.proof}</h3>
      <p className={`severity ${level} wraps`}>
        <Icon name={level} /> {problem === undefined ? text.proven(head?.size ?? 0) : `${text.notProven}: ${problem}`}
      </p>
      <ol className="hashes">
        <li>
          {text.leaf} <code>{leaf}</code>
        </li>
        <li>
          <details>
            <summary>{text.path(proof.hashes.length)}</summary>
            {proof.hashes.map((hash) => (
              <code key={hash}>{hash}</code>
            ))}
          </details>
        </li>
        {head !== undefined && (
          <>
            <li>
              {text.root} <code>{head.root}</code>
            </li>
            <li>
              {text.signedBy} <code>{head.by}</code>
            </li>
          </>
        )}
      </ol>
      <p className="quiet">{text.keyHint}</p>
    </section>
  );
}
