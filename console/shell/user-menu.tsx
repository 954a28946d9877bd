/** Who one is, with which roles; theme, keys, and the way out. */
import { act } from '../api/act.ts';
import { useSession } from '../api/session-context.ts';
import { useAnswer } from '../api/use-answer.ts';
import { forgetLogin } from '../login/kept.ts';
import { BASE } from '../login/login.ts';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { TEXT } from '../text.ts';
import { setTheme, THEMES, useTheme } from './theme.ts';

export function UserMenu({ showKeys }: { readonly showKeys: () => void }) {
  const session = useSession();
  const { data: me } = useAnswer('/api/identity/me');
  const chosen = useTheme();
  const leave = async (): Promise<void> => {
    // The login is forgotten here also when the broker cannot be told.
    await act(session, '/api/sessions/{id}/end', { id: session.id }, {}).catch(() => undefined);
    await forgetLogin(session.tenant);
    window.location.assign(BASE);
  };
  const button = (
    <>
      <Icon name="user" /> <span className="user-name">{session.human}</span> <Icon name="down" size={12} />
    </>
  );
  return (
    <Menu label={TEXT.shell.user} button={button} className="user">
      {(close) => (
        <>
          <p className="menu-note">
            <b>{session.human}</b>
            <br />
            {(me?.roles ?? []).join(', ')}
          </p>
          <fieldset className="themes">
            <legend>{TEXT.shell.theme}</legend>
            {THEMES.map((one) => (
              <label key={one}>
                <input type="radio" name="theme" checked={chosen === one} onChange={() => setTheme(one)} />
                {TEXT.shell.themes[one]}
              </label>
            ))}
          </fieldset>
          <button
            type="button"
            onClick={() => {
              close();
              showKeys();
            }}
          >
            <Icon name="keyboard" /> {TEXT.shell.keys} <kbd>?</kbd>
          </button>
          <button type="button" onClick={() => void leave()}>
            <Icon name="external" /> {TEXT.shell.logout}
          </button>
        </>
      )}
    </Menu>
  );
}
