/** What follows from a finding: a change to propose, with values that evidence shows, or who has to act where no configuration helps. */
import type { RestorableSection } from '../../tools/config-sections.ts';
import type { Sighting as Seen } from '../diagnosis/observation.ts';
import type { Proposal, RootCause } from '../events.ts';
import type { Inventory } from '../inventory.ts';
import { REMEDIES } from './remedies.ts';

export type Remediation =
  | { readonly kind: 'change'; readonly proposal: Proposal; readonly evidence: readonly string[] }
  | { readonly kind: 'ticket'; readonly text: string };

/** A record, wherever it came from. */
type Sighting = Omit<Seen, 'source'>;

export interface Grounds {
  readonly causes: readonly RootCause[];
  readonly sightings: readonly Sighting[];
  readonly inventory: Inventory;
}

/** A leaf or list entry of a device that is not as intended: `bgp/local-as: running 65099, intended 65002`. */
interface Drift {
  readonly device: string;
  readonly path: string;
  readonly running: string;
  readonly intended: string;
  readonly id: string;
}

/** Names that device text may hand on into a change: nothing with a meaning in XML, paths or prose. */
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const PORT = /^[A-Za-z0-9/._-]{1,32}$/;
/** 32 bytes in base64, or the printable key form of a device. */
const KEY = /^[A-Za-z0-9+/=_-]{8,128}$/;
const MAX_AS = 4_294_967_295;

/** Devices that a resource name mentions, or those of the site that it mentions: `circuit/br2/mpls` is br2's edge. */
export function devicesOfResource(resource: string, { devices }: Inventory): readonly string[] {
  const parts = new Set(resource.split(/\/|--|:/));
  const named = devices.filter(({ name }) => parts.has(name));
  return (named.length > 0 ? named : devices.filter(({ site }) => parts.has(site))).map(({ name }) => name);
}

/** Devices whose difference from the intended configuration a remedy needs to know and nobody has read yet. */
export function unreadDrift({ causes, sightings, inventory }: Grounds): readonly string[] {
  const concerned = causes
    .filter(({ faultType }) => REMEDIES[faultType]?.kind === 'restore')
    .flatMap(({ resource }) => devicesOfResource(resource, inventory));
  const isRead = (device: string): boolean =>
    sightings.some(({ resource, signal }) => signal === 'cfg.sync' && resource === `node/${device}`);
  return [...new Set(concerned)].filter((device) => !isRead(device));
}

/** What to do about the first cause that something can be done about, with all others that the same change mends. Pure. */
export function chooseRemediation(grounds: Grounds): Remediation {
  const changes = grounds.causes.flatMap((cause) => restoration(grounds, cause) ?? []);
  const [first] = changes;
  if (first === undefined) return { kind: 'ticket', text: grounds.causes.map((cause) => adviceOn(cause)).join(' ') };
  const unsettled = first.drift.find((one) => contradictsInventory(one, grounds.inventory));
  if (unsettled !== undefined)
    return {
      kind: 'ticket',
      text: `The intended configuration of ${first.device} and the inventory name different ASs. Settle which is right first.`,
    };
  const same = changes.filter(({ device }) => device === first.device);
  const sections = [...new Set(same.flatMap((one) => one.sections))];
  const drift = same.flatMap((one) => one.drift);
  const exact = same.length === 1 ? exactChange(first.drift) : undefined;
  const proposal: Proposal = exact ?? {
    tool: 'config.restore',
    target: [first.device],
    input: { sections },
    why: `${first.device} differs from its intended configuration: ${drift[0]?.path ?? sections.join(', ')}${drift.length > 1 ? ` and ${drift.length - 1} more` : ''}.`,
  };
  return { kind: 'change', proposal, evidence: [...new Set(drift.map(({ id }) => id))] };
}

interface Restoration {
  readonly device: string;
  readonly sections: readonly RestorableSection[];
  readonly drift: readonly Drift[];
}

/** Where a cause of the configuration shows as drift; undefined when nothing differs, which makes it policy, not a slip. */
function restoration({ sightings, inventory }: Grounds, cause: RootCause): Restoration | undefined {
  const remedy = REMEDIES[cause.faultType];
  if (remedy?.kind !== 'restore') return undefined;
  for (const device of devicesOfResource(cause.resource, inventory)) {
    const drift = readDrift(sightings, device).filter(({ path }) =>
      remedy.sections.some((section) => path.startsWith(`${section}/`)),
    );
    const sections = remedy.sections.filter((section) => drift.some(({ path }) => path.startsWith(`${section}/`)));
    if (drift.length > 0) return { device, sections, drift };
  }
  return undefined;
}

function readDrift(seen: readonly Sighting[], device: string): readonly Drift[] {
  return seen
    .filter(({ resource, signal }) => signal === 'cfg.diff' && resource === `node/${device}`)
    .flatMap(({ id, value }) => {
      const match = /^(\S{1,200}): running (.+), intended (.+)$/s.exec(String(value));
      const [, path, running, intended] = match ?? [];
      return path && running && intended
        ? [{ device, path, running: withoutContent(running), intended: withoutContent(intended), id }]
        : [];
    });
}

/** An AS that the inventory does not know is nothing to go back to, whoever intends it. */
function contradictsInventory({ device, path, intended }: Drift, { devices }: Inventory): boolean {
  const known = devices.find((one) => one.name === device)?.asn;
  const asn = Number(intended);
  if (path !== 'bgp/local-as') return false;
  return !Number.isInteger(asn) || asn < 1 || asn > MAX_AS || (known ?? asn) !== asn;
}

/** An entry says what is in it: `present (action deny, …)`. */
const withoutContent = (text: string): string => (text.startsWith('present (') ? 'present' : text);

/** The tool that changes no more than the one thing that differs, where there is one. */
function exactChange([only, ...others]: readonly Drift[]): Proposal | undefined {
  if (only === undefined || others.length > 0) return undefined;
  const { device, path, running, intended } = only;
  const target = [device];
  const [section, name = '', entry = ''] = path.split('/');
  if (section === 'access-lists' && path.split('/').length === 3 && running === 'present' && intended === 'absent') {
    if (!NAME.test(name) || !NAME.test(entry)) return undefined;
    const why = `Entry ${entry} of ${name} is not part of the intended configuration.`;
    return { tool: 'acl.remove-entry', target, input: { list: name, entry }, why };
  }
  if (path === 'bgp/local-as') {
    const why = `Its peers expect AS ${intended}; it runs ${running}.`;
    return { tool: 'bgp.set-local-as', target, input: { localAs: Number(intended) }, why };
  }
  if (path === 'ipsec/identity-key' && intended !== 'absent' && KEY.test(intended)) {
    const why = 'Its peers expect the intended identity key; it presents another one.';
    return { tool: 'ipsec.set-identity-key', target, input: { key: intended }, why };
  }
  const port = /^interfaces\/(.+)\/enabled$/.exec(path)?.[1];
  if (port !== undefined && PORT.test(port) && intended === 'true') {
    const why = `Port ${port} is shut down and is meant to be enabled.`;
    return { tool: 'interface.set-enabled', target, input: { interface: port, enabled: true }, why };
  }
  return undefined;
}

/** One sentence for people. */
function adviceOn({ resource, faultType }: RootCause): string {
  const remedy = REMEDIES[faultType];
  if (remedy === undefined) return `No template covers ${faultType} at ${resource}.`;
  if (remedy.kind === 'nothing') return `Nothing needs to be done about ${resource}.`;
  if (remedy.kind === 'ask') return `${resource}: ask ${remedy.who} to ${remedy.says}.`;
  return `${resource} shows ${faultType}, but its ${remedy.sections.join(', ')} are as intended: whoever intends them has to decide.`;
}
