/** What follows from a root cause: a change to propose, or a ticket for people who can act where no configuration helps. */
import { classifyEntry, parseAclEntry } from '../diagnosis/acl-features.ts';
import type { FaultType } from '../diagnosis/codebook.ts';
import type { Sighting } from '../diagnosis/feature.ts';
import type { Scope } from '../diagnosis/scope.ts';
import type { Finding, Proposal } from '../events.ts';
import type { Inventory } from '../inventory.ts';

export type Remediation =
  | { readonly kind: 'change'; readonly proposal: Proposal; readonly evidence: readonly string[] }
  | { readonly kind: 'ticket'; readonly text: string };

interface Grounds {
  readonly finding: Finding;
  readonly scope: Scope;
  readonly sightings: readonly Sighting[];
  readonly inventory: Inventory;
}

/** Names that device text may hand on into a change: nothing with a meaning in XML, paths or prose. */
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const PORT = /^[A-Za-z0-9/._-]{1,32}$/;
/** 32 bytes in base64, or the printable key form of a device. */
const KEY = /^[A-Za-z0-9+/=_-]{8,128}$/;

interface Drift {
  readonly path: string;
  readonly running: string;
  readonly intended: string;
  readonly id: string;
}

/** The drifted leaves of the suspect: `bgp/local-as: running 65099, intended 65002`. */
function readDrift(seen: readonly Sighting[], suspect: string): readonly Drift[] {
  return seen
    .filter(({ resource, signal }) => signal === 'cfg.diff' && resource === `node/${suspect}`)
    .flatMap(({ id, value }) => {
      const match = /^(\S{1,200}): running (\S{1,200}), intended (\S{1,200})$/.exec(String(value));
      const [, path, running, intended] = match ?? [];
      return path && running && intended ? [{ path, running, intended, id }] : [];
    });
}

function removeEntry(kind: 'tcp179' | 'app' | 'bfd', what: string, { scope, sightings }: Grounds): Remediation {
  const drift = readDrift(sightings, scope.suspect);
  for (const sighting of sightings) {
    const entry = sighting.resource.startsWith(`policy/${scope.suspect}/`) ? parseAclEntry(sighting) : undefined;
    if (!entry || classifyEntry(entry, scope) !== kind || !NAME.test(entry.list) || !NAME.test(entry.entry)) continue;
    // An entry that is meant to be there is policy: its owner decides, not a repair.
    const leaf = drift.find(({ path, intended }) => {
      const parts = path.split('/');
      return parts.includes(entry.list) && parts.includes(entry.entry) && intended === 'absent';
    });
    if (!leaf) continue;
    return {
      kind: 'change',
      proposal: {
        tool: 'acl.remove-entry',
        target: [scope.suspect],
        input: { list: entry.list, entry: entry.entry },
        why: `Entry ${entry.entry} of ${entry.list} denies ${what} and is not part of the intended configuration.`,
      },
      evidence: [sighting.id, leaf.id],
    };
  }
  return {
    kind: 'ticket',
    text: `An access list of ${scope.suspect} denies ${what}, but the intended configuration does not show the entry as foreign. The owner of that policy has to decide.`,
  };
}

function restoreAs({ scope, sightings, inventory }: Grounds): Remediation {
  const leaf = readDrift(sightings, scope.suspect).find(({ path }) => path === 'bgp/local-as');
  const localAs = Number(leaf?.intended);
  const known = inventory.devices.find(({ name }) => name === scope.suspect)?.asn;
  if (!leaf || !Number.isInteger(localAs) || localAs < 1 || localAs > 4_294_967_295) {
    return {
      kind: 'ticket',
      text: `The intended AS of ${scope.suspect} could not be read. Look at its configuration.`,
    };
  }
  if (known !== undefined && known !== localAs) {
    return {
      kind: 'ticket',
      text: `The intended configuration of ${scope.suspect} says AS ${localAs}, the inventory says ${known}. Settle which is right first.`,
    };
  }
  return {
    kind: 'change',
    proposal: {
      tool: 'bgp.set-local-as',
      target: [scope.suspect],
      input: { localAs },
      why: `Its peers expect AS ${localAs}; it runs ${leaf.running}.`,
    },
    evidence: [leaf.id],
  };
}

function restoreKey({ scope, sightings }: Grounds): Remediation {
  const leaf = readDrift(sightings, scope.suspect).find(({ path }) => path === 'ipsec/identity-key');
  if (!leaf || !KEY.test(leaf.intended) || leaf.intended === 'absent') {
    return { kind: 'ticket', text: `The intended identity key of ${scope.suspect} could not be read.` };
  }
  return {
    kind: 'change',
    proposal: {
      tool: 'ipsec.set-identity-key',
      target: [scope.suspect],
      input: { key: leaf.intended },
      why: 'Its peers expect the intended identity key; it presents another one.',
    },
    evidence: [leaf.id],
  };
}

function enablePort({ finding, scope, sightings }: Grounds): Remediation {
  const port = finding.rootCauses
    .find(({ faultType }) => faultType === 'if_admin_shutdown')
    ?.resource.split('/')
    .slice(2)
    .join('/');
  const leaf = readDrift(sightings, scope.suspect).find(
    ({ path, intended }) => port !== undefined && path === `interfaces/${port}/enabled` && intended === 'true',
  );
  if (!port || !leaf || !PORT.test(port)) {
    return {
      kind: 'ticket',
      text: `A port of ${scope.suspect} is shut down, and that is its intended configuration. Ask who intended it.`,
    };
  }
  return {
    kind: 'change',
    proposal: {
      tool: 'interface.set-enabled',
      target: [scope.suspect],
      input: { interface: port, enabled: true },
      why: `Port ${port} is shut down and is meant to be enabled.`,
    },
    evidence: [leaf.id],
  };
}

const TICKETS: { readonly [Type in FaultType]?: (where: string, scope: Scope) => string } = {
  link_down: (where, { site }) =>
    `Open a ticket with the circuit's provider: ${where} (site ${site}) lost carrier, the port is enabled. No change on our side helps; confirm that the other circuit has headroom.`,
  device_down: (where, { site, peers }) =>
    `Dispatch to ${site}: ${where} went dark at one instant on every path. Check the maintenance calendar and the power feed${peers.length > 0 ? `; confirm that ${peers.join(', ')} took over` : ''}. No circuit ticket is needed.`,
  provider_outage: (where) =>
    `Open one ticket with the provider: ${where} is down for several sites at once. No change on our side helps.`,
  server_down: (where) => `Tell the owner of ${where}: the service fails from every site while the network carries it.`,
  cert_expired: (where) => `Renew the certificate of ${where}; there is no tool for it here.`,
  clock_skew: (where) => `Repair the time source of ${where}; its certificate is fine.`,
  routing_daemon_down: (where) => `Restart the routing process of ${where} by hand, and keep its crash file.`,
  controller_unreachable: (where) => `Find what keeps ${where} from its controllers; its data plane still forwards.`,
  max_prefix_exceeded: (where) => `Find who leaks prefixes over ${where} before the session is allowed again.`,
  fw_session_table_full: (where) => `Find the host that fills the session table of ${where}.`,
};

/** The template of the finding's first root cause. Pure: a change is only proposed with values that evidence shows. */
export function chooseRemediation(grounds: Grounds): Remediation {
  const cause = grounds.finding.rootCauses[0];
  switch (cause?.faultType) {
    case 'bgp_asn_mismatch':
      return restoreAs(grounds);
    case 'acl_blocks_app':
      return removeEntry('app', 'the application', grounds);
    case 'bgp_port_blocked':
      return removeEntry('tcp179', 'BGP', grounds);
    case 'bfd_port_blocked':
      return removeEntry('bfd', 'BFD', grounds);
    case 'ipsec_peer_key_mismatch':
      return restoreKey(grounds);
    case 'if_admin_shutdown':
      return enablePort(grounds);
    default: {
      const write = Object.entries(TICKETS).find(([type]) => type === cause?.faultType)?.[1];
      return { kind: 'ticket', text: write?.(cause?.resource ?? '', grounds.scope) ?? 'No template covers this.' };
    }
  }
}
