/** The page before a login: what this is, the way to the login, and the logins that this browser has. */
import { useEffect, useState } from 'react';
import { type KeptLogin, keptLogins } from '../login/kept.ts';
import { beginLogin } from '../login/login.ts';
import { Icon } from '../parts/icon.tsx';
import { TEXT } from '../text.ts';
import { Mark } from './mark.tsx';
import { goTo, here, toPath } from './route.ts';
import { HOME } from './screens.ts';

export function LoginPage({ failed = false, tenant }: { readonly failed?: boolean; readonly tenant?: string }) {
  const [kept, setKept] = useState<readonly KeptLogin[]>([]);
  const text = TEXT.login;
  useEffect(() => {
    keptLogins().then(setKept, () => undefined);
  }, []);
  return (
    <main className="login">
      <Mark size={44} />
      <h1>{TEXT.name}</h1>
      <p className="lead">{text.lead}</p>
      {failed && (
        <p className="login-failed" role="alert">
          <Icon name="warning" /> {TEXT.problems.LOGIN_FAILED.message} {TEXT.problems.LOGIN_FAILED.hint}
        </p>
      )}
      {tenant !== undefined && (
        <p className="login-failed" role="alert">
          <Icon name="info" /> {text.otherTenant(tenant)}. {text.otherTenantHint}
        </p>
      )}
      <button
        type="button"
        className="primary"
        onClick={() => void beginLogin(tenant === undefined ? '' : here())}
        // biome-ignore lint/a11y/noAutofocus: the one thing to do on this page
        autoFocus
      >
        {kept.length === 0 ? text.button : text.other}
      </button>
      {kept.length > 0 && (
        <section aria-label={text.keptTitle} className="kept">
          {kept.map(({ human, tenant: of }) => (
            <button key={of} type="button" onClick={() => goTo(toPath(of, HOME))}>
              <Icon name="user" /> {text.goOn(human)}
            </button>
          ))}
        </section>
      )}
      <p className="quiet">{text.how}</p>
    </main>
  );
}
