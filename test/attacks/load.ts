/** Attacks by load: slow clients, a tenant that floods, and answers that keep the process busy. Counted, not timed. */
import { connect, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { DriverError } from '../../broker/drivers/driver.ts';
import { parseAnswer, TURN } from '../../broker/drivers/rest/parse-answer.ts';
import { startHttpServer } from '../../broker/http/server.ts';
import { SHED } from '../../broker/limits/shed.ts';
import { buildRequests, Circumstances } from '../../broker/policy/cases.ts';
import { TOOLS } from '../../tools/registry.ts';
import { createBench, OPERATOR, outcomeOf } from '../broker/pipeline/bench.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import { openPolicies } from './authorization.ts';
import { JSON_TYPE, openRestLab } from './rest-lab.ts';
import { XML_ATTACKS } from './xml.ts';

const SLOW_CLIENTS = 2000;
/** So many connect at a time: a listener has room for some hundred that it has not accepted. */
const AT_ONCE = 100;
/** A byte of each slow client a tick; the patience of the server is a few ticks, and the clients give up long after. */
const TICK_MS = 250;
const MOST_BYTES = 100;

/** Opens them, and sends a byte of a header to each every tick. Resolves with how many the server closed. */
async function trickle(port: number): Promise<number> {
  const seen = { closed: 0 };
  const sockets: Socket[] = [];
  const open = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', resolve);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          seen.closed += 1;
        });
      socket.resume().write('GET / HTTP/1.1\r\nX-Slow: ');
      sockets.push(socket);
    });
  while (sockets.length < SLOW_CLIENTS) await Promise.all(Array.from({ length: AT_ONCE }, open));
  for (let sent = 0; seen.closed < SLOW_CLIENTS && sent < MOST_BYTES; sent += 1) {
    for (const socket of sockets) if (!socket.destroyed) socket.write('x');
    await setTimeout(TICK_MS);
  }
  const byServer = seen.closed;
  for (const socket of sockets) socket.destroy();
  return byServer;
}

async function outlastSlowClients(): Promise<Attempt> {
  const server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0 },
    createApp: () => ({ fetch: () => new Response('here') }),
    patience: { headersTimeout: 4 * TICK_MS, requestTimeout: 8 * TICK_MS, connectionsCheckingInterval: TICK_MS },
  });
  try {
    const stop = new AbortController();
    let [served, failed] = [0, 0];
    const honest = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        const answer = await fetch(server.url).then(
          (response) => response.text(),
          () => 'failed',
        );
        if (answer === 'here') served += 1;
        else failed += 1;
        await setImmediate();
      }
    };
    const working = honest();
    const closed = await trickle(Number(new URL(server.url).port));
    stop.abort();
    await working;
    const how = `${closed} of ${SLOW_CLIENTS} slow clients are cut off, ${failed} of ${served + failed} honest requests fail`;
    return { refused: closed === SLOW_CLIENTS && failed === 0 && served > 0, how };
  } finally {
    await server.close();
  }
}

const READ = { target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:1' };
/** What is fair when two tenants want it at once: each may have half. */
const FAIR = SHED.read.calls / 2;

/** One tenant asks ten times its share at once, of an inventory that does not answer it. Refused means that the other is served. */
async function flood(): Promise<Attempt> {
  const bench = await createBench();
  let open = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { devices } = bench.inventory;
  bench.shared.inventory.devices = async (tenant) => {
    if (tenant === 'acme') await held;
    return devices(tenant);
  };
  const read = (human: string): Promise<string> => outcomeOf(bench.call({ human }, 'diagnostics', 'bgp.read', READ));
  const theirs: Promise<string>[] = [];
  const away = { count: 0 };
  const ask = (count: number): void => {
    for (let one = 0; one < count; one += 1)
      theirs.push(
        read(OPERATOR.human).then((how) => {
          if (how === 'OVERLOADED') away.count += 1;
          return how;
        }),
      );
  };
  ask(10 * FAIR);
  // What is turned away is in the log first.
  for (let turns = 0; turns < 1000 && away.count < 9 * FAIR; turns += 1) await setImmediate();
  const others: string[] = [];
  for (let one = 0; one < FAIR / 2; one += 1) {
    ask(10);
    others.push(await read('operator@globex'));
  }
  const served = others.filter((how) => how === 'done').length;
  open();
  const shed = (await Promise.all(theirs)).filter((how) => how === 'OVERLOADED' || how === 'LIMITED').length;
  const how = `${served} of ${others.length} calls of the other tenant are served, ${shed} of ${theirs.length} of the flood are not`;
  return { refused: served >= others.length * 0.95 && shed > 0, how };
}

/** How many decisions come through while `work` is under way. */
async function decideDuring(work: Promise<unknown>): Promise<number> {
  const { decisionPoint } = await openPolicies();
  const [request] = buildRequests(Circumstances.parse({ as: 'tenant-operator', tool: 'bgp.read' }), TOOLS);
  if (request === undefined) throw new Error('there is nothing to decide');
  const over = new AbortController();
  let decisions = 0;
  const done = work.finally(() => {
    over.abort();
  });
  while (!over.signal.aborted) {
    const { effect } = await decisionPoint.decide(request);
    if (effect !== 'permit') throw new Error('an honest read is denied');
    decisions += 1;
    await setImmediate();
  }
  await done;
  return decisions;
}

/** The longest answer that is read at all. Refused means that a decision is made for each part of it. */
async function readAtLength(body: string): Promise<Attempt> {
  await openPolicies();
  const answer = { status: 200, contentType: 'application/json', cookies: [], body };
  const reading = setImmediate().then(() => parseAnswer(answer));
  const decisions = await decideDuring(reading.catch(() => undefined));
  const parts = Math.floor(body.length / TURN);
  return { refused: decisions >= parts / 2, how: `${decisions} decisions within an answer of ${parts} parts` };
}

const rows = (row: string, bytes: number): string =>
  `{"header":{"generatedOn":1},"data":[${Array.from({ length: Math.floor(bytes / (row.length + 1)) }, () => row).join(',')}]}`;

/** Refused means: before the row was read to its end. */
async function oneRow(row: string): Promise<Attempt> {
  const answer = { status: 200, contentType: 'application/json', cookies: [], body: rows(row, row.length + 1) };
  const how = await parseAnswer(answer).then(
    () => 'read',
    (error: unknown) => (error instanceof DriverError ? error.message : String(error)),
  );
  return { refused: how === 'a row of the answer is too large', how };
}

async function tooLong(bytes: number): Promise<Attempt> {
  const lab = await openRestLab();
  const body = rows('{"a":1}', bytes);
  const rogue = await lab.startRogue((_, response) => response.writeHead(200, JSON_TYPE).end(body));
  return lab.read(rogue.url);
}

export const LOAD_ATTACKS: readonly Attack[] = [
  {
    id: 'RES-01',
    guard: 'patience',
    attempt: () => attemptAll([[`a byte every ${TICK_MS} ms`, outlastSlowClients]]),
  },
  {
    id: 'RES-03',
    guard: 'share-of-a-tenant',
    attempt: () => attemptAll([['ten times its share', flood]]),
  },
  {
    id: 'RES-04',
    guard: 'answers-in-turns',
    attempt: () =>
      attemptAll([
        ['8 MB of rows', () => readAtLength(rows('{"deviceId":"br2_edge","host":"x","list":[1,2,3]}', 8e6))],
        ['8 MB of numbers', () => readAtLength(rows('1', 8e6))],
        ['8 MB in one row', () => oneRow(`[${'1,'.repeat(4e6)}1]`)],
        ['16 MB', () => tooLong(16 * 1024 * 1024)],
        ...XML_ATTACKS.filter(({ id }) => id === 'XML-07').map(({ id, attempt }) => [id, attempt] as const),
      ]),
  },
];
