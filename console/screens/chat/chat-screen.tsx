/** Chat: one's conversations, the one at hand with all that agents did, and the evidence that a claim rests on. */
import { type UIEvent, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useSession } from '../../api/session-context.ts';
import { useAnswer } from '../../api/use-answer.ts';
import { Icon } from '../../parts/icon.tsx';
import { Empty, Failure, Loading } from '../../parts/notice.tsx';
import { Ago } from '../../parts/time.tsx';
import { useKeys } from '../../shell/keys.ts';
import { Link } from '../../shell/link.tsx';
import { goTo, toPath } from '../../shell/route.ts';
import type { ScreenProps } from '../../shell/screens.ts';
import { TEXT } from '../../text.ts';
import { Composer } from './composer.tsx';
import { type Conversation, openConversation } from './conversation.ts';
import { EvidencePanel } from './evidence-panel.tsx';
import { groupTurns } from './group-turns.ts';
import { Turn } from './turn.tsx';
import './chat.css';

const text = TEXT.chat;
/** How often it is asked whether people have decided, in milliseconds. */
const DECIDED_MS = 2_000;
/** Pixels from the end at which one counts as being there. */
const NEAR_END = 120;

export default function ChatScreen({ place }: ScreenProps) {
  const session = useSession();
  const [thread = ''] = place.rest;
  const [current, setCurrent] = useState<Conversation>();
  // A new conversation gets its name while it streams: it stays the same one.
  const conversation = useMemo(() => {
    if (current !== undefined && current.thread === thread) return current;
    return openConversation(session, thread, (name) => goTo(toPath(session.tenant, 'chat', [name]), { replace: true }));
  }, [session, thread, current]);
  useEffect(() => setCurrent(conversation), [conversation]);
  return (
    <div className={`chat ${place.query.has('evidence') ? 'with-evidence' : ''}`}>
      <Threads current={thread} />
      <Talk conversation={conversation} />
      <EvidencePanel id={place.query.get('evidence') ?? undefined} thread={thread} />
    </div>
  );
}

function Threads({ current }: { readonly current: string }) {
  const { data, problem } = useAnswer('/threads');
  return (
    <aside className="threads" aria-label={text.threads}>
      <Link screen="chat" className="new-thread">
        <Icon name="plus" /> {text.newThread}
      </Link>
      {problem !== undefined && data === undefined && <p className="quiet">{problem.message}</p>}
      {data?.threads.length === 0 && <p className="quiet">{text.noThreads}</p>}
      <ul>
        {(data?.threads ?? []).map(({ thread, title, askedAt, running }) => (
          <li key={thread}>
            <Link screen="chat" rest={[thread]} aria-current={thread === current ? 'page' : undefined}>
              <span>{title}</span>
              <small className="quiet">{running ? text.working(text.thinking) : <Ago at={askedAt} />}</small>
            </Link>
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Talk({ conversation }: { readonly conversation: Conversation }) {
  const talk = useSyncExternalStore(conversation.subscribe, conversation.get);
  const { tenant } = useSession();
  const field = useRef<HTMLTextAreaElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const running = talk.status === 'running';
  const turns = groupTurns(talk.turns, talk.events);

  useKeys(
    TEXT.screens.chat,
    useMemo(
      () => [
        { keys: 'i', does: text.keyAsk, run: () => field.current?.focus() },
        { keys: 'n', does: text.keyNew, run: () => goTo(toPath(tenant, 'chat')) },
        { keys: 's', does: text.keyStop, run: () => void conversation.stop() },
      ],
      [conversation, tenant],
    ),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation begins at its end
  useEffect(() => {
    atEnd.current = true;
  }, [conversation]);
  // Only who was at the end before is taken along, however tall a card is that comes.
  const count = talk.events.length + talk.turns.length;
  useEffect(() => {
    if (count > 0 && atEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [count]);
  const ask = (question: string): void => {
    atEnd.current = true;
    void conversation.ask(question);
  };
  const look = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent): void => {
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
  };

  return (
    <section className="talk" aria-label={TEXT.screens.chat}>
      <div ref={box} className="turns" aria-live="polite" aria-busy={running} onScroll={look}>
        {talk.status === 'loading' && <Loading />}
        {turns.length === 0 && talk.status === 'idle' && talk.problem === undefined && (
          <Empty icon="chat" title={text.empty}>
            <p>{text.emptyHint}</p>
            <div className="examples">
              {text.examples.map((example) => (
                <button key={example} type="button" onClick={() => ask(example)}>
                  {example}
                </button>
              ))}
            </div>
          </Empty>
        )}
        {turns.map((turn, index) => (
          <Turn
            key={turn.key}
            turn={turn}
            thread={conversation.thread}
            running={running && index === turns.length - 1}
          />
        ))}
        {talk.problem !== undefined && <Failure problem={talk.problem} retry={() => void conversation.load()} />}
        {talk.unsent !== undefined && (
          <p className="interrupted">
            {text.unsent(talk.unsent)}
            <button type="button" onClick={() => ask(talk.unsent ?? '')}>
              {text.askAgain}
            </button>
          </p>
        )}
        {talk.status === 'interrupted' && (
          <p className="interrupted">
            {text.interrupted}
            <button type="button" onClick={() => void conversation.resume()}>
              {text.resume}
            </button>
          </p>
        )}
        {talk.status === 'waiting' &&
          talk.approvals.map((id) => <Decision key={id} id={id} conversation={conversation} />)}
      </div>
      <Composer field={field} running={running} ask={ask} stop={() => void conversation.stop()} />
    </section>
  );
}

/** Watches an approval that the run waits for, and has it go on when people have decided; its card draws how it stands. */
function Decision({ id, conversation }: { readonly id: string; readonly conversation: Conversation }) {
  const { data: approval } = useAnswer('/api/approvals/{id}', { id }, { every: DECIDED_MS });
  const decided = approval !== undefined && approval.status !== 'pending';
  useEffect(() => {
    if (decided) void conversation.follow(id);
  }, [decided, conversation, id]);
  return null;
}
