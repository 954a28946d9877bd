/** Which tenant one acts in: always in sight. Each tenant is a login of its own, so going to another is never an accident. */
import { useEffect, useState } from 'react';
import { useSession } from '../api/session-context.ts';
import { useAnswer } from '../api/use-answer.ts';
import { type KeptLogin, keptLogins } from '../login/kept.ts';
import { beginLogin } from '../login/login.ts';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { TEXT } from '../text.ts';
import { goTo, toPath, usePlace } from './route.ts';

export function TenantMenu() {
  const session = useSession();
  const { screen } = usePlace();
  const { data: me } = useAnswer('/api/identity/me');
  const [kept, setKept] = useState<readonly KeptLogin[]>([]);
  useEffect(() => {
    keptLogins().then(setKept, () => undefined);
  }, []);
  const isProvider = me?.roles.some((role) => role.startsWith('provider-')) === true;
  const button = (
    <>
      <Icon name="building" /> <b>{session.tenant}</b> <Icon name="down" size={12} />
    </>
  );
  return (
    <Menu label={TEXT.shell.tenant} button={button} className={isProvider ? 'tenant provider' : 'tenant'}>
      {(close) => (
        <>
          {isProvider && <p className="menu-note">{TEXT.shell.provider}</p>}
          {kept.map(({ tenant, human }) => (
            <button
              key={tenant}
              type="button"
              aria-current={tenant === session.tenant ? 'true' : undefined}
              onClick={() => {
                close();
                goTo(toPath(tenant, screen));
              }}
            >
              <b>{tenant}</b> <span className="quiet">{human}</span>
              {tenant === session.tenant && <Icon name="check" />}
            </button>
          ))}
          <button type="button" onClick={() => void beginLogin('')}>
            <Icon name="plus" /> {TEXT.shell.logInElsewhere}
          </button>
        </>
      )}
    </Menu>
  );
}
