/** Hosts that mean ill, and those that only look like it. */
import type { Traffic } from '../model/condition.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { ExternalService, Host } from '../model/network.ts';
import { hostOf } from './lan.ts';

type Wanted = Host['kind'];

const isKind =
  (...kinds: readonly Wanted[]) =>
  (place: FaultPlace, ground: FaultGround): boolean => {
    const host = hostOf(ground, place);
    return host !== undefined && kinds.includes(host.kind);
  };

/** A service on the internet whose name begins so. */
const external = (ground: FaultGround, begins: string): ExternalService | undefined =>
  ground.topology.externals.find((one) => one.name.startsWith(begins));

const server = (ground: FaultGround, place: FaultPlace): Host | undefined =>
  ground.topology.hosts.find((one) => one.tenant === place.tenant && one.services.some((each) => each.name === 'erp'));

const send = (ground: FaultGround, place: FaultPlace, traffic: Traffic): (() => void) =>
  ground.impose({ kind: 'host-sends', tenant: place.tenant, host: place.host ?? '', traffic });

/** Somebody wrote down who may do this. */
const known = (ground: FaultGround, place: FaultPlace, name: string, role: 'scanner' | 'vendor', summary: string) =>
  ground.impose({ kind: 'known-source', tenant: place.tenant, record: { name, role, summary } });

const both =
  (...undo: readonly (() => void)[]) =>
  (): void => {
    for (const one of undo) one();
  };

/** Ports that a scan for ways further into a network tries first. */
const SCANNED_PORTS = [22, 23, 80, 443, 445, 3389, 8080] as const;
const BEACON_SECONDS = 60;
const TELEMETRY_SECONDS = 300;
const UPDATE_BYTES = 250_000_000;
const UPDATE_BPS = 20_000_000;
const MDNS_PORT = 5_353;

/** The LAN that is scanned: the servers' for a branch host, the first branch's for the scanner. */
function scannedPrefix(ground: FaultGround, place: FaultPlace): string {
  const own = hostOf(ground, place)?.site;
  const other = ground.topology.hosts.find((one) => one.tenant === place.tenant && one.site !== own);
  return (other?.address ?? '10.0.0.0').replace(/\d+$/, '0/24');
}

export const securityFaults: readonly FaultType[] = [
  {
    type: 'syn_flood',
    kinds: ['host'],
    mechanism: 'One host opens hundreds of connections a second to a server and answers none of its replies.',
    graded: true,
    fits: isKind('pc', 'guest', 'camera', 'printer'),
    apply: (ground, place, degree) =>
      send(ground, place, {
        pattern: 'syn-flood',
        destination: server(ground, place)?.address ?? '',
        port: 443,
        perSecond: Math.round(800 * degree),
        since: ground.now(),
      }),
  },
  {
    type: 'c2_beacon',
    kinds: ['host'],
    mechanism: 'A compromised device calls an unknown address at a fixed interval, by names that a machine made up.',
    fits: isKind('pc', 'guest', 'camera', 'printer'),
    apply: (ground, place) =>
      send(ground, place, {
        pattern: 'beacon',
        destination: external(ground, 'unknown')?.address ?? '',
        everySeconds: BEACON_SECONDS,
        dnsNames: 'random',
        since: ground.now(),
      }),
  },
  {
    type: 'ntp_or_telemetry',
    kinds: ['host'],
    mechanism: "Not a fault: a device contacts its vendor's cloud at regular intervals, by a readable name.",
    condition: true,
    fits: isKind('camera', 'printer', 'pc'),
    apply(ground, place) {
      const service = external(ground, 'telemetry');
      return both(
        send(ground, place, {
          pattern: 'beacon',
          destination: service?.address ?? '',
          everySeconds: TELEMETRY_SECONDS,
          dnsNames: 'readable',
          since: ground.now(),
        }),
        known(ground, place, service?.name ?? '', 'vendor', 'telemetry of the camera vendor'),
      );
    },
  },
  {
    type: 'software_update',
    kinds: ['host'],
    mechanism: 'Not a fault: a device fetches an update from its vendor: one large download, then silence.',
    condition: true,
    fits: isKind('camera', 'printer', 'pc'),
    apply(ground, place) {
      const service = external(ground, 'updates');
      return both(
        send(ground, place, {
          pattern: 'download',
          destination: service?.address ?? '',
          bytes: UPDATE_BYTES,
          bps: UPDATE_BPS,
          since: ground.now(),
        }),
        known(ground, place, service?.name ?? '', 'vendor', 'updates of the camera vendor'),
      );
    },
  },
  {
    type: 'lateral_scan',
    kinds: ['host'],
    mechanism: 'A host tries one port after the other on every address of another LAN.',
    graded: true,
    fits: isKind('pc', 'guest', 'camera', 'printer'),
    apply: (ground, place, degree) =>
      send(ground, place, {
        pattern: 'scan',
        prefix: scannedPrefix(ground, place),
        ports: SCANNED_PORTS,
        perSecond: Math.max(1, Math.round(10 * degree)),
        since: ground.now(),
      }),
  },
  {
    type: 'vulnerability_scanner',
    kinds: ['host'],
    mechanism:
      "Not a fault: the organisation's own scanner tries addresses and ports on schedule, and is known for it.",
    condition: true,
    fits: isKind('scanner'),
    apply: (ground, place) =>
      both(
        send(ground, place, {
          pattern: 'scan',
          prefix: scannedPrefix(ground, place),
          ports: SCANNED_PORTS,
          perSecond: 10,
          since: ground.now(),
        }),
        known(ground, place, hostOf(ground, place)?.address ?? '', 'scanner', 'approved vulnerability scanner'),
      ),
  },
  {
    type: 'misconfigured_printer_discovery',
    kinds: ['host'],
    mechanism: 'A device keeps looking for printers by multicast, slowly and without harm.',
    condition: true,
    fits: isKind('printer', 'pc'),
    apply: (ground, place) =>
      send(ground, place, { pattern: 'discovery', port: MDNS_PORT, perMinute: 12, since: ground.now() }),
  },
];
