/**
 * How long honest decisions take while somebody sends what no honest client sends (attack class RES): the broker's own server
 * over the real pipeline in one process, the attacker in another, and what the broker holds afterwards.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Figure } from './bench.ts';
import type { Held, HostileReady, HostileSettings } from './hostile-door.ts';
import type { SendOrder, Sent } from './hostile-sender.ts';
import { HONEST, HOSTILE_KINDS } from './hostile-shots.ts';
import { ISSUER, keyOf, type Login, signFor } from './open-identity.ts';

/** So many tenants call that no limit of one of them is reached. */
const TENANTS = Array.from({ length: 200 }, (_, n) => `t${n}`);
const WARM_UP_MS = 4000;
const MEASURED_MS = 5000;
/** Honest callers, and how long each of them thinks: most of the time the broker has nothing honest to do. */
const CALLERS = 4;
const THINK_MS = 10;

interface Called {
  /** Of all calls that were decided, sorted, ms. */
  readonly times: readonly number[];
  /** What became of the others. */
  readonly lost: readonly string[];
}

interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

const start = (file: string, ...options: readonly string[]) =>
  fork(fileURLToPath(new URL(file, import.meta.url)), {
    execArgv: ['--import', 'tsx', '--no-turbo-inline-js-wasm-calls', ...options],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

/** Calls for so long. */
async function callHonestly({ url, logins }: HostileReady, forMs: number): Promise<Called> {
  const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  const times: number[] = [];
  const lost: string[] = [];
  const keys = logins.map(keyOf);
  let next = 0;
  const send = (login: Login, content: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const key = keys[logins.indexOf(login)];
      if (key === undefined) throw new Error('a login without its key');
      const headers = {
        ...{ host: new URL(ISSUER).host, authorization: `HTTPSig ${login.token}`, 'content-type': 'application/json' },
        ...{ accept: 'application/json, text/event-stream', 'content-length': Buffer.byteLength(content) },
        ...signFor(login, key, content),
        [HONEST]: '1',
      };
      const sent = request(`${url}/mcp/inventory`, { agent, method: 'POST', headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => resolve(text));
      });
      // The broker closes what was idle; a client that meets that on a connection it had kept asks once more (RFC 9110 §9.2.2).
      sent.on('error', (error) => {
        if (sent.reusedSocket) send(login, content).then(resolve, reject);
        else reject(error);
      });
      sent.end(content);
    });
  const begun = performance.now();
  const caller = async (): Promise<void> => {
    for (let now = begun; now - begun < forMs; now = performance.now()) {
      next += 1;
      const login = logins[next % logins.length];
      if (login === undefined) throw new Error('nobody is logged in');
      const params = { name: 'inventory.devices', arguments: { input: {}, purpose: 'chat:1' } };
      const content = JSON.stringify({ jsonrpc: '2.0', id: next, method: 'tools/call', params });
      const at = performance.now();
      const text = await send(login, content).catch(String);
      if (text.includes('"status":"done"')) times.push(performance.now() - at);
      // One that waits for more than a minute is refused: its signature is too old by then.
      else lost.push(`after ${((performance.now() - at) / 1000).toFixed(0)} s: ${text.slice(0, 200)}`);
      await new Promise((resolve) => setTimeout(resolve, THINK_MS));
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  agent.destroy();
  return { times: times.sort((a, b) => a - b), lost };
}

const summarize = ({ times: sorted }: Called): Times => {
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), longest: at(1) };
};

export async function benchHostile(): Promise<readonly Figure[]> {
  const door = start('./hostile-door.ts', '--expose-gc');
  const sender = start('./hostile-sender.ts');
  try {
    const settings: HostileSettings = { tenants: TENANTS };
    door.send(settings);
    const [opened]: HostileReady[] = await once(door, 'message');
    if (opened === undefined) throw new Error('the door does not open');
    let ready = opened;
    const ask = async (): Promise<Held> => {
      door.send('held');
      const [answer]: Held[] = await once(door, 'message');
      if (answer === undefined) throw new Error('the door does not say what it holds');
      ready = { ...ready, logins: answer.logins };
      return answer;
    };
    await callHonestly(ready, WARM_UP_MS);
    await ask();
    const quiet = summarize(await callHonestly(ready, MEASURED_MS));
    const before = await ask();
    const figures: Figure[] = [
      { what: 'honest decision, nobody disturbs: p50', value: quiet.p50, unit: 'ms' },
      { what: '… p99', value: quiet.p99, unit: 'ms' },
      { what: '… longest', value: quiet.longest, unit: 'ms' },
      { what: '… busiest stretch of the broker, processor time', value: before.busiest, unit: 'ms' },
      { what: '… from arrival to answer, processor time, longest', value: before.slowest, unit: 'ms' },
    ];
    for (const kind of HOSTILE_KINDS) {
      const [login] = ready.logins;
      if (login === undefined) throw new Error('nobody is logged in');
      const order: SendOrder = { url: ready.url, login };
      sender.send({ ...order, kind } satisfies SendOrder);
      const called = await callHonestly(ready, MEASURED_MS);
      const times = summarize(called);
      const { busiest, slowest } = await ask();
      sender.send(order);
      const [sent]: Sent[] = await once(sender, 'message');
      const { requests = 0, answers = {} } = sent ?? {};
      if ('200' in answers) throw new Error(`${kind}: one of them was answered`);
      const told = Object.entries(answers).map(([status, count]) => `${count} × ${status}`);
      figures.push(
        { what: `${kind}: ${requests} (${told.join(', ') || 'none ended'})`, value: requests, unit: '' },
        {
          what: `… honest calls that were not decided${called.lost.length > 0 ? ` (${called.lost[0]})` : ''}`,
          value: called.lost.length,
          unit: '',
          aim: '0',
        },
        { what: '… honest decisions meanwhile, p99', value: times.p99, unit: 'ms' },
        { what: '… longest', value: times.longest, unit: 'ms' },
        {
          what: '… delayed by (longest − p50 of nobody)',
          value: times.longest - quiet.p50,
          unit: 'ms',
          aim: '≤ 50 ms',
        },
        { what: '… busiest stretch of the broker, processor time', value: busiest, unit: 'ms', aim: '≤ 50 ms' },
        {
          what: '… from arrival to answer, processor time, longest − nobody',
          value: Math.max(0, slowest - before.slowest),
          unit: 'ms',
          aim: '≤ 50 ms',
        },
      );
    }
    await callHonestly(ready, 500);
    const kept = (await ask()).megabytes - before.megabytes;
    return [...figures, { what: 'memory held after all of it − before', value: kept, unit: 'MB', aim: 'flat' }];
  } finally {
    sender.disconnect();
    door.disconnect();
    for (const child of [door, sender]) if (child.exitCode === null) await once(child, 'exit');
  }
}
