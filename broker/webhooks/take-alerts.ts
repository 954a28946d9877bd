/** Makes incidents of alerts that came in: one for each occurrence, opened, updated and resolved as the sender says. Text is data. */
import { createHash } from 'node:crypto';
import type { Evidence, Incident } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { addNote } from '../incidents/write-incident.ts';
import type { Clock, EvidenceStore, Ids, Incidents, Inventory } from '../ports.ts';
import type { UntrustedTexts } from '../taint/untrusted-texts.ts';
import type { Alert } from './alertmanager.ts';
import type { Hook } from './hook.ts';

export interface TakeAlertsDeps {
  readonly incidents: Incidents;
  readonly evidence: Pick<EvidenceStore, 'put'>;
  readonly untrusted: Pick<UntrustedTexts, 'note'>;
  readonly inventory: Pick<Inventory, 'devices'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface Taken {
  /** Incidents that are new, said again, and over. */
  readonly opened: readonly string[];
  readonly updated: readonly string[];
  readonly resolved: readonly string[];
}

/** A flood ends here, as with incidents that agents open. */
const MOST_OPEN = 500;

/** The same occurrence is the same incident however often it is told. Throws `LIMITED` when too many are open. */
export async function takeAlerts(deps: TakeAlertsDeps, hook: Hook, alerts: readonly Alert[]): Promise<Taken> {
  const { tenant } = hook;
  const taken = { opened: [] as string[], updated: [] as string[], resolved: [] as string[] };
  const known = new Set((await deps.inventory.devices(tenant)).map(({ name }) => name));
  let open = (await deps.incidents.list(tenant, 'open')).length;
  for (const alert of alerts) {
    const id = `inc_${createHash('sha256').update(`${hook.id} ${alert.key}`).digest('hex').slice(0, 24)}`;
    const before = await deps.incidents.get(tenant, id);
    const at = new Date(deps.clock.now()).toISOString();
    if (before === undefined) {
      if (!alert.firing) continue; // over before anybody here heard of it
      if (open >= MOST_OPEN) throw new WayleaveError('LIMITED', 'Too many incidents of this tenant are open.');
      open += 1;
      const device = alert.named.find((name) => known.has(name));
      const evidence = await keepWords(deps, hook, alert, device, at);
      await deps.incidents.put({
        ...{ id, tenant, title: alert.title, severity: alert.severity, state: 'open' },
        ...{ resources: device === undefined ? [] : [`node/${device}`], openedBy: `webhook:${hook.name}` },
        ...{ openedAt: at, updatedAt: at, evidence: [evidence] },
      });
      taken.opened.push(id);
      continue;
    }
    const after = moved(before, alert);
    if (after === undefined) continue;
    const said = {
      at,
      who: `webhook:${hook.name}`,
      state: after.state,
      text: alert.firing ? 'It came back.' : 'It is over.',
    };
    const notes = after.state === before.state ? before.notes : addNote(before.notes, said);
    await deps.incidents.put({ ...after, updatedAt: at, ...(notes === undefined ? {} : { notes }) });
    (after.state === 'resolved' ? taken.resolved : taken.updated).push(id);
  }
  return taken;
}

/** What a person said of an incident stays: nothing from outside closes one, opens a closed one or acknowledges any. */
function moved(before: Incident, { firing, severity }: Alert): Incident | undefined {
  if (before.state === 'closed') return undefined;
  if (!firing) return before.state === 'resolved' ? undefined : { ...before, state: 'resolved' };
  if (before.state === 'resolved') {
    // It came back: an acknowledgement of before, which could carry a change, is not one of now.
    const { acknowledgedBy: _, ...again } = before;
    return { ...again, state: 'open', severity };
  }
  return { ...before, severity };
}

/** Its words as a record that can be cited, and remembered as words of others: what is proposed from them is tainted. */
async function keepWords(
  deps: TakeAlertsDeps,
  { tenant, name, id: hookId }: Hook,
  alert: Alert,
  device: string | undefined,
  at: string,
): Promise<string> {
  const record: Evidence = {
    ...{ id: deps.ids.id('evd'), tenant, resource: `node/${device ?? 'unknown'}`, signal: 'alert', value: alert.said },
    ...{ observedAt: at, collectedAt: at, source: `webhook:${name}`, intent: hookId },
  };
  await deps.untrusted.note(tenant, [record]);
  await deps.evidence.put([record]);
  return record.id;
}
