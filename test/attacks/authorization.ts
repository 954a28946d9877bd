/** Attacks on who may do what: other tenants, other names, other doors, borrowed rights and handles. Over 300 lines because every attack has its spellings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Domain } from '../../broker/contract.ts';
import { DriverError } from '../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { WantedBreakGlass } from '../../broker/grants/break-glass.ts';
import { createDecisionPoint } from '../../broker/policy/decision-point.ts';
import { createJudge } from '../../broker/policy/judge.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../broker/policy/load-policies.ts';
import { startReferee } from '../../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../../broker/policy/referee/spawn-referee.ts';
import { sampleInput } from '../../broker/policy/sample-input.ts';
import { buildSchema } from '../../broker/policy/schema.ts';
import { BASE_NS } from '../../protocols/netconf/messages.ts';
import { TOOLS } from '../../tools/registry.ts';
import {
  AGENT,
  type Bench,
  type Caller,
  createBench,
  OPERATOR,
  outcomeOf,
  propose,
  RIGHT_AS,
} from '../broker/pipeline/bench.ts';
import { createManualTimers, itemB, NS, startDevice } from '../simulators/netconf/device.ts';
import { type Attack, type Attempt, attemptAll, laboratory } from './attack.ts';
import { openSteadyFront } from './front.ts';

const FOREIGN: Caller = { human: 'operator@globex' };
const READ = { target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' };

/** A bench on which acme has one device that globex has not. */
async function openTenants(): Promise<Bench> {
  const bench = await createBench();
  const { devices } = bench.inventory;
  bench.shared.inventory.devices = async (tenant) =>
    (await devices(tenant)).map((one) =>
      tenant === 'acme' && one.name === 'br1_edge' ? { ...one, name: 'br7_only_acme' } : one,
    );
  return bench;
}

/** Calls it. Refused means one of these codes, and no device that was asked anything. */
async function call(
  bench: Bench,
  caller: Caller,
  [domain, tool]: readonly [Domain, string],
  args: unknown,
  codes: readonly string[] = ['NOT_FOUND', 'INPUT_INVALID'],
): Promise<Attempt> {
  const before = bench.reads.length;
  const how = await outcomeOf(bench.call(caller, domain, tool, args));
  const asked = bench.reads.length - before;
  bench.advance(3_600_000); // or the risk of the caller refuses the rest
  return { refused: codes.includes(how) && asked === 0, how: asked === 0 ? how : `${how}, ${asked} reads` };
}
const BGP_READ = ['diagnostics', 'bgp.read'] as const;
const SET_AS = ['wan', 'bgp.set-local-as'] as const;

export const openPolicies = laboratory(async () => {
  const referee = startReferee({ spawn: spawnReferee, timers: systemTimers, decideWithin: 30_000 });
  const policies = await loadPolicies(DEFAULT_POLICIES);
  const decisionPoint = await createDecisionPoint({ referee, tools: TOOLS, policies });
  return { decisionPoint, close: async () => referee.close() };
});

export const AUTHORIZATION_ATTACKS: readonly Attack[] = [
  {
    id: 'AUZ-01',
    guard: 'devices-of-the-tenant',
    attempt: async () => {
      const bench = await openTenants();
      const tools = TOOLS.filter((tool) => tool.targets !== 'none' && tool.input.safeParse(sampleInput(tool)).success);
      return attemptAll(
        tools.map((tool) => [
          tool.name,
          async () => {
            const ask = (device: string): Promise<Attempt> => {
              const args = { target: { devices: [device] }, input: sampleInput(tool), purpose: 'chat:1' };
              return call(bench, FOREIGN, [tool.domain, tool.name], args, ['NOT_FOUND']);
            };
            const [theirs, none] = [await ask('br7_only_acme'), await ask('br8_nowhere')];
            return theirs.how === none.how ? theirs : { refused: false, how: `${theirs.how}, but ${none.how}` };
          },
        ]),
      );
    },
  },
  {
    id: 'AUZ-02',
    guard: 'closed-call-schema',
    attempt: async () => {
      const bench = await createBench();
      return attemptAll(
        [
          { tenant: 'globex' },
          { subject: { tenant: 'globex' } },
          { _meta: { tenant: 'globex' } },
          { Tenant: 'acme' },
        ].map((more) => [JSON.stringify(more), () => call(bench, OPERATOR, BGP_READ, { ...READ, ...more })] as const),
      );
    },
  },
  {
    id: 'AUZ-03',
    guard: 'records-of-the-tenant',
    attempt: async () => {
      const bench = await createBench();
      bench.inject();
      const approval = await propose(bench);
      const stranger = bench.subjectOf({ human: 'admin@globex' });
      const ask = (id: string): Promise<string> =>
        bench.desk
          .approval(stranger, id)
          .then(JSON.stringify, (error: unknown) =>
            JSON.stringify(error instanceof WayleaveError ? error : String(error)),
          );
      const theirs = await ask(approval);
      const answers = new Set<string>();
      for (let one = 0; one < 10_000; one += 1) answers.add(await ask(`apr_${String(one).padStart(12, '0')}`));
      return {
        refused: answers.size === 1 && answers.has(theirs) && theirs.includes('NOT_FOUND'),
        how: `${answers.size} answers to 10,000 unknown ids; to the foreign one ${theirs.slice(0, 40)}`,
      };
    },
  },
  {
    id: 'AUZ-04',
    guard: 'devices-of-the-tenant',
    attempt: async () => {
      const bench = await openTenants();
      const lists = {
        'one of them foreign': ['br2_edge', 'br7_only_acme'],
        'an empty list': [],
        'a star': ['*'],
        'a selector': ['site=*'],
        'a pattern': ['.*'],
        '100,000 names': Array.from({ length: 100_000 }, (_, n) => `br${n}_edge`),
      };
      return attemptAll(
        Object.entries(lists).map(
          ([what, devices]) => [what, () => call(bench, FOREIGN, BGP_READ, { ...READ, target: { devices } })] as const,
        ),
      );
    },
  },
  {
    id: 'AUZ-06',
    guard: 'exact-tool-names',
    attempt: async () => {
      const bench = await createBench();
      const names = [
        ...['BGP.READ', 'Bgp.Read', 'bgp.read.', 'bgp..read', ' bgp.read', 'bgp.read\u0000', 'bgp.read\u200b'],
        ...['b\u0261p.read', 'bgp\uff0eread', 'bgp.re\u0430d', 'bgp/read', 'bgp_read', '__proto__', 'constructor'],
      ];
      return attemptAll(
        names.map(
          (name) =>
            [JSON.stringify(name), () => call(bench, OPERATOR, ['diagnostics', name], READ, ['NOT_FOUND'])] as const,
        ),
      );
    },
  },
  { id: 'AUZ-07', guard: 'probes-cannot-write', attempt: writeByProbe },
  {
    id: 'AUZ-08',
    guard: 'closed-call-schema',
    attempt: async () => {
      const bench = await createBench();
      const input = { localAs: RIGHT_AS };
      const target = { devices: ['br2_edge'] };
      const odd = [
        { ...READ, dryRun: false },
        { ...READ, input: { filter: 'x' } },
        { target, input: { ...input, force: true }, purpose: 'chat:1' },
        { target, input: { localAs: { value: RIGHT_AS } }, purpose: 'chat:1' },
        { target: { ...target, sites: ['hub1'] }, input, purpose: 'chat:1' },
        { target: [target], input, purpose: 'chat:1' },
        { target, input: [input], purpose: 'chat:1' },
        { target, input, purpose: ['chat:1'] },
      ];
      return attemptAll(
        odd.map((args, at) => {
          const tool = at < 2 ? BGP_READ : SET_AS;
          return [JSON.stringify(args), () => call(bench, OPERATOR, tool, args, ['INPUT_INVALID'])] as const;
        }),
      );
    },
  },
  {
    id: 'AUZ-09',
    guard: 'call-schema',
    attempt: async () => {
      const values = [
        '65002',
        65002.5,
        [65002],
        true,
        -0,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        '0xfdea',

        null,
        2 ** 53,
      ];
      return attemptAll(
        values.map((localAs) => [
          typeof localAs === 'number' ? String(localAs) : JSON.stringify(localAs),
          async () => {
            const bench = await createBench();
            bench.inject();
            return call(bench, OPERATOR, SET_AS, { ...READ, target: { devices: ['br2_edge'] }, input: { localAs } });
          },
        ]),
      );
    },
  },
  { id: 'AUZ-11', guard: 'denied-by-default', attempt: withoutPolicies },
  {
    id: 'AUZ-12',
    guard: 'closed-call-schema',
    attempt: async () => {
      const bench = await createBench();
      const lab = await openSteadyFront();
      const bodies = [{ roles: ['tenant-admin'] }, { role: 'tenant-admin' }, { _meta: { roles: [['tenant-admin']] } }];
      const headers = ['X-Roles', 'X-Forwarded-Roles', 'Roles', 'X-Wayleave-Roles'];
      return attemptAll([
        ...bodies.map(
          (more) => [JSON.stringify(more), () => call(bench, OPERATOR, BGP_READ, { ...READ, ...more })] as const,
        ),
        ...headers.map(
          (name) =>
            [
              name,
              async () => {
                const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x', arguments: {} } };
                const answer = await lab.send({ headers: { [name]: 'tenant-admin,provider-admin' }, body });
                await answer.arrayBuffer();
                const roles = lab.calls.at(-1)?.subject.roles.join() ?? '';
                return { refused: roles === 'tenant-operator', how: `roles are ${roles}` };
              },
            ] as const,
        ),
      ]);
    },
  },
  {
    id: 'AUZ-13',
    guard: 'votes-before-execution',
    attempt: async () => {
      const bench = await createBench();
      bench.inject();
      // Each step alone is permitted to whoever asks; together they would open what none of them opens.
      const steps = [
        [SET_AS, { localAs: RIGHT_AS }],
        [['wan', 'interface.set-description'], { interface: 'ge0/0', description: 'opened' }],
        [['wan', 'interface.set-enabled'], { interface: 'ge0/0', enabled: false }],
      ] as const;
      return attemptAll(
        steps.flatMap(([[domain, tool], input], at) => {
          const args = { target: { devices: ['br2_edge'] }, input, purpose: 'chat:1', intent: `int_chain000${at}` };
          const act = async (): Promise<Attempt> => {
            const how = await outcomeOf(bench.call(OPERATOR, domain, tool, args));
            const { commits } = bench.device('acme', 'br2_edge');
            return { refused: commits.length === 0, how };
          };
          return [
            [`${tool}, asked for`, act],
            [`${tool}, asked for again`, act],
          ] as const;
        }),
      );
    },
  },
  {
    id: 'AUZ-14',
    guard: 'blast-radius',
    attempt: async () => {
      const bench = await createBench({ branches: 4 });
      const names = (await bench.inventory.devices('acme'))
        .filter(({ role }) => role === 'edge')
        .map(({ name }) => name);
      const callers = [OPERATOR, AGENT, { human: 'second@acme' }, { human: 'admin@acme' }];
      const taken = new Set<string>();
      for (const [at, name] of names.entries()) {
        const args = {
          ...{ target: { devices: [name] }, input: { interface: 'ge0/0', description: 'split' } },
          ...{ purpose: 'chat:1', intent: `int_split000${at}` },
        };
        const how = await outcomeOf(
          bench.call(callers[at % callers.length] ?? OPERATOR, 'wan', 'interface.set-description', args),
        );
        if (how === 'pending') taken.add(name);
      }
      const fleet = (await bench.inventory.devices('acme')).length;
      const limit = Math.max(2, Math.floor(fleet / 5));
      return {
        refused: taken.size === limit,
        how: `${taken.size} of ${names.length} devices, by ${callers.length} callers`,
      };
    },
  },
  {
    id: 'AUZ-16',
    guard: 'intersection-of-rights',
    attempt: async () => {
      const { decisionPoint } = await openPolicies();
      const try_ = async (caller: Caller): Promise<Attempt> => {
        const bench = await createBench({ decisionPoint });
        bench.inject();
        const how = await outcomeOf(bench.change(caller));
        return { refused: how === 'NOT_FOUND' || how === 'DENIED', how };
      };
      return attemptAll([
        ['an agent that only routes, for a person who may', () => try_({ human: 'operator@acme', agent: 'router' })],
        ['an agent that only watches', () => try_({ human: 'operator@acme', agent: 'health-monitor' })],
      ]);
    },
  },
  {
    id: 'AUZ-18',
    guard: 'handles-of-their-owner',
    attempt: () =>
      attemptAll(
        ([{ human: 'second@acme' }, AGENT, FOREIGN] as const).map((thief) => [
          `by ${thief.human}${'agent' in thief ? ` through ${thief.agent}` : ''}`,
          async () => {
            const bench = await createBench();
            bench.inject();
            const approval = await propose(bench);
            await bench.vote('admin@acme', approval);
            const intent = (await bench.approvals.get('acme', approval))?.intent.id ?? '';
            const how = await outcomeOf(bench.change(thief, { intent }));
            const { commits } = bench.device('acme', 'br2_edge');
            return { refused: commits.length === 0 && how !== 'succeeded', how };
          },
        ]),
      ),
  },
  {
    id: 'AUZ-19',
    guard: 'listing-for-each',
    attempt: async () => {
      const bench = await createBench();
      bench.turn.permit = ({ subject }) => subject.tenant === 'acme';
      const list = (caller: Caller) => bench.broker.listTools(bench.credentialOf(caller), 'wan');
      return attemptAll(
        [1, 2, 3].map((turn) => [
          `turn ${turn}`,
          async () => {
            const [own, theirs] = [await list(OPERATOR), await list(FOREIGN)];
            if (own.length === 0) throw new Error('nothing is listed for who may');
            return { refused: theirs.length === 0, how: `${theirs.length} tools of ${own.length}` };
          },
        ]),
      );
    },
  },
  {
    id: 'AUZ-17',
    guard: 'emergency-terms',
    attempt: () =>
      attemptAll([
        ['without an incident', () => abuseEmergency({ incident: 'inc_none' })],
        ['for a day', () => abuseEmergency({ seconds: 86_400 })],
        ['without the role', () => abuseEmergency({}, { human: 'operator@acme' })],
        ['through an agent', () => abuseEmergency({}, { human: 'second@acme', agent: 'troubleshooter' })],
      ]),
  },
];

/** Declares an emergency on wrong terms and changes something under it. Refused means that nothing reached the device. */
async function abuseEmergency(
  terms: Partial<WantedBreakGlass>,
  caller: Caller = { human: 'second@acme' },
): Promise<Attempt> {
  const bench = await createBench();
  bench.turn.roles.set('second@acme', ['tenant-operator', 'break-glass']);
  bench.inject();
  const input = { title: 'branch down', severity: 'critical', resources: [], evidence: [] };
  await bench.call(OPERATOR, 'inventory', 'incident.open', { input, purpose: 'chat:1' });
  const incident = (await bench.incidents.list('acme'))[0]?.id ?? '';
  const wanted = { incident, devices: ['br2_edge'], reason: 'nobody answers', seconds: 600, ...terms };
  const declared = await bench.desk.breakGlass(bench.subjectOf(caller), wanted).then(
    () => 'declared',
    (error: unknown) => (error instanceof WayleaveError ? error.code : String(error)),
  );
  const how = declared === 'declared' ? await outcomeOf(bench.change(caller, { purpose: wanted.incident })) : declared;
  return { refused: bench.device('acme', 'br2_edge').commits.length === 0, how };
}

/** The rpcs of NETCONF that write, by way of a probe, which no approval is asked for. */
async function writeByProbe(): Promise<Attempt> {
  const device = await startDevice();
  const driver = createNetconfDriver({ timers: createManualTimers() });
  const edit = `<edit-config xmlns="${BASE_NS}"><target><candidate/></target><config><box xmlns="${NS}">${itemB}</box></config></edit-config>`;
  const probe = async (request: string): Promise<string> =>
    driver.run(device.endpoint(), { protocol: 'netconf', kind: 'rpc', device: 'box1', request }).then(
      () => 'ok',
      (error: unknown) => (error instanceof DriverError ? error.code : String(error)),
    );
  try {
    return await attemptAll(
      Object.entries({
        'edit and commit': [edit, `<commit xmlns="${BASE_NS}"/>`],
        'with a prefix': [`<n:commit xmlns:n="${BASE_NS}"/>`],
        'two in one': [`<ping xmlns="${NS}"/><commit xmlns="${BASE_NS}"/>`],
        'without a namespace': ['<commit/>'],
        'the sessions of others': [`<kill-session xmlns="${BASE_NS}"><session-id>1</session-id></kill-session>`],
      }).map(([what, calls]) => [
        what,
        async () => {
          const said: string[] = [];
          for (const one of calls) said.push(await probe(one));
          const refused = said.every((how) => how === 'UNSUPPORTED') && device.commits.length === 0;
          return { refused, how: refused ? 'UNSUPPORTED' : `${said.join(', ')}; ${device.commits.length} commits` };
        },
      ]),
    );
  } finally {
    await driver.close();
    await device.close();
  }
}

/** A broker without policies: it must not start, or deny whatever is asked. */
async function withoutPolicies(): Promise<Attempt> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-policies-'));
  const bench = await createBench();
  const decide = async (): Promise<string> => {
    const judge = createJudge([], buildSchema(TOOLS));
    const verdict = judge({
      ...{ subject: bench.subjectOf(OPERATOR), tool: { name: SET_AS[1], domain: 'wan', effect: 'change' } },
      ...{ tenant: 'acme', targets: [{ device: 'br2_edge', role: 'edge', site: 'br2' }] },
      ...{
        input: { localAs: RIGHT_AS },
        purpose: { id: 'chat:1', kind: 'chat', open: true },
        now: bench.clock.now(),
        risk: 0,
      },
    });
    return verdict.effect;
  };
  const load = (from: string): Promise<string> =>
    loadPolicies(from).then(
      (files) => `${files.length} files`,
      (error: unknown) => (error instanceof WayleaveError ? error.code : String(error)),
    );
  try {
    writeFileSync(path.join(folder, 'readme.txt'), 'permit(principal, action, resource);');
    const stops = async (from: string): Promise<Attempt> => {
      const how = await load(from);
      return { refused: how === 'CONFIG_INVALID', how };
    };
    return await attemptAll([
      ['none', async () => ({ refused: (await decide()) === 'deny', how: await decide() })],
      ['an empty folder', () => stops(folder)],
      ['no folder', () => stops(path.join(folder, 'nothing'))],
      ['a file', () => stops(path.join(folder, 'readme.txt'))],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
