/** What everybody must know at once: the connection is lost, the agents do not answer, the login has ended, changes are stopped. */
import { useSyncExternalStore } from 'react';
import { agentsConnection, connection } from '../api/connection.ts';
import { useSession } from '../api/session-context.ts';
import { useAnswer } from '../api/use-answer.ts';
import { beginLogin } from '../login/login.ts';
import { Icon } from '../parts/icon.tsx';
import { Words } from '../parts/words.tsx';
import { TEXT } from '../text.ts';
import { here } from './route.ts';

/** How often it is asked whether changes are stopped, in milliseconds. */
const POLICY_MS = 15_000;

export function Banner() {
  const session = useSession();
  const state = useSyncExternalStore(connection.subscribe, connection.get);
  const agents = useSyncExternalStore(agentsConnection.subscribe, agentsConnection.get);
  const ended = useSyncExternalStore(session.onEnd, () => session.ended);
  const { data: policy } = useAnswer('/api/policy', {}, { every: POLICY_MS });
  const stopped = policy?.stopped ?? policy?.problem ?? undefined;
  if (ended) {
    return (
      <div className="banner critical" role="alert">
        <Icon name="critical" />
        <span>
          <b>{TEXT.login.expired}.</b> {TEXT.login.expiredHint}
        </span>
        <button type="button" className="primary" onClick={() => void beginLogin(here())}>
          {TEXT.login.again}
        </button>
      </div>
    );
  }
  if (state === 'lost') {
    return (
      <div className="banner warning" role="alert">
        <Icon name="warning" />
        <span>
          <b>{TEXT.shell.lost}</b> {TEXT.shell.lostHint}
        </span>
      </div>
    );
  }
  if (agents === 'lost') {
    return (
      <div className="banner warning" role="alert">
        <Icon name="warning" />
        <span>
          <b>{TEXT.shell.agentsLost}</b> <Words text={TEXT.shell.agentsLostHint} />
        </span>
      </div>
    );
  }
  if (stopped === undefined) return null;
  return (
    <div className="banner major" role="status">
      <Icon name="major" />
      <span>
        <b>{TEXT.shell.stopped}</b> {stopped}
      </span>
    </div>
  );
}
