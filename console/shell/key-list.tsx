/** The `?` list, drawn from the table that answers the keys. */
import { Dialog } from '../parts/dialog.tsx';
import { TEXT } from '../text.ts';
import { boundKeys } from './keys.ts';

export function KeyList({ close }: { readonly close: () => void }) {
  return (
    <Dialog label={TEXT.keys.title} close={close} className="keys">
      <h2>{TEXT.keys.title}</h2>
      {boundKeys().map(({ title, bindings }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {bindings.map(({ keys, does }) => (
              <div key={keys}>
                <dt>
                  {keys.split(' ').map((key) => (
                    <kbd key={key}>{key.replace('mod+', 'Ctrl ').replace('Escape', 'Esc')}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <button type="button" onClick={close}>
        {TEXT.shell.close}
      </button>
    </Dialog>
  );
}
