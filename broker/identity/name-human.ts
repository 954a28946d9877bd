/** Says in a person's access token who, in which session, and how they proved who they are. */
import { ACR_PASSWORD, ACR_SECOND_FACTOR } from './step-up.ts';
import type { AgentGrantDeps } from './token-exchange.ts';

export type NameHumanDeps = Pick<AgentGrantDeps, 'sessions'>;

/** Of a token as `oidc-provider` hands it out; its account is our session. */
export interface TokenFields {
  readonly accountId?: string;
}
export type Jwt = { readonly payload: Record<string, unknown> };

/** Puts the human, the session and the tenant in place of the provider's account. */
export async function nameHuman(deps: NameHumanDeps, token: TokenFields, jwt: Jwt): Promise<void> {
  const session = token.accountId === undefined ? undefined : await deps.sessions.get(token.accountId);
  if (session === undefined) throw new Error('a token without a session');
  const { human, id, tenant, createdAt, steppedUpAt, amr } = session;
  Object.assign(jwt.payload, {
    sub: human,
    sid: id,
    tenant,
    // RFC 9470 §6.1: how and when the person proved who they are.
    acr: steppedUpAt === undefined ? ACR_PASSWORD : ACR_SECOND_FACTOR,
    auth_time: Math.floor(Date.parse(steppedUpAt ?? createdAt) / 1000),
    ...(amr === undefined ? {} : { amr }),
  });
}
