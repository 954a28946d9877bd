/** One question and everything that came of it. */
import type { ChatEvent } from '../../api/schema.ts';
import { Icon } from '../../parts/icon.tsx';
import { Ago } from '../../parts/time.tsx';
import { Words } from '../../parts/words.tsx';
import { TEXT } from '../../text.ts';
import { Calls } from './calls.tsx';
import { CitedText } from './cited-text.tsx';
import { FindingCard } from './finding-card.tsx';
import type { TurnView } from './group-turns.ts';
import { OutcomeCard, PendingCard, ProposalCard } from './intent-cards.tsx';

const text = TEXT.chat;

interface TurnProps {
  readonly turn: TurnView;
  readonly thread: string;
  readonly running: boolean;
}

export function Turn({ turn, thread, running }: TurnProps) {
  const last = turn.parts.at(-1);
  const doing = last?.kind === 'calls' ? last.calls.at(-1)?.tool : undefined;
  return (
    <article className="turn">
      <h2 className="question">
        <span className="unseen">{text.question}: </span>
        {turn.question}
        {turn.at !== undefined && (
          <small className="quiet">
            <Ago at={turn.at} />
          </small>
        )}
      </h2>
      {turn.parts.map((part) =>
        part.kind === 'calls' ? (
          <Calls key={part.key} calls={part.calls} running={running && part === last} />
        ) : (
          <Event key={part.key} event={part.event} thread={thread} />
        ),
      )}
      {running && (
        <p className="working" role="status">
          <span className="dots" aria-hidden="true" /> {text.working(doing ?? text.thinking)}
        </p>
      )}
    </article>
  );
}

function Event({ event, thread }: { readonly event: ChatEvent; readonly thread: string }) {
  switch (event.type) {
    case 'route':
      return (
        <p className="route quiet">
          <Icon name="right" size={12} /> {text.routed[event.agent]}
          {event.about.length > 0 && ` · ${event.about.join(', ')}`}
        </p>
      );
    case 'finding':
      return <FindingCard finding={event} thread={thread} />;
    case 'proposal':
      return <ProposalCard proposal={event} />;
    case 'pending':
      return <PendingCard pending={event} />;
    case 'outcome':
      return <OutcomeCard outcome={event} />;
    case 'text':
      return <CitedText text={event.text} thread={thread} />;
    case 'error':
      return (
        <p className="said-error" role="alert">
          <Icon name="warning" />
          <span>
            <b>{event.message}</b> <Words text={event.hint} /> <code>{event.code}</code>
          </span>
        </p>
      );
    default:
      return null;
  }
}
