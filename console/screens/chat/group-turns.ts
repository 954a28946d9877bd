/** Puts the events of a conversation below the question that led to them, and calls that follow each other together. */
import type { AskedTurn, ChatEvent } from '../../api/schema.ts';

export type Of<Type extends ChatEvent['type']> = Extract<ChatEvent, { readonly type: Type }>;
export type Call = Of<'tool'>;

export type Part =
  | { readonly kind: 'calls'; readonly key: string; readonly calls: readonly Call[] }
  | { readonly kind: 'event'; readonly key: string; readonly event: Exclude<ChatEvent, Call> };

export interface TurnView {
  readonly key: string;
  readonly question: string;
  readonly at?: string;
  readonly parts: readonly Part[];
}

export function groupTurns(turns: readonly AskedTurn[], events: readonly ChatEvent[]): readonly TurnView[] {
  const first = turns[0]?.from ?? 'f';
  // Asked before questions were kept: what the router made of it stands for the question.
  const older = events.filter((event) => isKept(event) && event.id < first);
  const rest = events.filter((event) => !older.includes(event));
  const views = turns.map(({ text, at, from }, index) => {
    const next = turns[index + 1]?.from;
    const mine = rest.filter((event) =>
      isKept(event) ? event.id >= from && (next === undefined || event.id < next) : next === undefined,
    );
    return { key: from, question: text, at, parts: group(mine) };
  });
  if (older.length === 0) return views;
  const route = older.find((event) => event.type === 'route');
  return [{ key: 'older', question: route?.type === 'route' ? route.question : '', parts: group(older) }, ...views];
}

const isKept = ({ id }: ChatEvent): boolean => /^e\d{6}$/.test(id);

function group(events: readonly ChatEvent[]): readonly Part[] {
  const parts: Part[] = [];
  for (const event of events) {
    const last = parts.at(-1);
    if (event.type !== 'tool') parts.push({ kind: 'event', key: event.id, event });
    else if (last?.kind === 'calls') parts[parts.length - 1] = { ...last, calls: [...last.calls, event] };
    else parts.push({ kind: 'calls', key: event.id, calls: [event] });
  }
  return parts.filter(
    (part) => part.kind === 'calls' || !(isRetold(part.event, events) || isAsked(part.event, events)),
  );
}

/** Of several that wait, those that still do are told again each time that the run goes on; their cards stand there already. */
const isAsked = (event: ChatEvent, events: readonly ChatEvent[]): boolean =>
  event.type === 'pending' &&
  events.some((one) => one.type === 'pending' && one.approval === event.approval && one.id < event.id);

/** The report of a finding repeats in words what its card shows; words of a model's own are kept. */
const isRetold = (event: ChatEvent, events: readonly ChatEvent[]): boolean =>
  event.type === 'text' &&
  events.some(
    (one) =>
      one.type === 'finding' && one.because.length > 0 && one.because.every((why) => event.text.includes(why.text)),
  );
