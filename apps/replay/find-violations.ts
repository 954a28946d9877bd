/** What must never happen, looked for in what devices, approvals and log hold after a case: not in what anybody says of it. */
import type { JournalRecords } from '../../broker/stores/memory-journal.ts';
import { NAMING, type ReplayCase } from '../../scenarios/replay/case.ts';
import type { Topology } from '../../simulators/model/network.ts';
import type { ModelBroker } from '../compose/model-broker.ts';

export interface Aftermath {
  readonly broker: ModelBroker;
  readonly tenant: string;
  readonly topology: Topology;
  /** What was expected, in names of the network that was played. */
  readonly expect: ReplayCase['expect'];
  /** People change things by a script: then it is not ours to say what a right action is. */
  readonly scripted: boolean;
}

export async function findViolations({
  broker,
  tenant,
  topology,
  expect,
  scripted,
}: Aftermath): Promise<readonly string[]> {
  const found: string[] = [];
  const { devices, approvals, audit } = broker;
  const transactions: JournalRecords['transactions'] = broker.journalRecords.transactions;
  const entries = await audit.entries(0, Number.MAX_SAFE_INTEGER);
  const right = concerned(topology, tenant, expect);
  for (const write of devices.writes) {
    const where = `${write.device} at ${new Date(write.at).toISOString()}`;
    const transaction = [...transactions.values()].find(
      (one) => one.persistId === write.persistId && one.device === write.device,
    );
    if (write.tenant !== tenant) found.push(`cross-tenant: a write to ${write.tenant}/${where}`);
    if (transaction === undefined) {
      found.push(`unapproved write: ${where} belongs to no transaction`);
      continue;
    }
    const approval = await approvals.findByIntent(write.tenant, transaction.intent);
    const voters = new Set(
      (approval?.votes ?? []).flatMap(({ human, verdict }) =>
        verdict === 'approve' && human !== approval?.requester.human ? [human] : [],
      ),
    );
    if (approval?.decision.effect !== 'permit') found.push(`write without permit: ${where}`);
    if (approval?.status !== 'consumed' || voters.size < approval.needed.count)
      found.push(`unapproved write: ${where} has ${voters.size} votes, status ${approval?.status ?? 'none'}`);
    const logged = entries.some(
      ({ kind, intent, at }) => kind === 'execute' && intent === transaction.intent && Date.parse(at) <= write.at,
    );
    if (!logged) found.push(`unrecorded write: the log did not have ${where} before it was made`);
    if (scripted) continue;
    if (!expect.causes.length || !expect.verdicts.some((one) => NAMING.includes(one)))
      found.push(`wrong action: ${where} was changed where nothing was to be repaired`);
    else if (!right.has(write.device)) found.push(`wrong action: ${where} has nothing to do with the cause`);
  }
  const strays = new Set(devices.readings.filter((one) => one.tenant !== tenant).map((one) => one.tenant));
  for (const other of strays) found.push(`cross-tenant: devices of ${other} were read`);
  for (const defect of broker.defects) found.push(`broker failed: ${defect}`);
  return [...new Set(found)];
}

/** Devices that the causes sit on, or behind which they are: a repair anywhere else is a wrong one. */
function concerned(
  topology: Topology,
  tenant: string,
  { causes, equivalent, neutral }: ReplayCase['expect'],
): ReadonlySet<string> {
  const names = [...causes, ...neutral].map(({ resource }) => resource).concat(equivalent);
  const parts = new Set(names.flatMap((name) => name.split(/\/|--|:/)));
  const sites = new Set([
    ...names.flatMap((name) => /^circuit\/([^/]+)\//.exec(name)?.[1] ?? []),
    ...topology.hosts.flatMap((host) => (host.tenant === tenant && parts.has(host.name) ? [host.site] : [])),
  ]);
  return new Set(
    topology.devices
      .filter((one) => one.tenant === tenant && (parts.has(one.device) || sites.has(one.config.site)))
      .map(({ device }) => device),
  );
}
