/** How fast the drivers are, each beside the raw library on the same work against the same simulated device in the same run. */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { SaxesParser } from 'saxes';
import { Session } from 'snmp-native';
import ssh2, { type ClientChannel } from 'ssh2';
import type { DeviceEndpoint } from '../broker/drivers/driver.ts';
import { createNetconfDriver } from '../broker/drivers/netconf/driver.ts';
import { createCommunityDriver } from '../broker/drivers/snmp/community-driver.ts';
import { createSnmpDriver } from '../broker/drivers/snmp/driver.ts';
import { BASE_NS, buildHello, CAPABILITIES } from '../protocols/netconf/messages.ts';
import { generateSshKeyPair } from '../protocols/netconf/ssh-key.ts';
import { systemTimers } from '../protocols/netconf/timers.ts';
import { el, parseXml, renderXml } from '../protocols/netconf/xml.ts';
import { createMibTable } from '../protocols/snmp/mib.ts';
import { startNetconfServer } from '../simulators/protocols/netconf/server.ts';
import { startSnmpAgent } from '../simulators/protocols/snmp/agent.ts';
import type { Figure } from './bench.ts';

const NS = 'urn:wayleave:bench';
const SESSIONS = 120;
const RPCS = 4_000;
const TRANSACTIONS = 120;
const POLLS = 4_000;
const IN_FLIGHT = 8;
/** For an answer, ours and raw alike: a busy machine ends no run. */
const WAIT_MS = 5_000;
const COMMUNITY = 'bench';
const SYS_NAME = '1.3.6.1.2.1.1.5.0';
const USER = { name: 'reader', authPassword: 'authentic-pass', privPassword: 'private-pass' };

/** Runs `work` so many times, `IN_FLIGHT` at once, and gives the times per second. */
async function rate(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (1_000 * count) / (performance.now() - begun);
}

/** Rounds of each, of which the best counts; the first ones are the compiler's. */
const ROUNDS = 8;

/** Times a second, and the processor's seconds that they took, of client and simulated device together. */
async function measure(work: () => Promise<number>): Promise<{ readonly rate: number; readonly cpu: number }> {
  const before = process.cpuUsage();
  const rate = await work();
  const { user, system } = process.cpuUsage(before);
  return { rate, cpu: user + system };
}

/** Ours and raw measured in turns, the best of each: the machine's noise hits both alike. */
async function compare(what: string, unit: string, ours: () => Promise<number>, raw: () => Promise<number>) {
  const [own, other] = [
    { rate: 0, cpu: Number.POSITIVE_INFINITY },
    { rate: 0, cpu: Number.POSITIVE_INFINITY },
  ];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [best, work] of [[own, ours] as const, [other, raw] as const]) {
      const { rate, cpu } = await measure(work);
      best.rate = Math.max(best.rate, rate);
      best.cpu = Math.min(best.cpu, cpu);
    }
  }
  return [
    { what, value: own.rate, unit },
    { what: `${what}, raw library`, value: other.rate, unit },
    { what: `${what}, ratio`, value: own.rate / other.rate, unit: '×', aim: 'at least 0.80' },
    { what: `${what}, ratio by processor time`, value: other.cpu / own.cpu, unit: '×', aim: 'at least 0.80' },
  ] satisfies readonly Figure[];
}

async function startDevice() {
  const host = generateSshKeyPair();
  const user = generateSshKeyPair();
  let running = parseXml(`<data><box xmlns="${NS}"><name>a</name></box></data>`);
  const server = await startNetconfServer({
    ...{ host: '127.0.0.1', port: 0, hostKey: host.privateKey, timers: systemTimers },
    users: { bench: { publicKey: user.publicKey, access: 'read-write' } },
    backend: {
      reachable: () => true,
      modules: [],
      now: () => 0,
      schema: () => '',
      listen: () => () => undefined,
      keys: () => undefined,
      running: () => running,
      state: () => ({ ...running, children: [...running.children, el(NS, 'uptime', '42')] }),
      validate: () => [],
      commit: (config) => {
        running = config;
      },
      rpc: () => undefined,
    },
  });
  const netconf = { host: server.address, port: server.port, hostKey: host.fingerprint, user: 'bench' };
  return { server, netconf: { ...netconf, privateKey: user.privateKey } };
}

/** What ssh2 and saxes need to speak base:1.0: no checks, no tree, no limits, no deadlines, no host key; replies in the order of the rpcs. */
function openRaw(target: NonNullable<DeviceEndpoint['netconf']>) {
  return new Promise<{ rpc(operation: string): Promise<string>; end(): void }>((resolve, reject) => {
    const client = new ssh2.Client();
    client.on('error', reject);
    client.on('ready', () => {
      client.subsys('netconf', (error, channel: ClientChannel) => {
        if (error !== undefined) return reject(error);
        let text = '';
        const waiting: ((reply: string) => void)[] = [];
        let greeted = false;
        const session = {
          rpc: (operation: string) =>
            new Promise<string>((settle) => {
              waiting.push(settle);
              channel.write(`<rpc xmlns="${BASE_NS}" message-id="1">${operation}</rpc>]]>]]>`);
            }),
          end: () => client.end(),
        };
        channel.on('data', (bytes: Buffer) => {
          const parts = `${text}${bytes.toString('utf8')}`.split(']]>]]>');
          text = parts.pop() ?? '';
          for (const part of parts) {
            new SaxesParser({ xmlns: true }).write(part).close();
            if (greeted) waiting.shift()?.(part);
            else {
              greeted = true;
              resolve(session);
            }
          }
        });
        channel.write(`${renderXml(buildHello({ capabilities: [CAPABILITIES.base10] }))}]]>]]>`);
      });
    });
    const sock = connect({ host: target.host, port: target.port, noDelay: true });
    client.connect({ sock, username: target.user, privateKey: target.privateKey });
  });
}

async function benchNetconf(): Promise<readonly Figure[]> {
  const device = await startDevice();
  const endpoint: DeviceEndpoint = { tenant: 'bench', device: 'box', netconf: device.netconf };
  const driver = createNetconfDriver();
  const raw = await openRaw(device.netconf);
  const filter = `<uptime xmlns="${NS}"/>`;
  const get = { protocol: 'netconf', kind: 'get', device: 'box', filter } as const;
  const change = (index: number): string => `<box xmlns="${NS}"><name>n${index}</name></box>`;

  const sessions = await compare(
    'NETCONF sessions, opened and closed',
    'a second',
    () => rate(SESSIONS, async () => (await driver.openWriteSession(endpoint)).close()),
    () =>
      rate(SESSIONS, async () => {
        const session = await openRaw(device.netconf);
        await session.rpc('<close-session/>');
        session.end();
      }),
  );
  const rpcs = await compare(
    'NETCONF rpcs on one session, 8 in the pipe',
    'a second',
    () => rate(RPCS, () => driver.run(endpoint, get)),
    () => rate(RPCS, () => raw.rpc(`<get><filter type="subtree">${filter}</filter></get>`)),
  );
  const writer = await driver.openWriteSession(endpoint);
  const one = async (count: number, work: (index: number) => Promise<void>): Promise<number> => {
    const begun = performance.now();
    for (let index = 0; index < count; index += 1) await work(index);
    return (1_000 * count) / (performance.now() - begun);
  };
  const transactions = await compare(
    'NETCONF transactions of seven rpcs on one session',
    'a second',
    () =>
      one(TRANSACTIONS, async (index) => {
        await writer.lockCandidate();
        await writer.editCandidate(change(index));
        await writer.validateCandidate();
        await writer.commitConfirmed({ timeoutSeconds: 60, persistId: `c${index}` });
        await writer.getConfig('running', '');
        await writer.confirmCommit(`c${index}`);
        await writer.unlockCandidate();
      }),
    () =>
      one(TRANSACTIONS, async (index) => {
        const candidate = '<target><candidate/></target>';
        for (const rpc of [
          `<lock>${candidate}</lock>`,
          `<edit-config>${candidate}<error-option>rollback-on-error</error-option><config>${change(index)}</config></edit-config>`,
          '<validate><source><candidate/></source></validate>',
          `<commit><confirmed/><confirm-timeout>60</confirm-timeout><persist>c${index}</persist></commit>`,
          '<get-config><source><running/></source></get-config>',
          `<commit><persist-id>c${index}</persist-id></commit>`,
          `<unlock>${candidate}</unlock>`,
        ]) {
          const reply = await raw.rpc(rpc);
          if (reply.includes('rpc-error')) throw new Error(`the bench's own device refused: ${reply}`);
        }
      }),
  );
  await writer.close();
  raw.end();
  await driver.close();
  await device.server.close();
  return [...sessions, ...rpcs, ...transactions];
}

/** The part of net-snmp that is used here; the package has no types. */
interface RawSnmp {
  createV3Session(host: string, user: object, options: object): RawSession;
  createSession(host: string, community: string, options: object): RawSession;
  readonly SecurityLevel: { readonly authPriv: number };
  readonly AuthProtocols: { readonly sha256: number };
  readonly PrivProtocols: { readonly aes: number };
  readonly Version3: number;
}
interface RawSession {
  get(oids: readonly string[], done: (error: Error | null) => void): void;
  on(event: 'error', run: () => void): void;
  close(): void;
}

async function benchSnmp(): Promise<readonly Figure[]> {
  const agent = await startSnmpAgent({
    ...{ host: '127.0.0.1', port: 0, engineId: Buffer.from('80001f8804776179', 'hex'), users: [USER] },
    mib: createMibTable([{ oid: SYS_NAME.split('.').map(Number), value: { type: 'string', value: 'box' } }]),
    ...{ engineBoots: () => 1, engineTime: () => 1_000, reachable: () => true, community: { name: COMMUNITY } },
  });
  const { port } = agent;
  const driver = createSnmpDriver({
    ...{ timers: systemTimers, now: () => performance.now(), random: randomBytes, waitMs: WAIT_MS },
  });
  const endpoint: DeviceEndpoint = {
    ...{ tenant: 'bench', device: 'box' },
    snmp: {
      host: '127.0.0.1',
      port,
      user: USER.name,
      authPassword: USER.authPassword,
      privPassword: USER.privPassword,
    },
  };
  const snmp: RawSnmp = createRequire(import.meta.url)('net-snmp');
  const v3 = snmp.createV3Session(
    '127.0.0.1',
    {
      ...{ name: USER.name, level: snmp.SecurityLevel.authPriv },
      ...{ authProtocol: snmp.AuthProtocols.sha256, authKey: USER.authPassword },
      ...{ privProtocol: snmp.PrivProtocols.aes, privKey: USER.privPassword },
    },
    { port, version: snmp.Version3, timeout: WAIT_MS },
  );
  v3.on('error', () => undefined);
  const rawGet = (session: RawSession): Promise<void> =>
    new Promise((resolve, reject) => session.get([SYS_NAME], (error) => (error === null ? resolve() : reject(error))));
  const figures = await compare(
    'SNMP v3 authPriv polls, 8 in flight',
    'a second',
    () => rate(POLLS, () => driver.run(endpoint, { protocol: 'snmp', kind: 'get', device: 'box', oids: [SYS_NAME] })),
    () => rate(POLLS, () => rawGet(v3)),
  );
  v3.close();
  await driver.close();
  const community = createCommunityDriver({ timers: systemTimers, random: randomBytes, waitMs: WAIT_MS });
  const open: DeviceEndpoint = {
    ...{ tenant: 'bench', device: 'box', snmp2c: { host: '127.0.0.1', port, community: COMMUNITY } },
  };
  const v2c = new Session({
    ...{ host: '127.0.0.1', port, community: COMMUNITY, family: 'udp4', timeouts: [WAIT_MS] },
  });
  const oids = [SYS_NAME.split('.').map(Number)];
  const clear = await compare(
    'SNMP v2c polls, 8 in flight',
    'a second',
    () => rate(POLLS, () => community.run(open, { protocol: 'snmp', kind: 'get', device: 'box', oids: [SYS_NAME] })),
    () => rate(POLLS, () => new Promise<void>((resolve) => v2c.getAll({ oids, abortOnError: true }, resolve))),
  );
  v2c.close();
  await community.close();
  await agent.close();
  return [...figures, ...clear];
}

/** Figures of NETCONF and SNMP, ours beside raw: `net-snmp` for version 3, `snmp-native` for version 2c. */
export async function benchDevices(): Promise<readonly Figure[]> {
  return [...(await benchNetconf()), ...(await benchSnmp())];
}
