/** The numbers of each process for Prometheus. Every label has its values from a table: nothing that comes from outside makes a new series. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BrokerClient } from '../../agents/broker/broker-client.ts';
import type { Conversations } from '../../agents/conversations.ts';
import type { Broker, Domain, Effect } from '../../broker/contract.ts';
import { ERRORS } from '../../broker/errors.ts';
import type { Devices } from '../../broker/execution/devices.ts';
import { DROPS, type TelemetryCounts } from '../../broker/telemetry/reception.ts';
import type { Worker, WorkerDeps } from '../jobs/worker.ts';
import type { Tracing } from './tracing.ts';

/** Seconds; a read of a device takes milliseconds, a change up to minutes. */
const SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 30, 120];
const QUEUE_STATES = [
  'waiting',
  'prioritized',
  'delayed',
  'active',
  'waiting-children',
  'failed',
  'completed',
  'paused',
];

export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** `ok`, or a code of the table of errors; everything else is `other`. */
const bound = (code: string): string => (Object.hasOwn(ERRORS, code) ? code : 'other');
const codeOf = (error: unknown): string => bound(error instanceof Error && 'code' in error ? String(error.code) : '');

export interface BrokerFacts {
  readonly entries: () => number;
  readonly pendingApprovals: () => Promise<number>;
  readonly isStopped: () => boolean;
  readonly telemetry: () => TelemetryCounts;
}

export interface BrokerMetrics {
  /** Each call counted, timed and traced; `effectOf` answers `unknown` for what is no tool. */
  readonly observeBroker: (broker: Broker, effectOf: (domain: Domain, tool: string) => Effect | 'unknown') => Broker;
  readonly observeDevices: <D extends Devices>(devices: D) => D;
  /** What is asked at each scrape. */
  readonly watch: (facts: BrokerFacts) => void;
}

export function createBrokerMetrics(registry: Registry, tracing: Tracing): BrokerMetrics {
  const registers = [registry];
  const calls = new Counter({
    name: 'wayleave_broker_calls_total',
    help: 'Calls of tools by effect and by how they ended: ok, pending, or the code of the refusal',
    labelNames: ['effect', 'code'],
    registers,
  });
  const seconds = new Histogram({
    ...{ name: 'wayleave_broker_call_seconds', help: 'Time of a call in the broker, devices included' },
    ...{ labelNames: ['effect'], buckets: SECONDS, registers },
  });
  const operations = new Counter({
    name: 'wayleave_device_operations_total',
    help: 'Operations on devices by protocol: ok, or the code of the failure',
    labelNames: ['protocol', 'code'],
    registers,
  });
  const operationSeconds = new Histogram({
    ...{ name: 'wayleave_device_operation_seconds', help: 'Time of an operation on a device' },
    ...{ labelNames: ['protocol'], buckets: SECONDS, registers },
  });

  async function timed<T>(
    name: string,
    label: { readonly effect: string } | { readonly protocol: string },
    count: (code: string) => void,
    timer: () => () => void,
    work: () => Promise<{ readonly value: T; readonly code: string }>,
  ): Promise<T> {
    return tracing.span(name, { ...label }, async (tell) => {
      const stop = timer();
      try {
        const { value, code } = await work();
        tell({ outcome: code });
        count(code);
        return value;
      } catch (error) {
        count(codeOf(error));
        throw error;
      } finally {
        stop();
      }
    });
  }

  return {
    observeBroker: (broker, effectOf) => ({
      ...broker,
      call: (credential, domain, tool, args) => {
        const effect = effectOf(domain, tool);
        const count = (code: string): void => calls.inc({ effect, code });
        return timed(
          'broker.call',
          { effect },
          count,
          () => seconds.startTimer({ effect }),
          async () => {
            const value = await broker.call(credential, domain, tool, args);
            return { value, code: value.status === 'done' ? 'ok' : 'pending' };
          },
        );
      },
    }),
    observeDevices: (devices) => ({
      ...devices,
      read: (tenant, operation) => {
        const { protocol } = operation;
        const count = (code: string): void => operations.inc({ protocol, code });
        return timed(
          'device.read',
          { protocol },
          count,
          () => operationSeconds.startTimer({ protocol }),
          async () => {
            const value = await devices.read(tenant, operation);
            return { value, code: value.ok ? 'ok' : bound(value.error.code) };
          },
        );
      },
      write: (tenant, device, lowest) => {
        const count = (code: string): void => operations.inc({ protocol: 'netconf', code });
        const timer = (): (() => void) => operationSeconds.startTimer({ protocol: 'netconf' });
        return timed('device.write', { protocol: 'netconf' }, count, timer, async () => ({
          value: await devices.write(tenant, device, lowest),
          code: 'ok',
        }));
      },
    }),
    watch: (facts) => {
      const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
        const made = new Gauge({
          ...{ name, help, registers: [] },
          async collect() {
            this.set(await read());
          },
        });
        registry.registerMetric(made);
      };
      gauge('wayleave_audit_entries', 'Entries of the audit log', facts.entries);
      gauge('wayleave_approvals_pending', 'Changes that wait for people', facts.pendingApprovals);
      gauge('wayleave_changes_stopped', '1 while changes are stopped until a human has looked', () =>
        facts.isStopped() ? 1 : 0,
      );
      gauge(
        'wayleave_telemetry_received',
        'Datagrams and notifications since the start',
        () => facts.telemetry().received,
      );
      const dropped = new Gauge({
        name: 'wayleave_telemetry_dropped',
        help: 'What devices told and was not believed or not kept, since the start',
        labelNames: ['reason'],
        registers: [],
        collect() {
          const { drops } = facts.telemetry();
          for (const reason of DROPS) this.set({ reason }, drops[reason]);
        },
      });
      registry.registerMetric(dropped);
    },
  };
}

/** Each call of the broker counted, timed and traced. */
export function observeClient(client: BrokerClient, registry: Registry, tracing: Tracing): BrokerClient {
  const requests = new Counter({
    name: 'wayleave_agent_calls_total',
    help: 'Calls that agents made at the broker, by domain: ok, pending, or the code of the refusal',
    labelNames: ['domain', 'code'],
    registers: [registry],
  });
  return {
    ...client,
    callTool: (delegation, domain, tool, args) =>
      tracing.span('agent.call', { agent: delegation.agent, domain, tool }, async () => {
        try {
          const answer = await client.callTool(delegation, domain, tool, args);
          requests.inc({ domain, code: answer.status === 'done' ? 'ok' : 'pending' });
          return answer;
        } catch (error) {
          requests.inc({ domain, code: codeOf(error) });
          throw error;
        }
      }),
  };
}

/** Each turn counted, timed and traced: everything that it asks for belongs to its trace. */
export function observeConversations(inner: Conversations, registry: Registry, tracing: Tracing): Conversations {
  const turns = new Histogram({
    ...{ name: 'wayleave_chat_turn_seconds', help: 'Time of a turn of a conversation', labelNames: ['kind'] },
    ...{ buckets: SECONDS, registers: [registry] },
  });
  const turn = async (kind: 'question' | 'resumption', run: () => Promise<void>): Promise<void> => {
    const stop = turns.startTimer({ kind });
    await tracing.span('chat.turn', { kind }, run).finally(stop);
  };
  return {
    ...inner,
    chat: (asked) => turn('question', () => inner.chat(asked)),
    resume: (asked) => turn('resumption', () => inner.resume(asked)),
  };
}

/** Counts what ends in a worker; `watch` adds the lengths of the queue. */
export function createJobMetrics(registry: Registry): {
  readonly onEnd: NonNullable<WorkerDeps['onEnd']>;
  readonly watch: (worker: Worker) => void;
} {
  const ended = new Counter({
    name: 'wayleave_jobs_ended_total',
    help: 'Attempts of runs and of their parts that ended in this process; again: it is tried once more',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  });
  return {
    onEnd: (kind, outcome) => ended.inc({ kind, outcome }),
    watch: (worker) => {
      const queued = new Gauge({
        name: 'wayleave_jobs_queued',
        help: 'Jobs of the queue by state, those of all workers',
        labelNames: ['state'],
        registers: [],
        async collect() {
          const counts = await worker.counts();
          for (const state of QUEUE_STATES) this.set({ state }, counts[state] ?? 0);
        },
      });
      registry.registerMetric(queued);
    },
  };
}
