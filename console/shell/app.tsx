/** The outermost: which login the address asks for, and whether this browser has it. */
import { useEffect, useState } from 'react';
import { SessionContext } from '../api/session-context.ts';
import { forgetAnswers } from '../api/use-answer.ts';
import { finishLogin } from '../login/login.ts';
import { findSession, type Session } from '../login/session.ts';
import { Loading } from '../parts/notice.tsx';
import { LoginPage } from './login-page.tsx';
import { goTo, toPath, usePlace } from './route.ts';
import { HOME } from './screens.ts';
import { Shell } from './shell.tsx';

type State =
  | { readonly kind: 'looking' }
  | { readonly kind: 'nobody'; readonly failed?: boolean; readonly tenant?: string }
  | { readonly kind: 'someone'; readonly session: Session };

/** No tenant has this name: it is where a login comes back to. */
const CALLBACK = 'callback';

export function App() {
  const { tenant } = usePlace();
  const [state, setState] = useState<State>({ kind: 'looking' });

  useEffect(() => {
    let current = true;
    const show = (next: State): void => {
      if (current) setState(next);
    };
    if (tenant === CALLBACK) {
      finishLogin(new URLSearchParams(window.location.search))
        .then(({ login, returnTo }) => goTo(returnTo || toPath(login.tenant, HOME), { replace: true }))
        .catch(() => {
          window.history.replaceState(null, '', toPath('', ''));
          show({ kind: 'nobody', failed: true });
        });
    } else {
      forgetAnswers();
      findSession(tenant === '' ? undefined : tenant)
        .then((session) => {
          if (session === undefined) return show(tenant === '' ? { kind: 'nobody' } : { kind: 'nobody', tenant });
          if (tenant === '') return goTo(toPath(session.tenant, HOME), { replace: true });
          show({ kind: 'someone', session });
        })
        .catch(() => show({ kind: 'nobody', failed: true }));
    }
    return () => {
      current = false;
    };
  }, [tenant]);

  if (state.kind === 'looking') return <Loading />;
  if (state.kind === 'nobody') return <LoginPage {...state} />;
  // While the address already names another tenant, nothing of the one before is drawn.
  if (state.session.tenant !== tenant) return <Loading />;
  return (
    <SessionContext value={state.session}>
      <Shell key={state.session.id} />
    </SessionContext>
  );
}
