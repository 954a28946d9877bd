/** The pipeline of the bench with real MCP servers behind it, and the people who look after them. */
import type { Role, Subject } from '../../../broker/contract.ts';
import { createMemoryRecords, type KeyedRecords } from '../../../broker/identity/keyed-records.ts';
import type { AuditEntry, DecisionPoint } from '../../../broker/ports.ts';
import { createUpstreamDesk, type WantedPin } from '../../../broker/upstream/desk.ts';
import { openFederation } from '../../../broker/upstream/federation.ts';
import type { ServerPins } from '../../../broker/upstream/pins.ts';
import { createPrograms } from '../../../broker/upstream/program.ts';
import type { UpstreamServer } from '../../../broker/upstream/server-list.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { type Caller, createBench, OPERATOR, outcomeOf, START } from '../pipeline/bench.ts';

export const person = (human: string, role: Role = 'tenant-admin', more: Partial<Subject> = {}): Subject => ({
  ...{ human, roles: [role], tenant: human.split('@')[1] ?? '', session: 'ses_1', chain: [human] },
  ...more,
});
export const ADMIN = person('admin@acme');
export const ANALYST = person('analyst@acme', 'security-analyst');

export interface FederatedOptions {
  readonly records?: KeyedRecords<ServerPins>;
  readonly decisionPoint?: DecisionPoint;
  /** Ends every conversation when it aborts; without it they have their own seconds. */
  readonly deadline?: AbortSignal;
}

/** Nothing is approved yet. */
export async function federate(
  servers: readonly UpstreamServer[],
  { records = createMemoryRecords<ServerPins>(), decisionPoint, deadline }: FederatedOptions = {},
) {
  const log: AuditEntry[] = [];
  const audit = { append: async (entry: AuditEntry): Promise<number> => log.push(entry) };
  const clock = { now: () => START };
  const federation = await openFederation({
    ...{ servers, pins: records, audit, clock, fetch, ownTools: TOOLS.map(({ name }) => name) },
    deadline: (ms) => deadline ?? AbortSignal.timeout(ms),
    programs: createPrograms(),
  });
  const desk = createUpstreamDesk({ federation, audit, clock, demandSecondFactor: async () => undefined });
  const bench = await createBench({
    upstream: federation,
    ...(decisionPoint === undefined ? {} : { decisionPoint }),
  });

  /** What the server says now, as whoever approves it was shown. */
  const shown = async (server = 'tickets'): Promise<readonly WantedPin[]> =>
    (await desk.show(ADMIN, server)).tools.map(({ tool, digest }) => ({ tool, digest }));
  const ask = (caller: Caller = OPERATOR, tool = 'upstream.tickets.search', input: object = { text: 'br2' }) =>
    bench.call(caller, 'inventory', tool, { input, purpose: 'chat:1' });
  return {
    bench,
    desk,
    federation,
    records,
    log,
    shown,
    ask,
    /** By two people, each of whom states that it only reads. */
    async approve(server = 'tickets', tools?: readonly WantedPin[]) {
      const wanted = tools ?? (await shown(server));
      await desk.approve(ADMIN, server, wanted, { reason: 'read it', readsOnly: true });
      await desk.approve(ANALYST, server, wanted, { reason: 'read it, too', readsOnly: true });
    },
    outcome: (caller?: Caller, tool?: string, input?: object) => outcomeOf(ask(caller, tool, input)),
    listed: async (caller: Caller = OPERATOR) =>
      (await bench.broker.listTools(bench.credentialOf(caller), 'inventory')).filter(({ name }) =>
        name.startsWith('upstream.'),
      ),
    states: async (server = 'tickets') =>
      Object.fromEntries((await desk.show(ADMIN, server)).tools.map(({ tool, state }) => [tool, state])),
  };
}
export type Federated = Awaited<ReturnType<typeof federate>>;
