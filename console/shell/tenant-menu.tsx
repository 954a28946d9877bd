/**
 * Which tenant one acts in: always in sight, by name and colour. Each tenant is a login of its own, so going to another is
 * never an accident; the page is loaded anew for it, and nothing of the tenant before stays in memory.
 */
import { useEffect, useState } from 'react';
import { act } from '../api/act.ts';
import { type Problem, toProblem } from '../api/problem.ts';
import { useSession } from '../api/session-context.ts';
import { useAnswer } from '../api/use-answer.ts';
import { type KeptLogin, keptLogins } from '../login/kept.ts';
import { beginCrossing, beginLogin } from '../login/login.ts';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { Failure } from '../parts/notice.tsx';
import { TEXT } from '../text.ts';
import { toPath, usePlace } from './route.ts';
import { hueOf } from './tenant-hue.ts';

export function TenantMenu() {
  const session = useSession();
  const { screen } = usePlace();
  const { data: me } = useAnswer('/api/identity/me');
  const [kept, setKept] = useState<readonly KeptLogin[]>([]);
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    keptLogins().then(setKept, () => undefined);
  }, []);
  const isProvider = me?.roles.some((role) => role.startsWith('provider-')) === true;
  const reachable = me?.tenants ?? [];
  const elsewhere = kept.filter(({ tenant }) => !reachable.includes(tenant));
  const visiting = me !== undefined && me.home !== session.tenant;
  const go = async (tenant: string): Promise<void> => {
    const path = toPath(tenant, screen);
    if (kept.some((login) => login.tenant === tenant)) {
      window.location.assign(path);
      return;
    }
    try {
      await beginCrossing(path, async (challenge) => {
        return (await act(session, '/api/identity/switch', {}, { tenant, challenge })).ticket;
      });
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  const button = (
    <>
      <span className="tenant-hue" style={{ background: hueOf(session.tenant) }} />
      <Icon name="building" /> <b>{session.tenant}</b>
      {visiting && <span className="visiting">{TEXT.shell.visiting}</span>} <Icon name="down" size={12} />
    </>
  );
  return (
    <Menu label={TEXT.shell.tenant} button={button} className={isProvider ? 'tenant provider' : 'tenant'}>
      {(close) => (
        <>
          {isProvider && <p className="menu-note">{TEXT.shell.provider}</p>}
          {problem !== undefined && <Failure problem={problem} />}
          {[...reachable, ...elsewhere.map(({ tenant }) => tenant)].map((tenant) => (
            <button
              key={tenant}
              type="button"
              aria-current={tenant === session.tenant ? 'true' : undefined}
              disabled={tenant === session.tenant}
              title={tenant === session.tenant ? TEXT.shell.isHere : undefined}
              onClick={() => void go(tenant)}
            >
              <span className="tenant-hue" style={{ background: hueOf(tenant) }} /> <b>{tenant}</b>{' '}
              <span className="quiet">{kept.find((login) => login.tenant === tenant)?.human ?? session.human}</span>
              {tenant === session.tenant && <Icon name="check" />}
            </button>
          ))}
          <button
            type="button"
            onClick={() => {
              close();
              void beginLogin('');
            }}
          >
            <Icon name="plus" /> {TEXT.shell.logInElsewhere}
          </button>
        </>
      )}
    </Menu>
  );
}
