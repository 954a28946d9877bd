/** Links to the first records that show something; the panel beside the chat shows them. */
import { Link } from '../../shell/link.tsx';
import { labelOf } from '../chat/cited-text.tsx';

const SHOWN = 4;

export function Records({ ids }: { readonly ids: readonly string[] }) {
  return (
    <span className="records">
      {ids.slice(0, SHOWN).map((id) => (
        <Link key={id} screen="chat" query={{ evidence: id }} className="mono" title={id}>
          {labelOf(id)}
        </Link>
      ))}
      {ids.length > SHOWN && <span className="quiet">+{ids.length - SHOWN}</span>}
    </span>
  );
}
