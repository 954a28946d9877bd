/** The keyboard: one table of what is bound now, which answers keys and from which the `?` list is drawn. */
import { useEffect, useRef } from 'react';

export interface Binding {
  /** `?`, `mod+k` (Ctrl or Command), `Escape`, or two keys in turn: `g a`. */
  readonly keys: string;
  readonly does: string;
  readonly run: () => void;
  /** Also while somebody types in a field. */
  readonly always?: boolean;
}

export interface Group {
  readonly title: string;
  readonly bindings: readonly Binding[];
}

const groups: { current: Group }[] = [];
/** How long the second of two keys may take, in milliseconds. */
const CHORD_MS = 1_000;
let first = { key: '', at: 0 };

/** What is bound now, the outermost first. */
export const boundKeys = (): readonly Group[] => groups.map(({ current }) => current);

const spell = (event: KeyboardEvent): string => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
};

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

window.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const key = spell(event);
  const chord = event.timeStamp - first.at < CHORD_MS ? `${first.key} ${key}` : key;
  const typing = isTyping(event.target);
  // What was bound last is the innermost, and wins.
  for (const { current } of groups.toReversed()) {
    const found = current.bindings.find(
      ({ keys, always }) => (keys === chord || keys === key) && (always === true || !typing),
    );
    if (found === undefined) continue;
    event.preventDefault();
    first = { key: '', at: 0 };
    found.run();
    return;
  }
  first = typing ? { key: '', at: 0 } : { key, at: event.timeStamp };
});

/** Binds keys as long as the component is there. */
export function useKeys(title: string, bindings: readonly Binding[]): void {
  const group = useRef<Group>({ title, bindings });
  group.current = { title, bindings };
  useEffect(() => {
    groups.push(group);
    return () => void groups.splice(groups.indexOf(group), 1);
  }, []);
}
