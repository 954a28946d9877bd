/**
 * A whole installation for a test file: the built processes over real sockets, in a folder that goes away.
 *
 * `npm run build` comes first: what runs is `dist/`. Nothing waits by time; `until` asks again until it is so.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { DIST } from '../../apps/agent-launch.ts';
import { signInAs } from '../../apps/cli/connect.ts';
import { type ChatClient, type ChatItem, createChatClient } from '../../apps/client/chat-client.ts';
import { type ControlClient, createControlClient } from '../../apps/client/control-client.ts';
import { createMcpClient } from '../../apps/client/mcp-client.ts';
import type { ClientSession } from '../../apps/client/session.ts';
import { type Config, loadConfig } from '../../apps/config.ts';
import { type Home, openHome } from '../../apps/home.ts';
import { type BrokerReport, type Installation, startInstallation } from '../../apps/installation.ts';
import { simulatorsReady } from '../../apps/simulation.ts';
import type { Child } from '../../apps/supervise.ts';
import { verifyExport } from '../../apps/verify/verify-export.ts';
import { followKeys, verifyContinuation, verifyEntryProof } from '../../apps/verify/verify-proof.ts';
import { openKeyFile } from '../../broker/audit/keys.ts';
import { printVerifier } from '../../broker/audit/note.ts';
import type { Answer, CallArguments, Domain } from '../../broker/contract.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';

/** Polls until `probe` holds (no throw); bounded, and patient with a busy machine. */
export const until = <T>(probe: () => T | Promise<T>, timeout = 30_000): Promise<T> =>
  vi.waitFor(probe, { timeout, interval: 20 });

/** Until a change is at its point beside others: each is submitted, decided and rehearsed again first. */
const HELD_MS = 90_000;

/** One person with everything that a login gives. */
export interface Person {
  readonly session: ClientSession;
  readonly desk: ControlClient;
  readonly chat: ChatClient;
  /** One tool call as this person, without an agent. */
  call(domain: Domain, tool: string, args: CallArguments): Promise<Answer>;
}

export interface Crash {
  readonly name: string;
  readonly detail: string;
  readonly lastLines: readonly string[];
}

export interface Stage {
  readonly installation: Installation;
  readonly config: Config;
  readonly home: Home;
  /** Every device with its credentials, as only simulators and broker know it. */
  readonly inventory: InventoryDocument;
  readonly network: NetworkControl;
  readonly crashes: readonly Crash[];
  child(name: string): Child;
  /** At the first broker, or at another one's address. */
  signIn(user: string, brokerUrl?: string): Promise<Person>;
  /** Ends the broker without a word to anybody, as a power cut of the process would. */
  killBroker(name?: string): Promise<void>;
  restartBroker(name?: string): Promise<BrokerReport>;
  close(): Promise<void>;
}

const configFor = (home: string, more: Partial<Config>): Config =>
  loadConfig({ home, brokerPort: 0, agentsPort: 0, speed: 20, ...more }, {}).config;

export const newFolder = (): string => mkdtempSync(path.join(os.tmpdir(), 'wayleave-test-'));

/** Starts in `folder` (a new one when none is given) and crashes are kept, not hidden. */
export async function openStage(
  more: Partial<Config> = {},
  folder = newFolder(),
  env: { readonly [name: string]: string } = {},
): Promise<Stage> {
  if (!existsSync(path.join(DIST, 'apps', 'processes', 'broker.js'))) throw new Error('run `npm run build` first');
  const config = configFor(folder, more);
  const crashes: Crash[] = [];
  const installation = await startInstallation({
    config,
    progress: () => undefined,
    onCrash: (name, detail, lastLines) => crashes.push({ name, detail, lastLines }),
    env,
  });
  const { running } = installation;
  const child = (name: string): Child => {
    const found = installation.children[name];
    if (found === undefined) throw new Error(`there is no process ${name}`);
    return found;
  };
  const inventory = InventoryDocument.parse(simulatorsReady.parse(child('simulators').ready).inventory);
  return {
    installation,
    config,
    home: openHome(config.home),
    inventory,
    network: createNetworkControl(running.simulators ?? { url: '', token: '' }),
    crashes,
    child,
    async signIn(user, brokerUrl = running.brokerUrl) {
      const session = await signInAs(config.home, brokerUrl, user);
      return {
        session,
        desk: createControlClient(session),
        chat: createChatClient(session, running.agentsUrl),
        async call(domain, tool, args) {
          const client = await createMcpClient(session, domain);
          try {
            return await client.callTool(tool, args);
          } finally {
            await client.close();
          }
        },
      };
    },
    async killBroker(name = 'broker') {
      const broker = child(name);
      broker.kill('SIGKILL');
      await broker.ended;
    },
    restartBroker: (name) => installation.restartBroker(name),
    async close() {
      await installation.stop();
      rmSync(config.home, { recursive: true, force: true });
    },
  };
}

export interface DeviceHold {
  /** Resolves when the device has stopped there. */
  reached(): Promise<void>;
  release(): Promise<void>;
}

/** The testers' door of the simulators. */
export interface NetworkControl {
  inject(tenant: string, type: string, resource: string): Promise<string>;
  clear(fault: string): Promise<void>;
  /** Somebody edits a description past Wayleave. */
  describe(tenant: string, device: string, port: string, description: string): Promise<void>;
  trouble(tenant: string, device: string, trouble: string): Promise<void>;
  hold(tenant: string, device: string, operation: string, when: 'before' | 'after'): Promise<DeviceHold>;
  config(tenant: string, device: string): Promise<DeviceView>;
}

const deviceView = z.looseObject({
  bgp: z.looseObject({ localAs: z.number() }).optional(),
  interfaces: z.array(z.looseObject({ name: z.string(), enabled: z.boolean(), description: z.string().optional() })),
});
export type DeviceView = z.infer<typeof deviceView>;

function createNetworkControl({ url, token }: { readonly url: string; readonly token: string }): NetworkControl {
  const ask = async (method: string, way: string, body?: object): Promise<unknown> => {
    const response = await fetch(url + way, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${way}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const id = z.object({ id: z.string() });
  return {
    inject: async (tenant, type, resource) => id.parse(await ask('POST', '/faults', { tenant, type, resource })).id,
    clear: async (fault) => void (await ask('DELETE', `/faults/${fault}`)),
    async describe(tenant, device, port, description) {
      await ask('POST', '/describe', { tenant, device, interface: port, description, user: 'netops' });
    },
    trouble: async (tenant, device, trouble) =>
      void (await ask('POST', '/persona', { tenant, device, persona: trouble })),
    async hold(tenant, device, operation, when) {
      const { id: name } = id.parse(await ask('POST', '/holds', { tenant, device, operation, when }));
      return {
        reached: () =>
          until(async () => expect(await ask('GET', `/holds/${name}`)).toEqual({ at: 'reached' }), HELD_MS),
        release: async () => void (await ask('DELETE', `/holds/${name}`)),
      };
    },
    config: async (tenant, device) => deviceView.parse(await ask('GET', `/config/${tenant}/${device}`)),
  };
}

/** Description of a port as the device has it. */
export async function descriptionOf(stage: Stage, tenant: string, device: string, port: string): Promise<string> {
  const { interfaces } = await stage.network.config(tenant, device);
  return interfaces.find(({ name }) => name === port)?.description ?? '';
}

/** Every credential with which a device or controller could be opened. */
export function secretsOf(inventory: InventoryDocument): readonly string[] {
  const all = inventory.tenants.flatMap(({ devices }) =>
    devices.flatMap(({ endpoint: { netconf, snmp, rest } }) => [
      ...(netconf === undefined ? [] : [ownLine(netconf.privateKey)]),
      ...(snmp === undefined ? [] : [snmp.authPassword, snmp.privPassword]),
      ...(rest === undefined ? [] : [rest.password]),
    ]),
  );
  return [...new Set(all)];
}

/** A key file's longest lines are full of its own bits; its armour is that of all others, and its end is the newest bit. */
function ownLine(pem: string): string {
  const lines = pem.trim().split('\n').slice(1, -1);
  return lines.at(lines.length > 2 ? -2 : -1) ?? pem;
}

/** Verifies the tenant's export offline, under the log's own key and with checkpoints that were kept outside. */
export async function verifyAudit(stage: Stage, overseer: Person, anchors: readonly string[] = []): Promise<void> {
  const exported = await overseer.desk.auditExport();
  const key = openKeyFile(path.join(stage.home.brokerKeys, 'audit.key'));
  async function* lines(): AsyncIterable<string> {
    yield* exported.split('\n');
  }
  const publicKeys = [printVerifier({ name: 'wayleave-audit', key }, 'log')];
  expect(await verifyExport(lines(), { publicKeys, anchors })).toMatchObject({ ok: true, problems: [] });
  const keys = followKeys(publicKeys, (await overseer.desk.auditKeys()).handovers);
  const [entry] = await overseer.desk.auditEntries(0, 1);
  const proof = await overseer.desk.auditProof(entry?.index ?? -1);
  expect(verifyEntryProof(proof, keys)).toMatchObject({ ok: true });
  for (const anchor of anchors) {
    const continued = await overseer.desk.auditConsistency(Number(anchor.split('\n')[1]));
    expect(verifyContinuation(anchor, continued, keys)).toMatchObject({ ok: true });
  }
}

/** Everything of a stream, as a list. */
export async function collect(items: AsyncIterable<ChatItem>): Promise<readonly ChatItem[]> {
  const all: ChatItem[] = [];
  for await (const item of items) all.push(item);
  return all;
}
