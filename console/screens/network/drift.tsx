/** Where the devices of a site run another configuration than the controller intends: compared now, on demand, through the broker. */
import { useState } from 'react';
import { callTool } from '../../api/call-tool.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import type { Evidence } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { Cut } from '../../parts/cut.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Failure } from '../../parts/notice.tsx';
import { Ago } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.network;

export function Drift({ devices }: { readonly devices: readonly string[] }) {
  const session = useSession();
  const [found, setFound] = useState<readonly Evidence[]>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const compare = async (): Promise<void> => {
    setBusy(true);
    try {
      setFound(await callTool(session, { tool: 'config.diff', devices }));
      setProblem(undefined);
    } catch (error) {
      setProblem(toProblem(error));
    }
    setBusy(false);
  };
  return (
    <section className="drift" aria-label={text.drift}>
      <h3>
        {text.drift}
        <button type="button" disabled={busy} onClick={() => void compare()}>
          {busy ? text.comparing : text.compare}
        </button>
      </h3>
      {problem !== undefined && <Failure problem={problem} />}
      {found === undefined && problem === undefined && <p className="quiet">{text.driftHint}</p>}
      {found?.length === 0 && <p className="quiet">{text.driftUnknown}</p>}
      {found
        ?.filter(({ signal }) => signal === 'cfg.sync')
        .map(({ id, resource, value, collectedAt }) => (
          <div key={id}>
            <p className={`line-state ${value === 'in-sync' ? 'cleared' : 'major'}`}>
              <Icon name={value === 'in-sync' ? 'check' : 'major'} size={13} />{' '}
              <span className="mono">{resource.split('/')[1]}</span> {value === 'in-sync' ? text.inSync : text.drifted}{' '}
              <small className="quiet">
                <Ago at={collectedAt} />
              </small>
            </p>
            <ul className="drift-leaves">
              {found
                .filter((one) => one.signal === 'cfg.diff' && one.resource === resource)
                .map((one) => (
                  <li key={one.id} className="mono">
                    <Cut text={String(one.value)} />
                  </li>
                ))}
            </ul>
          </div>
        ))}
    </section>
  );
}
