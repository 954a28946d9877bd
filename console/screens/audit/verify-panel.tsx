/** Verifying the whole log in the browser: an export from a file or from the broker, with the keys and checkpoints that one keeps. */
import { useId, useRef, useState } from 'react';
import { useSession } from '../../api/session-context.ts';
import { Icon } from '../../parts/icon.tsx';
import { Words } from '../../parts/words.tsx';
import { Link } from '../../shell/link.tsx';
import { VERIFY } from '../../text/verify.ts';
import { TEXT } from '../../text.ts';
import { type Verification, verifyExport } from '../../verify/verify-export.ts';
import { describeFailure } from './describe-failure.ts';

const text = TEXT.audit;
const EXPORT = '/api/audit/export';
const MEGABYTE = 1_000_000;
const LISTED = 100;

type State =
  | { readonly now: 'idle' }
  | { readonly now: 'busy'; readonly bytes: number; readonly entries: number }
  | { readonly now: 'done'; readonly found: Verification; readonly trusted: boolean }
  | { readonly now: 'failed'; readonly why: string };

export function VerifyPanel() {
  const session = useSession();
  const field = useId();
  const [keys, setKeys] = useState('');
  const [anchor, setAnchor] = useState('');
  const [state, setState] = useState<State>({ now: 'idle' });
  const stop = useRef<AbortController>(undefined);

  const verify = async (open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array> | null>): Promise<void> => {
    stop.current?.abort();
    const mine = new AbortController();
    stop.current = mine;
    const publicKeys = keys.split(/\s+/).filter((key) => key !== '');
    const trusted = publicKeys.length > 0;
    const anchors = anchor.trim() === '' ? [] : [`${anchor.trim()}\n`];
    const tell = (next: State): void => {
      if (stop.current === mine) setState(next);
    };
    tell({ now: 'busy', bytes: 0, entries: 0 });
    try {
      const bytes = await open(mine.signal);
      const progress = (read: number, entries: number): void => tell({ now: 'busy', bytes: read, entries });
      const options = { anchors, ...(trusted ? { publicKeys } : {}) };
      const found = await verifyExport(bytes ?? new Blob([]).stream(), options, { progress, signal: mine.signal });
      tell({ now: 'done', found, trusted });
    } catch (error) {
      tell({ now: 'failed', why: describeFailure(error) });
    }
  };
  const download = async (): Promise<void> => {
    try {
      const url = URL.createObjectURL(await (await session.broker(EXPORT)).blob());
      const link = document.createElement('a');
      link.href = url;
      link.download = `wayleave-audit-${session.tenant}.ndjson`;
      link.click();
      URL.revokeObjectURL(url);
    } catch (error) {
      setState({ now: 'failed', why: describeFailure(error) });
    }
  };
  const busy = state.now === 'busy';
  return (
    <section className="verify" aria-label={text.verifyTitle}>
      <p>
        <Link screen="audit">{text.back}</Link>
      </p>
      <h1>{text.verifyTitle}</h1>
      <p className="quiet">{text.verifyLead}</p>
      <label htmlFor={`${field}k`}>{text.key}</label>
      <textarea
        id={`${field}k`}
        className="mono"
        rows={2}
        spellCheck={false}
        value={keys}
        placeholder={text.keyPlaceholder}
        onChange={(event) => setKeys(event.target.value)}
      />
      <label htmlFor={`${field}a`}>{text.anchor}</label>
      <textarea
        id={`${field}a`}
        className="mono"
        rows={3}
        spellCheck={false}
        value={anchor}
        placeholder={text.anchorPlaceholder}
        onChange={(event) => setAnchor(event.target.value)}
      />
      <label htmlFor={`${field}f`}>{text.file}</label>
      <input
        id={`${field}f`}
        type="file"
        disabled={busy}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) void verify(() => Promise.resolve(file.stream()));
          event.target.value = ''; // the same file, changed since, is a file to verify
        }}
      />
      <p className="buttons">
        <button
          type="button"
          disabled={busy}
          onClick={() => void verify(async (signal) => (await session.broker(EXPORT, { signal })).body)}
        >
          <Icon name="check" /> {text.orBroker}
        </button>
        <button type="button" disabled={busy} onClick={() => void download()}>
          {text.download}
        </button>
        {busy && (
          <button type="button" onClick={() => stop.current?.abort()}>
            <Icon name="stop" /> {text.stop}
          </button>
        )}
      </p>
      <div aria-live="polite">
        {state.now === 'busy' && (
          <p className="quiet">{text.progress((state.bytes / MEGABYTE).toFixed(1), state.entries)}</p>
        )}
        {state.now === 'failed' && (
          <div className="failure" role="alert">
            <Icon name="warning" size={20} />
            <div>
              <strong>{text.unread}</strong>
              <p>{state.why}</p>
            </div>
          </div>
        )}
        {state.now === 'done' && <Result {...state} />}
      </div>
    </section>
  );
}

function Result({ found, trusted }: { readonly found: Verification; readonly trusted: boolean }) {
  const { ok, size, hashOnly, problems } = found;
  const level = ok ? 'cleared' : 'critical';
  const other = problems.some(({ what }) => what === VERIFY.head || what === VERIFY.empty);
  return (
    <div className={`proof ${level}`}>
      <p className={`severity ${level} wraps`}>
        <Icon name={level} size={18} /> {ok ? text.good(size) : other ? text.noExport : text.bad}
      </p>
      {!ok && (
        <p>
          <Words text={other ? text.noExportHint : text.badHint} />
        </p>
      )}
      <ol className="faults">
        {problems.map(({ index, what }) => (
          <li key={`${index} ${what}`}>
            {index !== undefined && <b>{text.at(index)}: </b>}
            {what}
          </li>
        ))}
      </ol>
      {problems.length === LISTED && <p className="quiet">{text.moreFaults}</p>}
      {hashOnly !== undefined && <p className="quiet">{text.hashOnly(hashOnly)}</p>}
      {ok && <p className="quiet">{trusted ? text.trusted : text.selfTrust}</p>}
    </div>
  );
}
