/** The login interaction: shows the form, checks the password, and begins the session that every token will name. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthorizationServer, AuthorizationServerDeps } from './authorization-server.ts';
import { createLoginAttempts } from './login-attempts.ts';
import { createPasswordCheck } from './users.ts';

/** The node request and response, whose cookies tie the form to the browser that began the authorization. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** What to answer: go on with the authorization, or the page again with a sentence about why. */
export type LoginResult =
  | { readonly kind: 'continue'; readonly location: string }
  | { readonly kind: 'page'; readonly action: string; readonly problem?: string; readonly status: 200 | 401 | 429 };

export interface Login {
  readonly show: (exchange: Exchange, uid: string) => Promise<LoginResult | undefined>;
  readonly submit: (exchange: Exchange, uid: string, form: URLSearchParams) => Promise<LoginResult | undefined>;
}

/** Undefined results: no such interaction in this browser (wrong cookie, expired, other uid). */
export async function createLogin(deps: AuthorizationServerDeps, server: AuthorizationServer): Promise<Login> {
  const attempts = createLoginAttempts(() => deps.clock.now());
  const checkPassword = await createPasswordCheck(deps.users, deps.ids.id('decoy'));

  const belongs = async ({ incoming, outgoing }: Exchange, uid: string): Promise<boolean> => {
    try {
      const details = await server.provider.interactionDetails(incoming, outgoing);
      return details.uid === uid && details.prompt.name === 'login';
    } catch {
      return false;
    }
  };

  return {
    async show(exchange, uid) {
      if (!(await belongs(exchange, uid))) return undefined;
      return { kind: 'page', action: `/oauth/login/${uid}`, status: 200 };
    },

    async submit(exchange, uid, form) {
      if (!(await belongs(exchange, uid))) return undefined;
      const name = (form.get('user') ?? '').slice(0, 130);
      const action = `/oauth/login/${uid}`;
      const at = new Date(deps.clock.now()).toISOString();
      if (!attempts.begin(name)) {
        return { kind: 'page', action, problem: 'Too many attempts. Wait a minute, then try again.', status: 429 };
      }
      const user = await checkPassword(name, (form.get('password') ?? '').slice(0, 1024));
      if (user === undefined) {
        await deps.record({
          at,
          tenant: '-',
          kind: 'login.failed',
          content: { name: name.replace(/[^a-z0-9@._-]/g, '?') },
        });
        return { kind: 'page', action, problem: 'User name or password is wrong.', status: 401 };
      }
      attempts.succeeded(name);
      const session = { id: deps.ids.id('ses'), human: user.name, tenant: user.tenant, createdAt: at };
      await deps.sessions.put(session);
      await deps.record({
        at,
        tenant: user.tenant,
        kind: 'login',
        human: user.name,
        session: session.id,
        content: { roles: user.roles },
      });
      const { incoming, outgoing } = exchange;
      const result = { login: { accountId: session.id, remember: false } };
      return { kind: 'continue', location: await server.provider.interactionResult(incoming, outgoing, result) };
    },
  };
}
