/**
 * The agents' process holds nothing that opens a device or the broker, and its sandbox keeps it from getting any.
 *
 * Over 300 lines because one running installation, which takes seconds to start, serves all of it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createBrokerClient } from '../../agents/broker/broker-client.ts';
import { DIST, sandboxFlags } from '../../apps/agent-launch.ts';
import { AGENTS, type AgentName } from '../../broker/contract.ts';
import type { DeviceEndpoint, Driver } from '../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { createRestDriver } from '../../broker/drivers/rest/driver.ts';
import { createSnmpDriver } from '../../broker/drivers/snmp/driver.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import { signCompactJws } from '../../protocols/oauth/compact-jws.ts';
import { createProof } from '../../protocols/oauth/dpop.ts';
import { generateSigningKey, importSigningKey } from '../../protocols/oauth/jwk.ts';
import { openStage, type Person, type Stage, secretsOf, until } from './fixture.ts';
import { descendantsOf, environmentOf, findInMemory, HAS_PROC, holdsBack, listenersOf } from './proc.ts';
import { runInSandbox } from './sandbox.ts';

let stage: Stage;
let operator: Person;
let secrets: readonly string[];
/** Keys of the broker: vault, log, tokens, and the one of the witness. */
let brokerKeys: readonly string[];
/** Of launch statements, agents and workers. */
let supervisorKeys: readonly string[];

beforeAll(async () => {
  stage = await openStage();
  operator = await stage.signIn('operator@acme');
  secrets = secretsOf(stage.inventory);
  supervisorKeys = filesBelow(stage.home.supervisor).map((file) => keyText(readFileSync(file, 'utf8')));
  brokerKeys = [
    // Beside the keys lies how often policies were activated, which is no secret.
    ...readdirSync(stage.home.brokerKeys)
      .filter((name) => name.includes('.key'))
      .map((name) => path.join(stage.home.brokerKeys, name)),
    path.join(stage.home.witness, 'witness.key'),
  ].map((file) => keyText(readFileSync(file, 'utf8')));
  // A conversation, so that the agents have done what they do.
  for await (const _ of operator.chat.ask('is everything healthy?'));
});
afterAll(() => stage.close());

/** The part of a key file that is the key: the body of a PEM, or the longest word. */
const keyText = (text: string): string =>
  text
    .replaceAll('\\n', '\n')
    .split(/[\s"]+/)
    .reduce((longest, word) => (word.length > longest.length ? word : longest), '');

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

const holding = (files: readonly string[], texts: readonly string[]): readonly string[] =>
  files.filter((file) => {
    const bytes = readFileSync(file);
    return texts.some((text) => bytes.includes(text));
  });

describe('what the agents hold', () => {
  it('is looked for by secrets that exist', () => {
    expect(secrets.length).toBeGreaterThan(20);
    expect(Math.min(...[...secrets, ...brokerKeys].map((secret) => secret.length))).toBeGreaterThan(20);
    expect(holding([path.join(stage.home.brokerKeys, 'vault.key')], brokerKeys)).toHaveLength(1);
  });

  it.runIf(HAS_PROC)('is nothing in the environment but language and time zone', () => {
    const names = environmentOf(stage.child('agents').pid)
      .split('\0')
      .flatMap((line) => (line === '' ? [] : [line.split('=')[0]]));
    expect(names.filter((name) => !['TZ', 'LANG'].includes(name ?? ''))).toEqual([]);
  });

  it('is no credential in any file of theirs, and none in clear in any file of the installation', () => {
    expect(filesBelow(stage.home.agents).length).toBeGreaterThan(AGENTS.length);
    expect(holding(filesBelow(stage.home.agents), supervisorKeys)).toEqual([]);
    expect(holding(filesBelow(stage.home.agents), [...secrets, ...brokerKeys])).toEqual([]);
    expect(holding(filesBelow(stage.home.root), secrets)).toEqual([]);
  });

  it.runIf(HAS_PROC)('is no credential anywhere in their memory, where the settings went', () => {
    // The search finds them where they are: a miss below means something.
    const few = secrets.slice(1, 5); // pass phrases: of the keys the simulators keep the public half
    expect(findInMemory(stage.child('simulators').pid, few)).toHaveLength(few.length);
    expect(findInMemory(stage.child('agents').pid, [...secrets, ...brokerKeys])).toEqual([]);
  });

  it('is kept in files that only this user may read', () => {
    const open = filesBelow(stage.home.root).filter((file) => (statSync(file).mode & 0o077) !== 0);
    // PGlite makes its files as PostgreSQL would under its umask; their folder keeps others out.
    expect(open.filter((file) => !file.includes(`${path.sep}database${path.sep}`))).toEqual([]);
    for (const folder of Object.values(stage.home).filter((one) =>
      statSync(one, { throwIfNoEntry: false })?.isDirectory(),
    ))
      expect(statSync(folder).mode & 0o077).toBe(0);
  });
});

describe('the sandbox', () => {
  const readThem = `
    const places = [home.broker, home.brokerKeys, home.simulators, home.witness, home.supervisor, home.logs];
    const files = [home.logins, home.run, home.broker + '/users.json', home.brokerKeys + '/vault.key', home.brokerKeys + '/audit.key', home.brokerKeys + '/token-keys.json', home.supervisor + '/troubleshooter.key.json'];
    return [...places.map((place) => attempt(() => fs.readdirSync(place))), ...files.map((file) => attempt(() => fs.readFileSync(file)))];`;

  it('lets nobody read the folders and keys of others', () => {
    const outside = z.array(z.string()).parse(runInSandbox(stage.home, readThem, []));
    expect(outside.filter((answer) => !answer.startsWith('got '))).toEqual([]);
    expect(new Set(z.array(z.string()).parse(runInSandbox(stage.home, readThem)))).toEqual(
      new Set(['ERR_ACCESS_DENIED']),
    );
  });

  it('lets nobody out by links, copies, other processes, or odd paths', () => {
    const tricks = `
      const key = home.brokerKeys + '/vault.key';
      return [
        () => fs.readFileSync(own('../broker-keys/vault.key')),
        () => fs.readFileSync(Buffer.from(own('../broker-keys/vault.key'))),
        () => fs.readFileSync(new TextEncoder().encode(own('../broker-keys/vault.key'))),
        () => fs.readFileSync('/proc/self/cwd/../../..' + key),
        () => fs.readFileSync('/proc/self/environ'),
        () => { fs.symlinkSync(key, own('absolute')); return fs.readFileSync(own('absolute')); },
        () => { fs.symlinkSync('../broker-keys/vault.key', own('relative')); return fs.readFileSync(own('relative')); },
        () => { fs.symlinkSync('..', own('up')); return fs.readFileSync(own('up/broker-keys/vault.key')); },
        () => { fs.linkSync(key, own('hard')); return fs.readFileSync(own('hard')); },
        () => { fs.copyFileSync(key, own('copy')); return fs.readFileSync(own('copy')); },
        () => { fs.cpSync(home.brokerKeys, own('tree'), { recursive: true }); return fs.readdirSync(own('tree')); },
        () => fs.renameSync(key, own('moved')),
        () => fs.writeFileSync(home.broker + '/planted', ''),
        () => require('node:child_process').execFileSync('cat', [key]),
        () => new (require('node:worker_threads').Worker)('0', { eval: true }),
        () => new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': home.brokerKeys } }),
        () => process.report.writeReport(home.broker + '/report.json'),
        () => require('node:v8').writeHeapSnapshot(home.broker + '/heap'),
      ].map(attempt);`;
    expect(new Set(z.array(z.string()).parse(runInSandbox(stage.home, tricks)))).toEqual(
      new Set(['ERR_ACCESS_DENIED']),
    );
    expect(runInSandbox(stage.home, 'return fs.readdirSync(home.agents).length > 0')).toBe(true);
  });

  it.runIf(HAS_PROC)('opens no debugger with SIGUSR1, in any process of the installation', async () => {
    const { running } = stage.installation;
    const victims = [
      process.pid,
      ...['witness', 'simulators', 'broker', 'agents'].map((name) => stage.child(name).pid),
    ];
    const referees = descendantsOf(stage.child('broker').pid);
    expect(referees).toHaveLength(1);
    const all = [...victims, ...referees];
    const before = all.map(listenersOf);
    const sent = `return ${JSON.stringify(all)}.map((pid) => attempt(() => process.kill(pid, 'SIGUSR1')));`;
    expect(new Set(z.array(z.string()).parse(runInSandbox(stage.home, sent)))).toEqual(new Set(['got true']));

    // Each has seen the signal before we look; a process under the permission model blocks it as a whole.
    for (const name of ['witness', 'simulators', 'broker', 'agents']) {
      const log = path.join(stage.home.logs, `${name}.log`);
      await until(() => {
        const isPending = holdsBack(stage.child(name).pid, os.constants.signals.SIGUSR1);
        expect(isPending || readFileSync(log, 'utf8').includes('SIGUSR1 ignored'), name).toBe(true);
      });
    }
    // And serves: a probe is decided by the referee too, executed by the simulators, and logged before the witness.
    const read = await operator.call('diagnostics', 'probe.ping', {
      target: { devices: ['br1_edge'] },
      input: { vrf: 10, destination: '10.100.20.10' },
      purpose: 'chat:alive',
    });
    expect(read.status).toBe('done');
    expect((await fetch(`${running.agentsUrl}/healthz`)).status).toBe(200);
    expect(all.map(listenersOf)).toEqual(before);
    expect(stage.crashes).toEqual([]);
  });
});

describe('a process of Wayleave', () => {
  const start = (name: string, flags: readonly string[], env: Record<string, string>) =>
    spawnSync(process.execPath, [...flags, path.join(DIST, 'apps', 'processes', `${name}.js`)], {
      env,
      input: '',
      encoding: 'utf8',
      timeout: 20_000,
    });

  it.each([
    ['broker', [], { NODE_OPTIONS: '--no-warnings' }],
    ['agents', [], { NODE_OPTIONS: '--inspect=127.0.0.1:0' }],
    ['simulators', ['--inspect=127.0.0.1:0'], {}],
    ['witness', ['--inspect-port=0'], {}],
  ])('refuses to start with a debugger or NODE_OPTIONS: %s %j %j', (name, flags, env) => {
    const { status, stderr, stdout } = start(name, flags, env);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('Refusing to start');
  });

  it('ends when a debugger came before its first line', () => {
    const opened = path.join(stage.home.logs, 'open-inspector.mjs');
    writeFileSync(opened, `import inspector from 'node:inspector'; inspector.open(0);`);
    const { status, stdout, stderr } = start('broker', ['--import', opened], {});
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('a debugger was opened from outside');
  });
});

it.runIf(process.platform !== 'win32')(
  'a process that is signalled while it starts does nothing with a debugger open',
  async () => {
    const child = spawn(process.execPath, [path.join(DIST, 'apps', 'processes', 'broker.js')], { env: {} });
    child.stdin.on('error', () => undefined);
    child.stdin.end('{}\n'); // settings that are refused: a process that reads them says so
    const said = { out: '', err: '' };
    child.stdout.on('data', (bytes: Buffer) => {
      said.out += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      said.err += bytes.toString();
    });
    const ended = new Promise<{ readonly code: number | null; readonly signal: string | null }>((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    const signalling = setInterval(() => child.kill('SIGUSR1'), 2);
    const { code, signal } = await ended;
    clearInterval(signalling);
    if (signal !== null) {
      // It came before Node itself was up, and did what it does to any process: ended it.
      expect({ signal, ...said }).toEqual({ signal: 'SIGUSR1', out: '', err: '' });
      return;
    }
    expect(code).toBe(1);
    if (said.err.includes('Debugger listening')) {
      expect(said).toMatchObject({ out: '', err: expect.stringContaining('Refusing to run') });
    } else {
      expect(said.out).toContain('"error"');
    }
  },
);

describe('with everything the agents hold', () => {
  const keys = new Map<AgentName, string>();
  let token: string;
  beforeAll(async () => {
    const pem = z.object({ pem: z.string() });
    for (const agent of AGENTS) {
      const file = path.join(stage.home.supervisor, `${agent}.key.json`);
      keys.set(agent, pem.parse(JSON.parse(readFileSync(file, 'utf8'))).pem);
    }
    token = await operator.session.token('urn:wayleave:agents');
  });

  const endpointOf = (device: string): DeviceEndpoint => {
    const found = stage.inventory.tenants[0]?.devices.find(({ name }) => name === device);
    if (found === undefined) throw new Error(`no device ${device}`);
    return { tenant: 'acme', device, ...found.endpoint };
  };
  async function ask(driver: Driver, endpoint: DeviceEndpoint): Promise<string> {
    const { device } = endpoint;
    const operations = {
      netconf: { protocol: 'netconf', kind: 'get-config', device, source: 'running', filter: '' },
      snmp: { protocol: 'snmp', kind: 'get', device, oids: ['1.3.6.1.2.1.1.5.0'] },
      rest: { protocol: 'rest', kind: 'get', device, path: '/dataservice/device', query: {} },
    } as const;
    try {
      return (await driver.run(endpoint, operations[driver.protocol])).protocol;
    } catch (error) {
      return z.object({ code: z.string() }).parse(error).code;
    }
  }

  it('no device lets them in: NETCONF takes no key, SNMP does not answer, REST refuses', async () => {
    const right = endpointOf('br1_edge');
    const { netconf, snmp, rest } = right;
    if (netconf === undefined || snmp === undefined || rest === undefined) throw new Error('an edge has all three');
    const drivers = {
      netconf: createNetconfDriver(),
      snmp: createSnmpDriver({ timers: systemTimers, now: () => performance.now(), random: randomBytes, waitMs: 200 }),
      rest: createRestDriver({ timers: systemTimers, loopback: true }),
    };
    try {
      for (const driver of Object.values(drivers)) expect(await ask(driver, right)).toBe(driver.protocol);
      for (const pem of keys.values())
        expect(await ask(drivers.netconf, { ...right, netconf: { ...netconf, privateKey: pem } })).toBe(
          'AUTHENTICATION',
        );
      for (const phrase of [token, ...keys.values()]) {
        const given = { ...snmp, authPassword: phrase, privPassword: phrase };
        expect(['TIMEOUT', 'AUTHENTICATION']).toContain(await ask(drivers.snmp, { ...right, snmp: given }));
        expect(await ask(drivers.rest, { ...right, rest: { ...rest, password: phrase } })).toBe('AUTHENTICATION');
      }
    } finally {
      await Promise.all(Object.values(drivers).map((driver) => driver.close()));
    }
  });

  /** What the broker answers at its API for people, to each token and proof that an agent could bring. */
  async function knock(accessToken: string, key = generateSigningKey()): Promise<readonly number[]> {
    const doors = [
      ['GET', '/approvals'],
      ['POST', '/approvals/apr_aaaaaaaaaaaaaaaaaaaaaaaaaa/approve'],
      ['GET', '/audit'],
      ['GET', '/audit/export'],
      ['GET', '/sessions'],
      ['POST', '/sessions/ses_aaaaaaaaaaaaaaaaaaaaaaaaaa/end'],
      ['GET', '/inventory'],
    ] as const;
    const answers = doors.map(async ([method, way]) => {
      const url = `${stage.installation.running.brokerUrl}/api${way}`;
      const proof = createProof(key, { method, url, accessToken }, Date.now(), randomUUID());
      const response = await fetch(url, {
        method,
        headers: { Authorization: `DPoP ${accessToken}`, DPoP: proof, 'Content-Type': 'application/json' },
        ...(method === 'POST' ? { body: JSON.stringify({ reason: 'mine' }) } : {}),
      });
      return response.status;
    });
    return Promise.all(answers);
  }

  async function exchange(agent: AgentName, resource: string, proofKey: ReturnType<typeof generateSigningKey>) {
    const { brokerUrl } = stage.installation.running;
    const url = `${brokerUrl}/oauth/token`;
    const key = importSigningKey(keys.get(agent) ?? '');
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: agent, sub: agent, aud: brokerUrl, iat, exp: iat + 60, jti: randomUUID() };
    return fetch(url, {
      method: 'POST',
      headers: { DPoP: createProof(proofKey, { method: 'POST', url }, Date.now(), randomUUID()) },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        client_id: agent,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: signCompactJws({ typ: 'JWT', kid: key.thumbprint }, claims, key.privateKey),
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource,
      }),
    });
  }

  it('they cannot approve, read the log, or end a session', async () => {
    const proofKey = generateSigningKey();
    const seven = Array.from({ length: 7 }, () => 401);
    expect(await knock(token)).toEqual(seven); // the person's chat token, without the person's key
    for (const agent of AGENTS) {
      const answer = await exchange(agent, `${stage.installation.running.brokerUrl}/mcp/inventory`, proofKey);
      const { access_token: exchanged } = z.object({ access_token: z.string() }).parse(await answer.json());
      expect(await knock(exchanged, proofKey)).toEqual(seven);
      for (const wanted of ['urn:wayleave:control', 'urn:wayleave:agents'])
        expect((await exchange(agent, wanted, proofKey)).status).toBe(400);
    }
  });

  it('the doors do open for a person who may', async () => {
    const admin = await stage.signIn('admin@acme');
    expect((await admin.desk.auditEntries(0, 10)).length).toBeGreaterThan(0);
    expect((await admin.desk.sessions()).length).toBeGreaterThan(0);
  });

  it('they get from the broker only what policy gives an agent', async () => {
    const client = createBrokerClient({
      brokerUrl: stage.installation.running.brokerUrl,
      keyOf: (client) => importSigningKey((client === 'worker' ? undefined : keys.get(client)) ?? ''),
      fetch,
      now: () => Date.now(),
    });
    const change = (agent: AgentName) =>
      client.callTool({ humanToken: token, agent }, 'wan', 'interface.set-description', {
        target: { devices: ['br1_edge'] },
        input: { interface: 'ge0/0', description: 'mine' },
        purpose: 'chat:mine',
      });
    for (const agent of AGENTS)
      await expect(change(agent), agent).rejects.toMatchObject({ code: expect.stringMatching(/^(DENIED|NOT_FOUND)$/) });
  });
});

it('the flags that were tried are those of the running agents', () => {
  expect(sandboxFlags(stage.home).some((flag) => /^--(experimental-)?permission$/.test(flag))).toBe(true);
  if (!HAS_PROC) return;
  const started = readFileSync(`/proc/${stage.child('agents').pid}/cmdline`, 'utf8').split('\0');
  for (const flag of sandboxFlags(stage.home)) expect(started).toContain(flag);
});
