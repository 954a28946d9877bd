/** The broker's session at a controller: login once for all who wait, the XSRF token for what is no GET, patience when told to wait, and a goodbye. */
import type { Agent } from 'node:https';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { type DeviceEndpoint, DriverError } from '../driver.ts';
import { type HttpsAnswer, type HttpsQuestion, requestHttps } from './https-request.ts';

export interface Controller {
  readonly rest: NonNullable<DeviceEndpoint['rest']>;
  readonly agent: Agent;
  /** `JSESSIONID=…`; undefined before the first login and after an expiry. */
  cookie?: string | undefined;
  /** A login under way, which all requests share. */
  loggingIn?: Promise<string> | undefined;
}

export interface Patience {
  readonly timers: Timers;
  readonly signal: AbortSignal;
}

/** Seconds that a controller may make us wait; longer is for the caller to decide. */
const MAX_RETRY_AFTER = 5;

/** GET with the session: logs in first, once again when the session has ended, and waits once when the controller says so. */
export async function getWithSession(controller: Controller, url: URL, patience: Patience): Promise<HttpsAnswer> {
  const ask = createAsker(controller, patience);
  for (let fresh = false; ; ) {
    const known = controller.cookie;
    const cookie = known ?? (await logIn(controller, ask));
    fresh ||= known === undefined;
    const answer = await ask({ url, method: 'GET', headers: { cookie, accept: 'application/json' } });
    // Some say 401, others send the form of the login instead of what was asked for.
    const expired = answer.status === 401 || (answer.status === 200 && /^text\/html\b/i.test(answer.contentType));
    if (expired && !(fresh && answer.status === 200)) {
      // Unless somebody else has a new one already.
      if (controller.cookie === cookie) controller.cookie = undefined;
      if (fresh) throw new DriverError('AUTHENTICATION', 'the controller does not accept its own session');
    } else if (answer.status === 200) return answer;
    else if (isBusy(answer)) throw new DriverError('PROTOCOL', 'the controller limits its requests');
    else throw new DriverError('RPC_ERROR', `the controller answered ${answer.status}`, String(answer.status));
  }
}

/** Ends the session if there is one. A POST, so it needs the token that no other site can read (OWASP: cross-site request forgery). */
export async function logOut(controller: Controller, signal: AbortSignal): Promise<void> {
  const { cookie, rest, agent } = controller;
  controller.cookie = undefined;
  if (cookie === undefined) return;
  const ask = (question: Pick<HttpsQuestion, 'url' | 'method' | 'headers'>): Promise<HttpsAnswer> =>
    requestHttps({ agent, signal, ...question });
  const token = await ask({
    ...{ url: new URL('/dataservice/client/token', rest.baseUrl), method: 'GET', headers: { cookie } },
  });
  if (token.status !== 200 || !/^[\x21-\x7e]{1,512}$/.test(token.body.trim())) return;
  await ask({
    ...{ url: new URL('/logout', rest.baseUrl), method: 'POST' },
    headers: { cookie, 'x-xsrf-token': token.body.trim() },
  });
}

type Ask = (question: Pick<HttpsQuestion, 'url' | 'method' | 'headers' | 'body'>) => Promise<HttpsAnswer>;

const isBusy = ({ status }: HttpsAnswer): boolean => status === 429 || status === 503;

/** Asks, and asks once more after the pause that the controller names (RFC 9110 §10.2.3), once in all. */
function createAsker({ agent }: Controller, { timers, signal }: Patience): Ask {
  let waited = false;
  return async (question) => {
    const answer = await requestHttps({ agent, signal, ...question });
    const seconds = answer.retryAfter ?? 1;
    if (!isBusy(answer) || waited || seconds > MAX_RETRY_AFTER) return answer;
    waited = true;
    await pause(timers, signal, seconds * 1_000);
    return requestHttps({ agent, signal, ...question });
  };
}

/** One login for all who need it at this moment; a login that was given up with its caller is begun again by the next. */
async function logIn(controller: Controller, ask: Ask): Promise<string> {
  const others = controller.loggingIn;
  if (others !== undefined) {
    const cookie = await others.catch((error: unknown) => {
      if (error instanceof DriverError && error.code === 'AUTHENTICATION') throw error;
      return undefined;
    });
    return cookie ?? logIn(controller, ask);
  }
  const mine = sendLogin(controller, ask);
  controller.loggingIn = mine;
  try {
    const cookie = await mine;
    controller.cookie = cookie;
    return cookie;
  } finally {
    if (controller.loggingIn === mine) controller.loggingIn = undefined;
  }
}

async function sendLogin({ rest }: Controller, ask: Ask): Promise<string> {
  const answer = await ask({
    ...{ method: 'POST', url: new URL('/j_security_check', rest.baseUrl) },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ j_username: rest.user, j_password: rest.password }).toString(),
  });
  const cookie = answer.cookies.map((each) => /^(JSESSIONID=[\w.~+/=-]{1,512})(;|$)/.exec(each)?.[1]).find(Boolean);
  // A form page instead of nothing is how such controllers also say no.
  if (answer.status === 200 && cookie !== undefined && answer.body.trim() === '') return cookie;
  if (isBusy(answer)) throw new DriverError('PROTOCOL', 'the controller limits its requests');
  throw new DriverError('AUTHENTICATION', 'the controller does not accept user or password');
}

const pause = (timers: Timers, signal: AbortSignal, ms: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = timers.set(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
