/** Text of others that may be as long as a device likes: its beginning, how much more there is, and all of it on demand. */
import { useState } from 'react';
import { TEXT } from '../text.ts';

/** More characters than any sensible value has. */
const MOST = 1_000;

export function Cut({ text }: { readonly text: string }) {
  const [whole, setWhole] = useState(false);
  if (whole || text.length <= MOST) return text;
  return (
    <>
      {text.slice(0, MOST)}…{' '}
      <button type="button" className="more" onClick={() => setWhole(true)}>
        {TEXT.shell.showAll(text.length)}
      </button>
    </>
  );
}
