/**
 * Turns observations into features: symptoms keyed by role (`bgp.state@suspect`), never by name.
 *
 * The codebook generator and the engine use this same code, so that a symptom means the same in both. A feature that
 * was not looked at is absent; one that was looked at and is normal is present with its normal value, because absent
 * symptoms are evidence too.
 */
import { readAclFeatures } from './acl-features.ts';
import { readEventFeatures } from './event-features.ts';
import type { Feature, Sighting } from './feature.ts';
import { feature, share } from './feature.ts';
import type { Scope } from './scope.ts';
import { readTunnelFeatures } from './tunnel-features.ts';

/** Certificates at or below this are expired (days). */
const EXPIRED_DAYS = 0;
/** TLS checks fail beyond some minutes of offset; NTP keeps a device within milliseconds (seconds). */
const SKEW_SECONDS = 60;
/** A session table is full when no new session fits (percent). */
const FULL_PCT = 99;

const inWords = { none: 'up', some: 'partial', all: 'down' } as const;

function readDeviceFeatures(seen: readonly Sighting[], { suspect }: Scope): Feature[] {
  const at = (signal: string) => seen.filter((s) => s.signal === signal && s.resource === `node/${suspect}`);
  const found: Feature[] = [];
  const add = (signal: string, normal: string, symptom: string, isSymptom: (sighting: Sighting) => boolean): void => {
    const sightings = at(signal);
    if (sightings.length === 0) return;
    const value = sightings.some(isSymptom) ? symptom : normal;
    found.push(feature(`${signal}@suspect`, value, sightings, isSymptom));
  };
  add('dev.reach', 'reachable', 'unreachable', ({ value }) => value !== 'reachable');
  add('dev.process', 'running', 'stopped', ({ value }) => !String(value).endsWith('running'));
  add('dev.cert_days', 'valid', 'expired', ({ value }) => Number(value) <= EXPIRED_DAYS);
  add('dev.clock_offset', 'right', 'skewed', ({ value }) => Math.abs(Number(value)) > SKEW_SECONDS);
  add('fw.session_use_pct', 'free', 'full', ({ value }) => Number(value) >= FULL_PCT);
  return found;
}

function readPortFeatures(seen: readonly Sighting[], { suspect, circuits }: Scope): Feature[] {
  const ports = new Set(circuits.map((circuit) => `interface/${suspect}/${circuit.interface}`));
  const found: Feature[] = [];
  for (const signal of ['if.oper', 'if.admin']) {
    const sightings = seen.filter((s) => s.signal === signal && ports.has(s.resource));
    const isDown = ({ value }: Sighting) => value !== 'up';
    if (sightings.length > 0) {
      found.push(feature(`${signal}@suspect.wan`, inWords[share(sightings, isDown)], sightings, isDown));
    }
  }
  return found;
}

/** RFC 4271 §4.5, RFC 4486 §4: the errors that name a cause; any other error only says that a session ended. */
const BGP_ERRORS: { readonly [code: string]: string } = { '2/2': 'open-bad-as', '6/1': 'cease-max-prefixes' };

function readSessionFeatures(seen: readonly Sighting[], { suspect }: Scope): Feature[] {
  const found: Feature[] = [];
  const sessions = seen.filter(
    ({ resource }) => resource.startsWith('session/bgp/') && resource.slice(12).split('--').includes(suspect),
  );
  const states = sessions.filter(({ signal }) => signal === 'bgp.state');
  const isDown = ({ value }: Sighting) => value !== 'established';
  if (states.length > 0) {
    found.push(feature('bgp.state@suspect', inWords[share(states, isDown)], states, isDown));
  }
  const errors = sessions.filter(({ signal }) => signal === 'bgp.last_error');
  const named = errors.find(({ value }) => BGP_ERRORS[String(value)] !== undefined);
  if (errors.length > 0) {
    const value = named ? (BGP_ERRORS[String(named.value)] ?? 'none') : 'none';
    found.push(feature('bgp.last_error@suspect', value, errors, (s) => s.value === named?.value));
  }
  const control = seen.filter(
    ({ resource, signal }) =>
      signal === 'ctrl.conn' && resource.startsWith('session/control/') && resource.includes(`--${suspect}:`),
  );
  const isLost = ({ value }: Sighting) => value !== 'up';
  if (control.length > 0) {
    found.push(feature('ctrl.conn@suspect', inWords[share(control, isLost)], control, isLost));
    const reason = /certificate|clock/.exec(control.map(({ value }) => String(value)).join(' '))?.[0] ?? 'none';
    found.push(feature('ctrl.reason@suspect', reason, control, ({ value }) => String(value).includes(reason)));
  }
  return found;
}

/** Sections of the configuration whose drift can explain a fault. */
const SECTIONS = ['bgp', 'access-lists', 'ipsec', 'interfaces'] as const;

function readDriftFeatures(seen: readonly Sighting[], { suspect }: Scope): Feature[] {
  const ours = seen.filter(({ resource }) => resource === `node/${suspect}`);
  const sync = ours.filter(({ signal }) => signal === 'cfg.sync');
  const leaves = ours.filter(({ signal }) => signal === 'cfg.diff');
  if (sync.length + leaves.length === 0) return [];
  return SECTIONS.map((section) => {
    const isHere = ({ signal, value }: Sighting) => signal === 'cfg.diff' && String(value).startsWith(`${section}/`);
    return feature(
      `cfg.diff@suspect.${section}`,
      leaves.some(isHere) ? 'differs' : 'same',
      leaves.some(isHere) ? leaves : [...sync, ...leaves],
      isHere,
    );
  });
}

function readProbeFeatures(seen: readonly Sighting[], { suspect, app, other }: Scope): Feature[] {
  const found: Feature[] = [];
  for (const sighting of seen) {
    const text = String(sighting.value);
    if (sighting.signal === 'probe.tcp' && app && text.startsWith(`${app.address}:`)) {
      const value = /\b(ok|timeout|refused|unreachable)\b/.exec(text)?.[1];
      const place = sighting.resource === `node/${suspect}` ? 'suspect' : other ? 'other' : undefined;
      if (value && place) found.push(feature(`probe.tcp.app@${place}`, value, [sighting]));
    }
    if (sighting.signal === 'probe.icmp' && sighting.resource === `node/${suspect}`) {
      const [, destination = '', received = '0', sent = '0'] = /^(\S+) (\d+)\/(\d+)/.exec(text) ?? [];
      const value = Number(received) * 2 > Number(sent) ? 'ok' : 'lost';
      const path = destination === app?.address ? 'app' : 'underlay';
      if (destination !== '') found.push(feature(`probe.icmp.${path}@suspect`, value, [sighting]));
    }
  }
  return found;
}

function readStandbyFeatures(seen: readonly Sighting[], { suspect, peers }: Scope): Feature[] {
  const found: Feature[] = [];
  const vrrp = seen.filter(
    ({ resource, signal }) =>
      signal === 'vrrp.state' && peers.some((peer) => resource.startsWith(`interface/${peer}/`)),
  );
  const isMaster = ({ value }: Sighting) => value === 'master';
  if (vrrp.length > 0) {
    found.push(feature('vrrp.state@peer', vrrp.some(isMaster) ? 'master' : 'backup', vrrp, isMaster));
  }
  const lte = seen.filter(
    ({ resource, signal }) => signal === 'lte.signal' && resource.startsWith(`interface/${suspect}/`),
  );
  const isSilent = ({ value }: Sighting) => value === 'no data';
  if (lte.length > 0) found.push(feature('lte.signal@suspect', lte.some(isSilent) ? 'no-data' : 'data', lte, isSilent));
  return found;
}

/** All features that the sightings show, by name. Later sightings of one name win. Pure. */
export function extractFeatures(seen: readonly Sighting[], scope: Scope): ReadonlyMap<string, Feature> {
  const features = [
    readDeviceFeatures,
    readPortFeatures,
    readTunnelFeatures,
    readSessionFeatures,
    readAclFeatures,
    readDriftFeatures,
    readProbeFeatures,
    readStandbyFeatures,
    readEventFeatures,
  ].flatMap((read) => read(seen, scope));
  return new Map(features.map((one) => [one.name, one]));
}
