/** A process that sends what no honest client sends, one kind at a time, until it is told the next one; it reports what it was answered. */
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type HostileKind, SHOTS, type Shot } from './hostile-shots.ts';
import { ISSUER, type Login } from './open-identity.ts';

/** Sent by the bench: begin with this kind; without one: stop, and report. */
export interface SendOrder {
  readonly url: string;
  readonly login: Login;
  readonly kind?: HostileKind;
}
export interface Sent {
  readonly requests: number;
  /** How many had which status; `closed`: the connection ended without one. */
  readonly answers: Readonly<Record<string, number>>;
}

/** Requests a second: enough to be an attack, and not so many that two cores are shared instead of a broker disturbed. */
const PER_SECOND = 60;
/** Connections that say something now and then and never finish. */
const SLOW = 400;
const TICK_MS = 50;

const answers: Record<string, number> = {};
let requests = 0;
const count = (answer: string): void => {
  answers[answer] = (answers[answer] ?? 0) + 1;
};

function fire(url: string, { headers, body }: Shot): void {
  requests += 1;
  const { host } = new URL(ISSUER);
  const sent = request(`${url}/mcp/inventory`, {
    ...{ method: 'POST', agent: false },
    headers: {
      ...{ host, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'content-length': Buffer.byteLength(body), ...headers },
    },
  });
  let answered = false;
  sent.on('response', (answer) => {
    answered = true;
    count(`${answer.statusCode}`);
    answer.resume();
  });
  sent.on('error', () => {
    if (!answered) count('closed');
  });
  sent.end(body);
}

/** Opens connections and sends a byte of a header or of a body on each, again and again. */
function drip(url: string): () => void {
  const { port } = new URL(url);
  const sockets: Socket[] = [];
  for (let n = 0; n < SLOW; n += 1) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.on('error', () => count('closed'));
    socket.on('data', (data) => count(String(data).slice(9, 12)));
    const end = n % 2 === 0 ? '' : 'content-type: application/json\r\ncontent-length: 200000\r\n\r\n';
    socket.write(`POST /mcp/inventory HTTP/1.1\r\nhost: ${new URL(ISSUER).host}\r\n${end}`);
    sockets.push(socket);
    requests += 1;
  }
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('x');
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

let stop: () => void = () => undefined;

process.on('message', ({ url, login, kind }: SendOrder) => {
  stop();
  if (kind === undefined) {
    stop = () => undefined;
    const sent: Sent = { requests, answers: { ...answers } };
    requests = 0;
    for (const answer of Object.keys(answers)) delete answers[answer];
    process.send?.(sent);
  } else if (kind === 'slow requests') stop = drip(url);
  else {
    const shots = SHOTS[kind](login);
    let next = 0;
    const timer = setInterval(() => {
      for (let n = 0; n < (PER_SECOND * TICK_MS) / 1000; n += 1)
        fire(url, shots[next++ % shots.length] ?? { headers: {}, body: '' });
    }, TICK_MS);
    stop = () => clearInterval(timer);
  }
});
process.once('disconnect', () => process.exit(0));
