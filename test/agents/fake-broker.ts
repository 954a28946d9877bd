/** A broker for tests: answers reads from a model network, keeps evidence, incidents and approvals in memory, and counts what it did. Over 300 lines because it stands for all of a broker. */

import type { BrokerPort } from '../../agents/broker-port.ts';
import type { AgentName, Answer, CallArguments, Domain, Evidence, Observation } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { createMemoryEvidence } from '../../broker/stores/memory-evidence.ts';
import { type Reading, readingsOf } from '../../broker/telemetry/history.ts';
import type { DeviceConfig } from '../../protocols/device/config.ts';
import { directorOf } from '../../scenarios/answer.ts';
import { describeTopology } from '../../scenarios/describe-topology.ts';
import { observe } from '../../scenarios/observe.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Network } from '../../simulators/model/network.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import { WATCHED } from '../../tools/readings-history.ts';

export const TENANT = 'acme';
const START = Date.parse('2026-01-05T09:00:00Z');

/** A middle-sized reference network, with a fault that has had time to show. */
export function createFaulty(seed: number, fault?: { readonly type: string; readonly resource: string }): Network {
  const topology = refnet({ tenant: TENANT, branches: 4, seed, tenantIndex: 0 });
  const network = createNetwork({ topology, seed, startAt: START, faults: FAULT_TYPES });
  directorOf(network, TENANT);
  network.advanceTo(START + 1_000);
  if (fault) network.inject({ tenant: TENANT, ...fault });
  network.advanceTo(START + 90_000);
  return network;
}

export interface Called {
  readonly agent: AgentName;
  readonly domain: Domain;
  readonly tool: string;
  readonly args: CallArguments;
}

export interface FakeIncident {
  readonly id: string;
  state: string;
  readonly title: string;
  readonly severity: string;
  readonly resources: readonly string[];
  readonly openedBy: string;
  readonly updatedAt: string;
  readonly notes: string[];
}

export interface FakeBroker extends BrokerPort {
  readonly calls: Called[];
  /** Changes that were carried out, by intent id. */
  readonly changes: Map<string, Called>;
  readonly approvals: Map<string, 'pending' | 'approved' | 'rejected'>;
  readonly incidents: Map<string, FakeIncident>;
}

const CHANGES = new Set([
  'bgp.set-local-as',
  'acl.remove-entry',
  'ipsec.set-identity-key',
  'interface.set-enabled',
  'interface.set-description',
  'approute.set-colors',
  'qos.set-class',
  'config.restore',
  'host.quarantine',
  'account.disable',
]);

function applyChange(config: DeviceConfig, tool: string, input: CallArguments['input']): DeviceConfig {
  switch (tool) {
    case 'bgp.set-local-as':
      return config.bgp ? { ...config, bgp: { ...config.bgp, localAs: Number(input['localAs']) } } : config;
    case 'acl.remove-entry':
      return {
        ...config,
        accessLists: config.accessLists.map((list) =>
          list.name === input['list']
            ? { ...list, entries: list.entries.filter(({ name }) => name !== input['entry']) }
            : list,
        ),
      };
    case 'ipsec.set-identity-key':
      return { ...config, ipsec: { ...config.ipsec, identityKey: String(input['key']) } };
    case 'interface.set-enabled':
      return {
        ...config,
        interfaces: config.interfaces.map((port) =>
          port.name === input['interface'] ? { ...port, enabled: input['enabled'] === true } : port,
        ),
      };
    case 'approute.set-colors':
      return {
        ...config,
        appRoutes: config.appRoutes.map((rule) =>
          rule.name === input['rule']
            ? { ...rule, colors: input['colors'] as typeof rule.colors, strict: input['strict'] === true }
            : rule,
        ),
      };
    case 'qos.set-class':
      return {
        ...config,
        qos: config.qos.map((policy) => ({
          ...policy,
          classes: policy.classes.map((one) =>
            policy.name === input['policy'] && one.class === input['class']
              ? { ...one, bandwidthPct: Number(input['bandwidthPct']), priority: input['priority'] === true }
              : one,
          ),
        })),
      };
    default:
      return config;
  }
}

/** `tamper` may change what is observed, as a hostile device would. */
export function createFakeBroker(
  network: Network,
  tamper: (observations: readonly Observation[], tool: string) => readonly Observation[] = (all) => all,
  /** What the audit log tells of. */
  audit: readonly {
    readonly index: number;
    readonly at: string;
    readonly kind: string;
    readonly [name: string]: unknown;
  }[] = [],
  /** What an agent hears that asks for a language model. */
  models: 'permitted' | 'withheld' = 'permitted',
): FakeBroker {
  const calls: Called[] = [];
  const changes = new Map<string, Called>();
  const approvals = new Map<string, 'pending' | 'approved' | 'rejected'>();
  const incidents = new Map<string, FakeIncident>();
  const opened = new Map<string, string>();
  const stored = new Map<string, Evidence>();
  const store = createMemoryEvidence();
  const records = (resource: string, signal: string, value: string): Observation => ({
    resource,
    signal,
    value,
    observedAt: new Date(network.now()).toISOString(),
    source: 'records',
  });

  function answerRecords(agent: AgentName, tool: string, args: CallArguments): readonly Observation[] | undefined {
    // The inventory says what is meant to be, not what a device was changed to.
    const topology = network.topology();
    const devices = topology.devices.map((one) => ({ ...one, config: network.intendedConfig(one) }));
    const inventory = describeTopology({ ...topology, devices });
    switch (tool) {
      case 'inventory.devices':
        return inventory.devices.map(({ name, ...rest }) => records(`node/${name}`, 'device', JSON.stringify(rest)));
      case 'inventory.topology':
        return [
          ...inventory.circuits.map(({ name, ...rest }) => records(`circuit/${name}`, 'circuit', JSON.stringify(rest))),
          ...inventory.hosts.map(({ name, ...rest }) => records(`host/${name}`, 'host', JSON.stringify(rest))),
        ];
      case 'inventory.changes':
        return [];
      case 'audit.read':
        return audit.map(({ index, at, ...entry }) => ({
          ...records(`audit/${index}`, 'audit.entry', JSON.stringify(entry)),
          observedAt: at,
        }));
      case 'model.record':
        return [
          records(
            `model/${String(args.input['call'])}`,
            'model.call',
            args.input['phase'] === 'asked' ? models : 'recorded',
          ),
        ];
      case 'incident.open': {
        const id = opened.get(args.intent ?? '') ?? `inc_${incidents.size}`;
        opened.set(args.intent ?? '', id);
        if (!incidents.has(id))
          incidents.set(id, {
            ...{ id, state: 'open', openedBy: agent, notes: [] },
            title: String(args.input['title']),
            severity: String(args.input['severity']),
            resources: args.input['resources'] as readonly string[],
            updatedAt: new Date(network.now()).toISOString(),
          });
        return [records(`incident/${id}`, 'incident', 'open')];
      }
      case 'incident.update': {
        const incident = incidents.get(String(args.input['incident']));
        if (!incident) throw new WayleaveError('NOT_FOUND');
        incident.state = String(args.input['state']);
        incident.notes.push(String(args.input['note']));
        return [records(`incident/${incident.id}`, 'incident', incident.state)];
      }
      case 'incident.list':
        return [...incidents.values()].map((one) => records(`incident/${one.id}`, 'incident', JSON.stringify(one)));
      default:
        return undefined;
    }
  }

  const readings: Reading[] = [];
  const keep = (observations: readonly Observation[], intent: string): readonly Evidence[] =>
    observations.map(({ resource, signal, value, observedAt, source }) => {
      const id = `evd_${stored.size}`;
      const collectedAt = new Date(network.now()).toISOString();
      const one = { resource, signal, value, observedAt, source, id, tenant: TENANT, collectedAt, intent };
      stored.set(id, one);
      return one;
    });

  function change(call: Called): Answer {
    const intent = call.args.intent ?? '';
    const approval = `apr_${intent.slice(4)}`;
    const verdict = approvals.get(approval) ?? 'pending';
    approvals.set(approval, verdict);
    if (verdict === 'rejected') throw new WayleaveError('APPROVAL_REJECTED');
    const decision = {
      id: 'dec_1',
      effect: 'permit',
      policies: ['p1'],
      reasons: [],
      obligations: [],
      advice: [],
      revision: 'r1',
    } as const;
    if (verdict === 'pending') {
      const needed = { count: 1, role: 'tenant-admin' } as const;
      const expiresAt = new Date(network.now() + 600_000).toISOString();
      return { status: 'pending', intent, approval, summary: { decision, diff: '-a\n+b', needed, expiresAt } };
    }
    const device = call.args.target?.devices[0] ?? '';
    if (!changes.has(intent)) {
      const ref = { tenant: TENANT, device };
      const restored = call.tool === 'config.restore' ? network.intendedConfig(ref) : undefined;
      network.commit(ref, restored ?? applyChange(network.config(ref), call.tool, call.args.input), 'wayleave');
      network.advanceTo(network.now() + 60_000);
      changes.set(intent, call);
    }
    return {
      status: 'done',
      intent,
      evidence: [],
      receipt: {
        intent: {
          id: intent,
          tool: call.tool,
          domain: call.domain,
          effect: 'change',
          tenant: TENANT,
          target: { devices: [device] },
          input: call.args.input,
          purpose: call.args.purpose,
          evidence: call.args.evidence ?? [],
          expiresAt: '2026-01-05T10:00:00Z',
          digest: 'd',
        },
        decision,
        approvals: [],
        operations: [],
        devices: [],
        steps: [{ device, step: 'confirm', ok: true, detail: 'confirmed', at: '2026-01-05T09:05:00Z' }],
        outcome: 'succeeded',
        detail: 'confirmed after verification',
        auditIndex: 7,
      },
    };
  }

  return {
    calls,
    changes,
    approvals,
    incidents,
    async call(agent, domain, tool, args) {
      const call = { agent, domain, tool, args };
      calls.push(call);
      if (CHANGES.has(tool)) return change(call);
      const intent = args.intent ?? `int_read${calls.length}`;
      const devices = args.target?.devices ?? [];
      if (tool === 'evidence.get') {
        const ids = Array.isArray(args.input['ids']) ? args.input['ids'] : [];
        return { status: 'done', intent, evidence: ids.flatMap((id) => stored.get(String(id)) ?? []) };
      }
      if (tool === 'readings.history') {
        const of = Array.isArray(args.input['devices']) ? args.input['devices'].map(String) : [];
        return { status: 'done', intent, evidence: await store.history(TENANT, of, WATCHED) };
      }
      if (tool === 'telemetry.read' && args.input['kind'] === 'readings') {
        const { resource, signal, from, to } = args.input;
        const past = readings.filter(
          (one) => one.resource === resource && one.signal === signal && one.at >= String(from) && one.at < String(to),
        );
        const told = past.map(({ at, ...one }) => ({ ...one, observedAt: at, source: 'history:reading' }));
        return { status: 'done', intent, evidence: keep(told, intent) };
      }
      const fromRecords = answerRecords(agent, tool, args);
      const seen = fromRecords ?? tamper(observe(network, TENANT, { tool, devices, input: args.input }), tool);
      if (seen.length === 0 && devices.some((device) => !network.reachable({ tenant: TENANT, device }))) {
        throw new WayleaveError('DEVICE_UNREACHABLE');
      }
      const evidence = keep(seen, intent);
      await store.put(evidence);
      readings.push(...readingsOf(evidence));
      return { status: 'done', intent, evidence };
    },
  };
}
