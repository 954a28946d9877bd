/** Words of an agent, with the record ids in them as links to the evidence. Plain text otherwise: nothing becomes markup. */
import { Link } from '../../shell/link.tsx';

const ID = /(evd_[a-z0-9]+)/;

export function CitedText({ text, thread }: { readonly text: string; readonly thread: string }) {
  return (
    <p className="said">
      {text.split(ID).map((part, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text do not change places
        ID.test(part) ? <Cite key={`${part}-${index}`} id={part} thread={thread} /> : part,
      )}
    </p>
  );
}

/** Its end: records of one read begin alike. */
export const labelOf = (id: string): string => id.slice(-6);

/** A record that a claim rests on. */
export function Cite({ id, thread }: { readonly id: string; readonly thread: string }) {
  return (
    <Link screen="chat" rest={thread === '' ? [] : [thread]} query={{ evidence: id }} className="cite" title={id}>
      {labelOf(id)}
    </Link>
  );
}

const SHOWN = 4;

/** The first few of the records, and how many more. */
export function Cites({ ids, thread }: { readonly ids: readonly string[]; readonly thread: string }) {
  return (
    <span className="cites">
      {ids.slice(0, SHOWN).map((id) => (
        <Cite key={id} id={id} thread={thread} />
      ))}
      {ids.length > SHOWN && <span className="quiet">+{ids.length - SHOWN}</span>}
    </span>
  );
}
