/** A device for NETCONF tests: a small configuration behind the real server on a real socket, with time in the test's hand. */
import type { DeviceEndpoint } from '../../../broker/drivers/driver.ts';
import { NETCONF_DEADLINES } from '../../../broker/drivers/netconf/deadlines.ts';
import { type NetconfSession, openSession } from '../../../broker/drivers/netconf/session.ts';
import { type RpcReply, rpcError } from '../../../protocols/netconf/messages.ts';
import { generateSshKeyPair, type SshKeyPair } from '../../../protocols/netconf/ssh-key.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { child, childText, el, parseXml, renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import type { YangModule } from '../../../protocols/yang/module-list.ts';
import { type NetconfServer, startNetconfServer } from '../../../simulators/protocols/netconf/server.ts';

export const NS = 'urn:test:box';

/** Timers that run when told to. */
export interface ManualTimers extends Timers {
  advance(ms: number): void;
  readonly pending: number;
}

export function createManualTimers(): ManualTimers {
  const waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  let now = 0;
  return {
    set(ms, run) {
      const timer = { at: now + ms, run };
      waiting.add(timer);
      return () => waiting.delete(timer);
    },
    advance(ms) {
      now += ms;
      for (const timer of [...waiting].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at))
        if (waiting.delete(timer)) timer.run();
    },
    get pending() {
      return waiting.size;
    },
  };
}

const MODULE: YangModule = {
  name: 'box',
  revision: '2026-01-01',
  ns: NS,
  implemented: true,
  features: [],
  deviations: [],
};

export interface TestDevice {
  readonly server: NetconfServer;
  readonly timers: ManualTimers;
  /** Text of the box in running. */
  running(): string;
  readonly commits: readonly string[];
  setReachable(reachable: boolean): void;
  /** Something happens at the box. */
  happen(content: XmlNode): void;
  /** As the administrator, or as the one who may only read. */
  endpoint(user?: 'admin' | 'viewer'): DeviceEndpoint & { readonly netconf: NonNullable<DeviceEndpoint['netconf']> };
  close(): Promise<void>;
}

const keys: Readonly<Record<'host' | 'admin' | 'viewer', SshKeyPair>> = {
  host: generateSshKeyPair(),
  admin: generateSshKeyPair(),
  viewer: generateSshKeyPair(),
};

export const START = '<item><name>a</name><mtu>1500</mtu></item>';

export async function startDevice(): Promise<TestDevice> {
  const timers = createManualTimers();
  const commits: string[] = [];
  const listeners = new Set<(content: XmlNode) => void>();
  let reachable = true;
  let running = parseXml(`<data><box xmlns="${NS}">${START}</box></data>`);
  const server = await startNetconfServer({
    host: '127.0.0.1',
    port: 0,
    hostKey: keys.host.privateKey,
    users: {
      admin: { publicKey: keys.admin.publicKey, access: 'read-write' },
      viewer: { publicKey: keys.viewer.publicKey, access: 'read-only' },
    },
    timers,
    backend: {
      reachable: () => reachable,
      now: () => 1_800_000_000_000,
      modules: [MODULE],
      schema: ({ name }) => `module ${name} {}`,
      listen(onEvent) {
        listeners.add(onEvent);
        return () => listeners.delete(onEvent);
      },
      keys: (path) => (path.join('/') === 'box/item' ? ['name'] : undefined),
      running: () => running,
      state: () => ({ ...running, children: [...running.children, el(NS, 'uptime', '42')] }),
      validate: (config) =>
        config.children.flatMap(({ children }) => children).some((item) => Number(childText(item, 'mtu')) > 9000)
          ? [rpcError('invalid-value', 'mtu is too large', { type: 'application', path: '/box/item/mtu' })]
          : [],
      commit(config, { user }) {
        if (JSON.stringify(config).includes('explode')) throw new Error('the disk is full');
        running = config;
        commits.push(user);
      },
      rpc: (request) => (request.name === 'ping' ? el(NS, 'reply', [el(NS, 'rtt', '7')]) : undefined),
    },
  });
  return {
    server,
    timers,
    commits,
    running: () => boxOf(running),
    happen(content) {
      for (const tell of listeners) tell(content);
    },
    setReachable(next) {
      reachable = next;
    },
    endpoint: (user = 'admin') => ({
      tenant: 'acme',
      device: 'box1',
      netconf: {
        host: server.address,
        port: server.port,
        hostKey: keys.host.fingerprint,
        user,
        privateKey: keys[user].privateKey,
      },
    }),
    close: () => server.close(),
  };
}

export const HOST_KEY = keys.host;

/** Public key of a user. */
export const keyOf = (user: 'admin' | 'viewer'): string => keys[user].publicKey;

/** Content of the box, without its namespace. */
export function boxOf(data: XmlNode): string {
  const box = child(data, 'box', NS);
  return box === undefined ? '' : box.children.map((node) => renderXml(node).replace(` xmlns="${NS}"`, '')).join('');
}

/** A NETCONF client without opinions: it sends what the test writes inside `<rpc>` and gives back the reply. */
export interface TestClient {
  rpc(xml: string): Promise<RpcReply>;
  /** Error tag of the reply, or `ok`. */
  outcome(xml: string): Promise<string>;
  /** Content of the box in a datastore. */
  read(store: 'running' | 'candidate'): Promise<string>;
  readonly session: NetconfSession;
}

export async function openClient(
  device: TestDevice,
  user: 'admin' | 'viewer' = 'admin',
  timers: Timers = createManualTimers(),
): Promise<TestClient> {
  const session = await openSession(device.endpoint(user).netconf, NETCONF_DEADLINES, timers);
  const rpc = (xml: string): Promise<RpcReply> => {
    const [operation] = parseXml(`<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0">${xml}</rpc>`).children;
    if (operation === undefined) throw new Error('an operation is due');
    return session.rpc(operation, 10_000);
  };
  return {
    session,
    rpc,
    outcome: async (xml) => {
      const reply = await rpc(xml);
      return reply.errors[0]?.tag ?? (reply.ok || reply.nodes.length > 0 ? 'ok' : 'nothing');
    },
    read: async (store) => {
      const { data } = await rpc(`<get-config><source><${store}/></source></get-config>`);
      return data === undefined ? 'no data' : boxOf(data);
    },
  };
}

/** `<edit-config>` of the candidate. */
export const editBox = (content: string, more = ''): string =>
  `<edit-config><target><candidate/></target>${more}<config><box xmlns="${NS}" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">${content}</box></config></edit-config>`;

export const itemB = '<item><name>b</name><mtu>1400</mtu></item>';
