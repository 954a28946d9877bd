/** The login interaction: shows the form, checks the password, and begins the session that every token will name. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseStrictJson } from '../../protocols/oauth/strict-json.ts';
import {
  type AuthorizationServer,
  type AuthorizationServerDeps,
  SWITCH_TICKET,
  WANTED_ACR,
} from './authorization-server.ts';
import { type ExternalIssuer, ExternalLoginRefused } from './external-issuer.ts';
import type { ExternalPeople } from './external-people.ts';
import { createLoginAttempts } from './login-attempts.ts';
import type { LoginPage } from './login-page.ts';
import { CLI_CLIENT, CONSOLE_CLIENT } from './own-clients.ts';
import type { Passkeys } from './passkeys.ts';
import type { SecondFactors } from './second-factors.ts';
import { ACR_SECOND_FACTOR, AMR_OF, type ShownFactor } from './step-up.ts';
import type { TenantSwitch } from './tenant-switch.ts';
import { createPasswordCheck, type User } from './users.ts';

export interface LoginDeps extends AuthorizationServerDeps {
  readonly factors: SecondFactors;
  readonly passkeys: Passkeys;
  readonly tenantSwitch: Pick<TenantSwitch, 'redeem'>;
  /** Where people of the organisation log in; absent when there is only the user file. */
  readonly external?: { readonly issuer: ExternalIssuer; readonly people: Pick<ExternalPeople, 'admit'> };
}

/** Passwords looked at at a time, those that wait included: each takes 19 MiB and some tens of milliseconds of a core. */
const WAITING = 32;

/** Characters of a passkey's answer that are looked at; what is longer is none. */
const MAX_PASSKEY_ANSWER = 16_384;

/** The node request and response, whose cookies tie the form to the browser that began the authorization. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** What to answer: go on with the authorization, or the page again with a sentence about why. */
export type LoginResult =
  | { readonly kind: 'continue'; readonly location: string }
  | ({
      readonly kind: 'page';
      readonly status: 200 | 401 | 429;
      /** Tells programs what a person reads on the page. */
      readonly because?: 'password' | 'second-factor';
    } & LoginPage);

export interface Login {
  readonly show: (exchange: Exchange, uid: string) => Promise<LoginResult | undefined>;
  readonly submit: (exchange: Exchange, uid: string, form: URLSearchParams) => Promise<LoginResult | undefined>;
  /** Sends the browser to the external issuer. */
  readonly leave: (exchange: Exchange, uid: string) => Promise<LoginResult | undefined>;
  /** Takes the browser back from there, first to the path that its cookie is for. */
  readonly resume: (state: string, query: URLSearchParams) => LoginResult | undefined;
  readonly finish: (exchange: Exchange, uid: string, query: URLSearchParams) => Promise<LoginResult | undefined>;
}

/** What the authorization asks of the person. */
interface Asked {
  readonly secondFactor: boolean;
  /** Of somebody who is logged in, and goes to another tenant. */
  readonly ticket?: { readonly ticket: string; readonly challenge: string };
  /** Who asks, when it is not a client of our own. */
  readonly client?: NonNullable<LoginPage['client']>;
}

/** Undefined results: no such interaction in this browser (wrong cookie, expired, other uid). */
export async function createLogin(deps: LoginDeps, server: AuthorizationServer): Promise<Login> {
  const attempts = createLoginAttempts(() => deps.clock.now());
  const checkPassword = await createPasswordCheck(deps.users, deps.ids.id('decoy'));
  let checking = 0;
  let queue: Promise<unknown> = Promise.resolve();

  async function findAsked({ incoming, outgoing }: Exchange, uid: string): Promise<Asked | undefined> {
    try {
      const { uid: begun, prompt, params } = await server.provider.interactionDetails(incoming, outgoing);
      if (begun !== uid || prompt.name !== 'login') return undefined;
      const wanted = params[WANTED_ACR];
      const secondFactor = typeof wanted === 'string' && wanted.split(' ')[0] === ACR_SECOND_FACTOR;
      const id = String(params['client_id']);
      const ticket = params[SWITCH_TICKET];
      if (id === CONSOLE_CLIENT && typeof ticket === 'string')
        return { secondFactor, ticket: { ticket, challenge: String(params['code_challenge']) } };
      if (id === CLI_CLIENT || id === CONSOLE_CLIENT) return { secondFactor };
      const client = await server.provider.Client.find(id);
      const resources = [params['resource']].flat().filter((one): one is string => typeof one === 'string');
      const redirect = String(params['redirect_uri']);
      return { secondFactor, client: { name: client?.clientName ?? id, redirect, resources } };
    } catch {
      return undefined;
    }
  }

  /** The sentence for the person when the second factor that is needed was not shown; else which was. */
  async function checkSecondFactor(
    human: string,
    asked: Asked,
    uid: string,
    form: URLSearchParams,
  ): Promise<string | { readonly shown?: ShownFactor }> {
    const [codes, passkey] = [await deps.factors.isEnrolled(human), await deps.passkeys.isEnrolled(human)];
    if (!codes && !passkey)
      return asked.secondFactor ? 'This needs a second factor: enrol one with `wayleave users second-factor`.' : {};
    const code = (form.get('code') ?? '').trim();
    const answer = form.get('passkey') ?? '';
    if (passkey && answer !== '') {
      if (await deps.passkeys.verify({ human, place: uid }, parseAnswer(answer))) return { shown: 'passkey' };
      return 'That passkey is not one of yours here, or it took too long. Try again.';
    }
    if (codes && code !== '') {
      if (await deps.factors.verify(human, code)) return { shown: 'code' };
      return 'The one-time code is wrong, or was used before. Wait for the next one.';
    }
    if (!passkey) return 'Enter the one-time code of your second factor, too.';
    return `Use your passkey, too${codes ? ', or enter a one-time code' : ''}.`;
  }

  /** The page with its passkey question, where the browser came by the name for which there are passkeys. */
  async function page(
    { incoming }: Exchange,
    uid: string,
    asked: Asked,
    rest: Pick<LoginResult & { kind: 'page' }, 'status' | 'problem' | 'because'>,
  ): Promise<LoginResult> {
    const { origin } = deps.passkeys;
    const named = origin !== undefined && new URL(origin).host === incoming.headers.host;
    const passkey = named ? { passkey: await deps.passkeys.beginAssertion(uid) } : {};
    return { kind: 'page', action: `/oauth/login/${uid}`, ...asked, ...elsewhere(uid), ...passkey, ...rest };
  }

  async function recordFailure(name: string, source: string): Promise<void> {
    const reason = `login of ${name.replace(/[^a-z0-9@._-]/g, '?')}`;
    await deps.refusals.note({ source, audience: 'login', reason });
  }

  const { external } = deps;
  const elsewhere = (uid: string) =>
    external === undefined ? {} : { elsewhere: { issuer: external.issuer.issuer, path: `/oauth/login/${uid}/leave` } };

  /** The page again when what the issuer says does not hold; the log has why. */
  async function orPage(
    exchange: Exchange,
    uid: string,
    asked: Asked,
    location: () => Promise<string>,
  ): Promise<LoginResult> {
    try {
      return { kind: 'continue', location: await location() };
    } catch (error) {
      if (!(error instanceof ExternalLoginRefused)) throw error;
      const source = exchange.incoming.socket.remoteAddress ?? 'local';
      await deps.refusals.note({ source, audience: 'login at the issuer', reason: error.reason });
      return page(exchange, uid, asked, { problem: error.message, because: 'password', status: 401 });
    }
  }

  /** A login in another tenant without the password; a ticket that is not good leads to the form. */
  async function cross(
    exchange: Exchange,
    uid: string,
    asked: Asked,
    { ticket, challenge }: NonNullable<Asked['ticket']>,
  ): Promise<LoginResult> {
    const found = await deps.tenantSwitch.redeem(ticket, challenge);
    if (found === undefined) {
      const problem = 'The way to the other tenant was not taken in time. Log in there, or go back and try again.';
      return page(exchange, uid, asked, { problem, because: 'password', status: 401 });
    }
    const { crossing, user } = found;
    const { incoming, outgoing } = exchange;
    const { amr, from, steppedUpAt } = crossing;
    const login = { accountId: await beginSession(deps, user, amr, { from, steppedUpAt }), remember: false };
    return { kind: 'continue', location: await server.provider.interactionResult(incoming, outgoing, { login }) };
  }

  return {
    async leave(exchange, uid) {
      const asked = await findAsked(exchange, uid);
      if (external === undefined || asked === undefined) return undefined;
      return orPage(exchange, uid, asked, () => external.issuer.begin(uid));
    },

    resume(state, query) {
      const uid = external?.issuer.interactionOf(state);
      return uid === undefined
        ? undefined
        : { kind: 'continue', location: `/oauth/login/${uid}/finish?${query.toString()}` };
    },

    async finish(exchange, uid, query) {
      const asked = await findAsked(exchange, uid);
      if (external === undefined || asked === undefined) return undefined;
      return orPage(exchange, uid, asked, async () => {
        const user = await external.people.admit(await external.issuer.finish(uid, query));
        // A second factor is the issuer's matter; one that a tool asks for is shown by `step-up`.
        const login = { accountId: await beginSession(deps, user), remember: false };
        const { incoming, outgoing } = exchange;
        return server.provider.interactionResult(incoming, outgoing, { login });
      });
    },

    async show(exchange, uid) {
      const asked = await findAsked(exchange, uid);
      if (asked === undefined) return undefined;
      if (asked.ticket !== undefined) return cross(exchange, uid, asked, asked.ticket);
      return page(exchange, uid, asked, { status: 200 });
    },

    async submit(exchange, uid, form) {
      const asked = await findAsked(exchange, uid);
      if (asked === undefined) return undefined;
      const name = (form.get('user') ?? '').slice(0, 130);
      const source = exchange.incoming.socket.remoteAddress ?? 'local';
      if (checking >= WAITING || !attempts.begin(name)) {
        const problem = 'Too many attempts. Wait a minute, then try again.';
        return page(exchange, uid, asked, { problem, status: 429 });
      }
      checking += 1;
      const password = (form.get('password') ?? '').slice(0, 1024);
      const checked = queue.then(() => checkPassword(name, password)); // one after the other
      queue = checked.catch(() => undefined);
      const user = await checked.finally(() => {
        checking -= 1;
      });
      if (user === undefined) {
        await recordFailure(name, source);
        const problem = 'User name or password is wrong.';
        return page(exchange, uid, asked, { problem, because: 'password', status: 401 });
      }
      const factor = await checkSecondFactor(user.name, asked, uid, form);
      if (typeof factor === 'string') {
        await recordFailure(`${name} (second factor)`, source);
        return page(exchange, uid, asked, { problem: factor, because: 'second-factor', status: 401 });
      }
      attempts.succeeded(name);
      const { incoming, outgoing } = exchange;
      const amr = ['pwd', ...(factor.shown === undefined ? [] : AMR_OF[factor.shown])];
      const session = await beginSession(deps, user, amr);
      const login = { accountId: session, remember: false, acr: amr.includes('mfa') ? ACR_SECOND_FACTOR : undefined };
      return { kind: 'continue', location: await server.provider.interactionResult(incoming, outgoing, { login }) };
    },
  };
}

function parseAnswer(text: string): unknown {
  try {
    return parseStrictJson(text.slice(0, MAX_PASSKEY_ANSWER), 8);
  } catch {
    return undefined;
  }
}

/**
 * The session that every token of this login names; the log has it first. Answers its id. `amr` says how the person
 * proved who they are (RFC 8176); without it that is the matter of who sent them here. `origin`: a login in another tenant.
 */
export async function beginSession(
  deps: Pick<LoginDeps, 'clock' | 'ids' | 'record' | 'sessions'>,
  user: Pick<User, 'name' | 'tenant' | 'roles'>,
  amr?: readonly string[],
  origin?: { readonly from: string; readonly steppedUpAt: string | undefined },
): Promise<string> {
  const at = new Date(deps.clock.now()).toISOString();
  const id = deps.ids.id('ses');
  const { name: human, tenant, roles } = user;
  const secondFactor = amr?.includes('mfa') === true;
  const how = amr === undefined ? {} : { amr: [...amr] };
  const came = origin === undefined ? {} : { from: origin.from };
  await deps.record({
    at,
    tenant,
    kind: 'login',
    human,
    session: id,
    content: { roles, secondFactor, ...how, ...came },
  });
  // A second factor that was shown earlier is as old as it is.
  const shownAt = origin === undefined ? (secondFactor ? at : undefined) : origin.steppedUpAt;
  const steppedUp = shownAt === undefined ? {} : { steppedUpAt: shownAt };
  await deps.sessions.put({ id, human, tenant, createdAt: at, ...steppedUp, ...how, ...came });
  return id;
}
