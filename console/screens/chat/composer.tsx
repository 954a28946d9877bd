/** Where a person asks, and where a run is stopped. */
import { type RefObject, useState } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { TEXT } from '../../text.ts';

const text = TEXT.chat;

interface ComposerProps {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly running: boolean;
  readonly ask: (question: string) => void;
  readonly stop: () => void;
}

export function Composer({ field, running, ask, stop }: ComposerProps) {
  const [typed, setTyped] = useState('');
  const send = (): void => {
    if (typed.trim() === '' || running) return;
    ask(typed.trim());
    setTyped('');
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        rows={typed.includes('\n') ? 4 : 1}
        value={typed}
        maxLength={4000}
        placeholder={text.placeholder}
        aria-label={text.placeholder}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {running ? (
        <button type="button" className="danger" onClick={stop}>
          <Icon name="stop" /> {text.stop}
        </button>
      ) : (
        <button type="submit" className="primary" disabled={typed.trim() === ''}>
          <Icon name="send" /> {text.ask}
        </button>
      )}
    </form>
  );
}
