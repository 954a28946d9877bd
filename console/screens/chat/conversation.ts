/** One conversation as it is shown: loaded, streamed, followed again after a lost connection or a reload, stopped and resumed. */
import { agentsConnection, connection } from '../../api/connection.ts';
import { type Problem, toProblem } from '../../api/problem.ts';
import { readEvents } from '../../api/read-events.ts';
import type { AskedTurn, ChatEvent, Shown } from '../../api/schema.ts';
import { refresh } from '../../api/use-answer.ts';
import type { Session } from '../../login/session.ts';

export interface Talk {
  readonly status: Shown['status'] | 'loading';
  /** Those that a waiting run waits for. */
  readonly approvals: readonly string[];
  readonly turns: readonly AskedTurn[];
  readonly events: readonly ChatEvent[];
  readonly problem?: Problem;
  /** A question that nobody answered: it may not have arrived. */
  readonly unsent?: string;
}

const NOTHING: Talk = { status: 'idle', approvals: [], turns: [], events: [] };
/** Events of the conversation, as against those only said to who was there. */
const isKept = ({ id }: { readonly id: string }): boolean => /^e\d{6}$/.test(id);

export class Conversation {
  /** Empty until the first question was taken. */
  thread: string;
  talk: Talk;
  private readonly session: Session;
  private readonly listeners = new Set<() => void>();
  private streaming = false;
  /** Approvals with whose decision the run went on: one that the agents leave open all the same is not gone on with again. */
  private readonly followed = new Set<string>();
  private readonly named: (thread: string) => void;

  /** `named` hears the name that a new conversation gets. */
  constructor(session: Session, thread: string, named: (thread: string) => void) {
    this.session = session;
    this.thread = thread;
    this.named = named;
    this.talk = thread === '' ? NOTHING : { ...NOTHING, status: 'loading' };
    if (thread !== '') void this.load();
    for (const to of [connection, agentsConnection])
      to.subscribe((state) => {
        if (state === 'ok' && !this.streaming) void this.load();
      });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
  readonly get = (): Talk => this.talk;

  private tell(change: Partial<Talk>): void {
    this.talk = { ...this.talk, ...change };
    for (const listener of this.listeners) listener();
  }

  /** What the server has; a run under way is followed from where that ends. */
  async load(): Promise<void> {
    if (this.thread === '') {
      const { problem: _over, ...rest } = this.talk;
      this.talk = rest;
      return this.tell({});
    }
    try {
      const response = await this.session.agents(`/threads/${encodeURIComponent(this.thread)}`);
      const { status, turns, events, approvals }: Shown = await response.json();
      const { problem: _before, ...rest } = this.talk;
      this.talk = { ...rest, status, turns, events, approvals };
      this.tell({});
      if (status === 'running') await this.listen();
    } catch (error) {
      this.tell({ problem: toProblem(error), ...(this.talk.status === 'loading' ? { status: 'idle' } : {}) });
    }
  }

  async ask(text: string): Promise<void> {
    const asked = { text, at: new Date().toISOString(), from: nextId(this.talk.events) };
    const { problem: _before, unsent: _sent, ...rest } = this.talk;
    this.talk = { ...rest, turns: [...rest.turns, asked] };
    const body = JSON.stringify(this.thread === '' ? { text } : { text, thread: this.thread });
    const answered = await this.stream('/chat', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    if (!answered) this.tell({ status: 'idle', turns: rest.turns, unsent: text });
  }

  async resume(): Promise<void> {
    const headers = { 'Content-Type': 'application/json' };
    await this.stream(`/threads/${encodeURIComponent(this.thread)}/resume`, { method: 'POST', headers, body: '{}' });
  }

  /** Goes on once people have decided about that approval. */
  async follow(approval: string): Promise<void> {
    if (this.followed.has(approval)) return;
    this.followed.add(approval);
    await this.resume();
  }

  async stop(): Promise<void> {
    const path = `/threads/${encodeURIComponent(this.thread)}/stop`;
    await this.session
      .agents(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })
      .catch((error: unknown) => this.tell({ problem: toProblem(error) }));
  }

  private async listen(): Promise<void> {
    const last = this.talk.events.findLast(isKept)?.id;
    const query = last === undefined ? '' : `?after=${last}`;
    await this.stream(`/threads/${encodeURIComponent(this.thread)}/events${query}`, {});
  }

  /** False when no answer came at all. */
  private async stream(path: string, init: RequestInit): Promise<boolean> {
    if (this.streaming) return true;
    this.streaming = true;
    this.tell({ status: 'running' });
    let [answered, ended] = [false, false];
    try {
      const response = await this.session.agents(path, init);
      answered = true;
      const thread = response.headers.get('wayleave-thread');
      if (this.thread === '' && thread !== null) {
        this.thread = thread;
        this.named(thread);
        refresh('/threads');
      }
      for await (const { data } of readEvents(response)) {
        if (data === '') continue;
        const event: ChatEvent = JSON.parse(data);
        ended ||= event.type === 'done';
        if (event.type !== 'done') this.add(event);
      }
    } catch (error) {
      this.tell({ problem: toProblem(error) });
      ended = toProblem(error).code !== 'UNREACHABLE' && toProblem(error).code !== 'UNKNOWN';
      answered ||= ended;
    } finally {
      this.streaming = false;
    }
    refresh('/api/approvals');
    refresh('/threads');
    if (ended) await this.settle();
    else {
      this.followed.clear(); // nobody knows whether it went on
      const isBack = agentsConnection.get() === 'ok' && connection.get() === 'ok';
      if (answered && isBack && this.thread !== '') await this.load(); // cut off: go on where it ended
    }
    return answered;
  }

  /** How the run ended is the server's to say; what was only said to us stays in sight. */
  private async settle(): Promise<void> {
    const said = this.talk.events.filter((event) => !isKept(event));
    const { problem } = this.talk;
    if (this.thread === '') return this.tell({ status: 'idle' });
    await this.load();
    if (said.length > 0 || problem !== undefined)
      this.tell({ events: [...this.talk.events, ...said], ...(problem === undefined ? {} : { problem }) });
  }

  private add(event: ChatEvent): void {
    if (isKept(event) && this.talk.events.some(({ id }) => id === event.id)) return;
    this.tell({ events: [...this.talk.events, event] });
  }
}

function nextId(events: readonly ChatEvent[]): string {
  const last = events.findLast(isKept)?.id;
  return last === undefined ? 'e000000' : `e${String(Number(last.slice(1)) + 1).padStart(6, '0')}`;
}

/** Conversations in use, so that a look at another screen does not cut a stream. */
const open = new Map<string, Conversation>();

export function openConversation(session: Session, thread: string, named: (thread: string) => void): Conversation {
  const key = `${session.id} ${thread}`;
  const known = thread === '' ? undefined : open.get(key);
  if (known !== undefined) return known;
  const made = new Conversation(session, thread, (name) => {
    open.set(`${session.id} ${name}`, made);
    named(name);
  });
  if (thread !== '') open.set(key, made);
  return made;
}
