/** Plays what people do at the broker in a story, step by step, and says where something else came of it than told. */
import type { BrokerPort } from '../../agents/broker-port.ts';
import type { Evidence } from '../../broker/contract.ts';
import { sha256 } from '../../broker/digest.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { Step } from '../../scenarios/story-step.ts';
import type { Network } from '../../simulators/model/network.ts';
import { findTool } from '../../tools/registry.ts';
import type { ModelBroker } from '../compose/model-broker.ts';
import type { ModelClock } from '../compose/model-clock.ts';

export interface ScriptDeps {
  readonly network: Network;
  readonly broker: ModelBroker;
  readonly clock: ModelClock;
  readonly tenant: string;
  /** The way of a person's agents to the broker. */
  readonly portOf: (human: string) => BrokerPort;
  readonly tell: (text: string) => void;
}

/** What later steps know of earlier ones. */
interface Memory {
  approval: string;
  readonly incidents: Map<string, { readonly id: string; readonly evidence: readonly string[] }>;
  readonly roles: Map<string, readonly string[]>;
}

/** One sentence for each step that came otherwise. */
export async function playScript(deps: ScriptDeps, steps: readonly Step[]): Promise<readonly string[]> {
  const memory: Memory = { approval: '', incidents: new Map(), roles: new Map() };
  const deviations: string[] = [];
  for (const step of steps) {
    const came = await playStep(deps, memory, step);
    const wanted = 'gives' in step ? step.gives : 'done';
    deps.tell(`${step.says}: ${came}`);
    if (came !== wanted) deviations.push(`script: ${step.says}: expected ${wanted}, came ${came}`);
  }
  return deviations;
}

async function playStep(deps: ScriptDeps, memory: Memory, step: Step): Promise<string> {
  const { broker, clock, network, tenant } = deps;
  try {
    if ('tool' in step) return await call(deps, memory, step);
    if ('votes' in step) {
      await broker.identity.withSecondFactor(step.by, async () =>
        broker.desk.vote(await broker.identity.subjectOf(step.by), memory.approval, step.votes, 'as the story says'),
      );
      return 'done';
    }
    if ('wait' in step) {
      clock.advanceTo(clock.now() + step.wait * 1_000);
      return 'done';
    }
    if ('role' in step) {
      const before = (await broker.identity.subjectOf(step.of)).roles;
      if (step.role === 'taken') memory.roles.set(step.of, before);
      const roles = step.role === 'taken' ? [] : broker.identity.rolesOf(memory.roles.get(step.of) ?? before);
      await broker.identity.users.update(step.of, (user) => ({ ...user, roles }));
      return 'done';
    }
    if ('breaks' in step) {
      const startAt = clock.now() + step.in * 1_000;
      const ends = step.lasts === undefined ? {} : { endAt: startAt + step.lasts * 1_000 };
      network.inject({ tenant, type: step.breaks, resource: step.resource, startAt, ...ends });
      return 'done';
    }
    return (await findUnmet(deps, step)) ?? 'done';
  } catch (error) {
    return codeOf(error);
  }
}

type CallStep = Extract<Step, { readonly tool: string }>;
type HoldsStep = Exclude<
  Step,
  | CallStep
  | { readonly votes: string }
  | { readonly wait: number }
  | { readonly role: string }
  | { readonly breaks: string }
>;

async function call(deps: ScriptDeps, memory: Memory, step: CallStep): Promise<string> {
  const { tool, devices, input, by } = step;
  const domain = findTool(tool)?.domain ?? 'wan';
  const port = deps.portOf(by);
  const purpose =
    step.purpose === 'incident' ? await incidentFor(port, memory, devices) : { id: 'chat:script', evidence: [] };
  const answer = await port.call(step.through, domain, tool, {
    ...(devices.length === 0 ? {} : { target: { devices } }),
    input,
    purpose: purpose.id,
    ...(purpose.evidence.length === 0 ? {} : { evidence: purpose.evidence }),
    ...(step.as === undefined ? {} : { intent: `int_${sha256(step.as).slice(-32)}` }),
  });
  if (answer.status === 'pending') {
    memory.approval = answer.approval;
    return 'pending';
  }
  return answer.receipt?.outcome ?? 'done';
}

/** Opens an incident on what the devices themselves show: without it nobody may propose a change. */
async function incidentFor(port: BrokerPort, memory: Memory, devices: readonly string[]) {
  const key = devices.join(' ');
  const known = memory.incidents.get(key);
  if (known !== undefined) return known;
  const seen = await port.call('troubleshooter', 'diagnostics', 'bgp.read', {
    target: { devices },
    input: {},
    purpose: 'chat:script',
  });
  const evidence = (seen.status === 'done' ? seen.evidence : []).slice(0, 20).map(({ id }) => id);
  const opened = await port.call('troubleshooter', 'inventory', 'incident.open', {
    input: { title: `trouble at ${key}`, severity: 'major', resources: devices.map((one) => `node/${one}`), evidence },
    purpose: 'chat:script',
    evidence,
  });
  const isIncident = ({ signal }: Evidence): boolean => signal === 'incident';
  const record = opened.status === 'done' ? opened.evidence.find(isIncident) : undefined;
  const incident = { id: record?.resource.slice('incident/'.length) ?? '', evidence };
  memory.incidents.set(key, incident);
  return incident;
}

/** What is not as told, or undefined. */
async function findUnmet({ broker, network, tenant }: ScriptDeps, step: HoldsStep): Promise<string | undefined> {
  const { writes, running, logged } = step;
  if (writes !== undefined) {
    const made = new Set(broker.devices.writes.map((one) => `${one.device} ${one.persistId}`)).size;
    if (made !== writes) return `${made} writes`;
  }
  if (running !== undefined) {
    const config = network.config({ tenant, device: running.device });
    const port = config.interfaces.find(({ name }) => name === running.interface);
    const values = { 'local-as': config.bgp?.localAs, description: port?.description, enabled: port?.enabled } as const;
    const found = values[running.path];
    if (found !== running.is) return `${running.path} is ${found}`;
  }
  if (logged !== undefined) {
    const entries = await broker.audit.entries(0, Number.MAX_SAFE_INTEGER);
    const count = entries.filter(({ kind }) => kind === logged.kind).length;
    if (count < logged.at_least) return `${count} entries ${logged.kind}`;
  }
  return undefined;
}

const codeOf = (error: unknown): string => {
  if (error instanceof WayleaveError) return error.code;
  throw error;
};
