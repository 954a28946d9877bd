/** Hosts that mean ill, and those that only look like it. */
import type { KnownSource } from '../../protocols/device/records.ts';
import type { Traffic } from '../model/condition.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { ExternalService, Host } from '../model/network.ts';
import { undoAll } from './edit.ts';
import { forbiddenPrefix, hostOf, isHost, isUnknown, lanPrefix, targetOf } from './surroundings.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Ports that a scan for ways further into a network tries first. */
const SCANNED_PORTS = [22, 23, 80, 443, 445, 3389, 8080] as const;
const SCANS_PER_SECOND = 10;
/** SYN packets a second: hundreds, as one PC manages with ease. */
const FLOOD_PER_SECOND = 800;
const BEACON_SECONDS = 60;
/** Poll interval of a client whose clock is steady (RFC 5905 §7.2, 2^6 s). */
const NTP_SECONDS = 64;
const UPDATE_BYTES = 250_000_000;
const UPDATE_BPS = 20_000_000;
/** Devices of one model fetch an update on the same day, this many besides the first, each at its hour. */
const MORE_UPDATES = 20;
const UPDATES_WITHIN_MS = 8 * HOUR_MS;
/** Multicast DNS (RFC 6762 §3). */
const MDNS_PORT = 5_353;

/** Any host that somebody can have taken over or set up wrongly. */
const isEndpoint = isHost('pc', 'guest', 'camera', 'printer', 'server');

/** A service on the internet whose name begins so. */
const external = (ground: FaultGround, begins: string): ExternalService | undefined =>
  ground.topology.externals.find((one) => one.name.startsWith(begins));

const send = (ground: FaultGround, place: FaultPlace, traffic: Traffic): (() => void) =>
  sendFrom(ground, { tenant: place.tenant, name: place.host ?? '' }, traffic);

const sendFrom = (ground: FaultGround, { tenant, name }: Pick<Host, 'tenant' | 'name'>, traffic: Traffic) =>
  ground.impose({ kind: 'host-sends', tenant, host: name, traffic });

/** Somebody wrote down who this is. */
const known = (ground: FaultGround, tenant: string, record: KnownSource): (() => void) =>
  ground.impose({ kind: 'known-source', tenant, record });

/** Subnet that the organisation's scanner is busy with: the people's LAN of the first other site. */
function scannedPrefix(place: FaultPlace, ground: FaultGround): string | undefined {
  const own = hostOf(place, ground);
  const other = ground.topology.hosts.find(
    (one) => one.tenant === place.tenant && one.site !== own?.site && one.kind === 'pc',
  );
  return other && lanPrefix(other, ground);
}

export const securityFaults: readonly FaultType[] = [
  {
    type: 'syn_flood',
    kinds: ['host'],
    mechanism: 'One host opens hundreds of connections a second to a server and answers none of its replies.',
    graded: true,
    fits(place, ground) {
      const host = hostOf(place, ground);
      return isEndpoint(place, ground) && host !== undefined && targetOf(host, ground) !== undefined;
    },
    apply(ground, place, degree) {
      const host = hostOf(place, ground);
      const to = host && targetOf(host, ground);
      if (to === undefined) return () => undefined;
      const perSecond = Math.max(1, Math.round(FLOOD_PER_SECOND * degree));
      const since = ground.now();
      return send(ground, place, { pattern: 'syn-flood', destination: to.address, port: to.port, perSecond, since });
    },
  },
  {
    type: 'c2_beacon',
    kinds: ['host'],
    mechanism: 'A compromised device calls an unknown address at a fixed interval, by names that a machine made up.',
    fits: (place, ground) => isEndpoint(place, ground) && ground.topology.externals.some((one) => isUnknown(one.name)),
    apply(ground, place) {
      const stranger = ground.topology.externals.find((one) => isUnknown(one.name));
      return send(ground, place, {
        pattern: 'beacon',
        destination: stranger?.address ?? '',
        everySeconds: BEACON_SECONDS,
        dnsNames: 'random',
        since: ground.now(),
      });
    },
  },
  {
    type: 'ntp_or_telemetry',
    kinds: ['host'],
    mechanism: 'Not a fault: a device asks its time server at regular intervals, by a readable name that is listed.',
    condition: true,
    fits: (place, ground) => isEndpoint(place, ground) && external(ground, 'time.') !== undefined,
    apply(ground, place) {
      const service = external(ground, 'time.');
      if (service === undefined) return () => undefined;
      const traffic = { pattern: 'beacon', destination: service.address, everySeconds: NTP_SECONDS } as const;
      return undoAll(
        send(ground, place, { ...traffic, dnsNames: 'readable', since: ground.now() }),
        known(ground, place.tenant, { name: service.name, role: 'time-server', summary: 'public time server' }),
      );
    },
  },
  {
    type: 'software_update',
    kinds: ['host'],
    mechanism: 'Not a fault: devices of one model fetch an update from their vendor: a large download, then silence.',
    condition: true,
    fits: (place, ground) => isEndpoint(place, ground) && external(ground, 'updates.') !== undefined,
    apply(ground, place) {
      const service = external(ground, 'updates.');
      const first = hostOf(place, ground);
      if (service === undefined || first === undefined) return () => undefined;
      const fetch = (host: Host): (() => void) =>
        sendFrom(ground, host, {
          pattern: 'download',
          destination: service.address,
          bytes: UPDATE_BYTES,
          bps: UPDATE_BPS,
          since: ground.now(),
        });
      const model = ground.topology.hosts.filter(
        (one) => one.tenant === first.tenant && one.kind === first.kind && one.name !== first.name,
      );
      const others = model.slice(0, MORE_UPDATES).map((host) => {
        const wait = Math.round(UPDATES_WITHIN_MS * ground.fraction('update', host.tenant, host.name));
        let undo = ground.schedule(ground.now() + wait, () => {
          undo = fetch(host);
        });
        return (): void => undo();
      });
      const record = { name: service.name, role: 'vendor', summary: 'updates of the vendor' } as const;
      return undoAll(fetch(first), ...others, known(ground, place.tenant, record));
    },
  },
  {
    type: 'lateral_scan',
    kinds: ['host'],
    mechanism: 'A host tries one port after the other on every address of another LAN, which it must not reach.',
    graded: true,
    fits(place, ground) {
      const host = hostOf(place, ground);
      return isEndpoint(place, ground) && host !== undefined && forbiddenPrefix(host, ground) !== undefined;
    },
    apply(ground, place, degree) {
      const host = hostOf(place, ground);
      return send(ground, place, {
        pattern: 'scan',
        prefix: (host && forbiddenPrefix(host, ground)) ?? '',
        ports: SCANNED_PORTS,
        perSecond: Math.max(1, Math.round(SCANS_PER_SECOND * degree)),
        since: ground.now(),
      });
    },
  },
  {
    type: 'vulnerability_scanner',
    kinds: ['host'],
    mechanism: "Not a fault: the organisation's own scanner tries addresses and ports in its window, and is listed.",
    condition: true,
    fits: (place, ground) => isHost('scanner', 'server')(place, ground) && scannedPrefix(place, ground) !== undefined,
    apply(ground, place) {
      const host = hostOf(place, ground);
      const now = ground.now();
      const window = ground.impose({
        kind: 'window',
        tenant: place.tenant,
        record: {
          id: `SCN-${Math.floor(10_000 + 90_000 * ground.fraction('scan', place.host ?? ''))}`,
          resource: place.resource,
          from: now - HOUR_MS / 2,
          until: now + 4 * HOUR_MS,
          summary: 'monthly vulnerability scan',
        },
      });
      const traffic = { pattern: 'scan', prefix: scannedPrefix(place, ground) ?? '', ports: SCANNED_PORTS } as const;
      const summary = 'approved vulnerability scanner';
      return undoAll(
        window,
        known(ground, place.tenant, { name: host?.address ?? '', role: 'scanner', summary }),
        send(ground, place, { ...traffic, perSecond: SCANS_PER_SECOND, since: now }),
      );
    },
  },
  {
    type: 'misconfigured_printer_discovery',
    kinds: ['host'],
    mechanism: 'A device has been looking for printers by multicast for weeks, slowly and without harm.',
    condition: true,
    fits: isHost('printer', 'pc', 'camera'),
    apply: (ground, place) =>
      send(ground, place, { pattern: 'discovery', port: MDNS_PORT, perMinute: 12, since: ground.now() - 21 * DAY_MS }),
  },
];
