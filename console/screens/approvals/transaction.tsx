/** The change as it is carried out: its steps live, device by device, the time in which it must be confirmed, and what came of it. */
import { useEffect, useState } from 'react';
import { readEvents } from '../../api/read-events.ts';
import type { Approval, IntentStep, StepRecord } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import type { Session } from '../../login/session.ts';
import { Icon } from '../../parts/icon.tsx';
import { Countdown, clockTime } from '../../parts/time.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.approvals;
const RECEIPT_MS = 1_500;
const LEVEL = { succeeded: 'cleared', failed: 'critical', reverted: 'major', unknown: 'critical' } as const;

/** Steps of one intent as they come. */
function useSteps(session: Session, intent: string, when: boolean): readonly StepRecord[] {
  const [steps, setSteps] = useState<readonly StepRecord[]>([]);
  useEffect(() => {
    if (!when) return;
    const stop = new AbortController();
    void (async () => {
      for await (const { event, data } of readEvents(await session.broker('/api/events', { signal: stop.signal }))) {
        if (event !== 'step') continue;
        const step: IntentStep = JSON.parse(data);
        if (step.intent === intent) setSteps((before) => [...before, step]);
      }
    })().catch(() => undefined); // the receipt tells in the end what the stream did not
    return () => stop.abort();
  }, [session, intent, when]);
  return steps;
}

export function Transaction({ approval }: { readonly approval: Approval }) {
  const session = useSession();
  const { intent } = approval;
  const [done, setDone] = useState(false);
  const { data: receipt } = useAnswer('/api/intents/{id}', { id: intent.id }, { every: done ? undefined : RECEIPT_MS });
  useEffect(() => setDone(receipt !== undefined), [receipt]);
  const live = useSteps(session, intent.id, !done);
  const steps = receipt?.steps ?? live;
  const devices = [...new Set(steps.map(({ device }) => device))];
  return (
    <section className="transaction" aria-label={text.live} aria-live="polite">
      <h2>{text.live}</h2>
      {steps.length === 0 && receipt === undefined && <p className="quiet">{text.liveWait}</p>}
      {devices.map((device) => (
        <Device
          key={device}
          device={device}
          steps={steps.filter((step) => step.device === device)}
          approval={approval}
          over={receipt !== undefined}
        />
      ))}
      {receipt !== undefined && (
        <div className="receipt">
          <p className={`severity ${LEVEL[receipt.outcome]}`}>
            <Icon name={LEVEL[receipt.outcome]} /> {text.outcome[receipt.outcome]}
          </p>
          <p>{receipt.detail}</p>
          {receipt.prediction !== undefined && (
            <p className="quiet">{text.prediction(receipt.prediction.compared, receipt.prediction.wrong)}</p>
          )}
          <p className="quiet">
            {text.auditEntry} {receipt.auditIndex}
          </p>
        </div>
      )}
    </section>
  );
}

interface DeviceProps {
  readonly device: string;
  readonly steps: readonly StepRecord[];
  readonly approval: Approval;
  readonly over: boolean;
}

function Device({ device, steps, approval, over }: DeviceProps) {
  const confirmed = approval.decision.obligations.find((one) => one.kind === 'confirmed-commit');
  const committed = steps.find(({ step }) => step === 'commit-confirmed');
  const settled = over || steps.some(({ step }) => step === 'confirm' || step === 'rollback');
  return (
    <div className="device-steps">
      <h3 className="mono">{device}</h3>
      <ol className="steps">
        {steps.map(({ step, ok, detail, at }) => (
          <li key={`${step} ${at} ${detail}`} className={ok ? 'good' : 'bad'} title={`${clockTime(at)} ${detail}`}>
            <Icon name={ok ? 'check' : 'cross'} size={12} /> {text.steps[step]}
            {!ok && <span>: {detail}</span>}
          </li>
        ))}
      </ol>
      {committed !== undefined && !settled && confirmed?.kind === 'confirmed-commit' && (
        <p className="severity warning">
          <Icon name="clock" /> {text.confirmIn}{' '}
          <Countdown until={new Date(Date.parse(committed.at) + confirmed.seconds * 1000).toISOString()} />
        </p>
      )}
    </div>
  );
}
