/** How an observation is said to people: one phrase for each feature and value, used in findings and in what rules a rival out. */
import { quote } from '../events.ts';

type Words = { readonly [value: string]: string };

/** `*` stands for every value that has no phrase of its own; `$` for the value. */
const PHRASES: { readonly [feature: string]: Words } = {
  reach: { normal: 'the director reaches the device', lost: 'the director cannot reach the device' },
  answers: { normal: 'the device answers', silent: 'the device itself is silent' },
  cpu: { normal: 'the processor has room', busy: 'the processor is busy' },
  clock: { normal: 'the clock is right', skewed: 'the clock is off by more than a minute' },
  certificate: { normal: 'the certificate is valid', expired: 'the certificate has expired' },
  sessions: { normal: 'the session table has room', full: 'the session table is full' },
  uptime: { normal: 'the device has been up for long', fresh: 'the device started within the last two hours' },
  'half-open': { normal: 'few sessions are half open', many: 'many sessions are half open' },
  hardware: { normal: 'hardware is in order', bad: 'hardware reports a failure' },
  'time-server': { normal: 'the time server answers', lost: 'the time server does not answer' },
  memory: {
    normal: 'no process is larger than its like',
    grown: 'a process has grown far beyond its like',
    restarted: 'a process was restarted',
  },
  login: {
    normal: 'nobody logged in of late',
    'ok-known': 'somebody logged in past the broker, from a known place',
    'ok-unknown': 'somebody logged in past the broker, from an unknown place',
    'failed-known': 'logins from a known place failed',
    'failed-unknown': 'logins from an unknown place failed',
    'failed-then-ok-known': 'logins from a known place failed until one worked',
    'failed-then-ok-unknown': 'logins from an unknown place failed until one worked',
  },
  version: { normal: 'software is what its like run', other: 'software differs from what its like run' },
  sync: { normal: 'the configuration is as intended', differs: 'the configuration differs from what is intended' },
  cfg: { '*': 'the configuration differs ($)' },
  acl: { normal: 'no access-list entry that denies was hit', '*': 'an access-list entry that denies is being hit ($)' },
  bfd: { normal: 'BFD is up', down: 'BFD is down' },
  sa: { normal: 'IPsec is established', '*': 'IPsec is not established ($)' },
  transitions: { normal: 'BFD is steady', some: 'BFD went up and down', many: 'BFD goes up and down again and again' },
  'bfd-interval': { normal: 'BFD timers are as elsewhere', short: 'BFD timers are far shorter than elsewhere' },
  replay: { normal: 'no packets fail the replay window', many: 'packets fall out of the replay window' },
  'auth-drops': { normal: 'no packets fail authentication', many: 'packets fail authentication' },
  'last-resort': { normal: 'the last resort is idle', up: 'the last resort carries traffic' },
  loss: { normal: 'no packets are lost', lossy: 'packets are lost' },
  delay: {
    normal: 'delay is usual',
    more: 'delay is longer than elsewhere',
    much: 'delay is much longer than elsewhere',
  },
  jitter: { normal: 'delay is steady', high: 'delay varies' },
  oper: { normal: 'the port is up', down: 'the port is operationally down' },
  admin: { normal: 'the port is enabled', down: 'the port is shut down by configuration' },
  port: { normal: 'the port is there', missing: 'the port is no longer listed' },
  mtu: { normal: 'the port takes packets of the usual size', low: 'the port takes smaller packets only' },
  errors: { normal: 'the port counts no damaged frames', many: 'the port counts damaged frames' },
  drops: { normal: 'the port drops nothing', many: 'the port drops packets' },
  use: { normal: 'the line has room', full: 'the line is full' },
  lte: { normal: 'the modem is registered', 'no-data': 'the modem went silent', detached: 'the modem is not attached' },
  'lte-volume': { normal: 'the mobile plan has volume left', large: 'the mobile plan is used up' },
  ospf: { normal: 'the OSPF neighbour is full', lost: 'the OSPF neighbour is lost' },
  bgp: { normal: 'BGP is established', down: 'BGP is not established' },
  'bgp-error': {
    normal: 'BGP reports no error that names a cause',
    'bad-as': 'the BGP OPEN was exchanged and rejected: bad peer AS (2/2)',
    'max-prefixes': 'BGP was ceased for too many prefixes (6/1)',
  },
  prefixes: { normal: 'BGP brings the usual number of prefixes', flood: 'BGP brings far more prefixes than elsewhere' },
  control: { normal: 'the control connection is up', '*': 'the control connection is down ($)' },
  omp: { normal: 'the OMP peer is up', '*': 'the OMP peer is not up ($)' },
  vrrp: { normal: 'the virtual gateway is served', lost: 'the virtual gateway does not start' },
  arp: {
    normal: 'neighbours answer for themselves',
    'one-for-many': 'one host answers for many addresses',
    'one-for-two': 'one host answers for two addresses',
    'two-for-one': 'two hosts answer for one address',
    nobody: 'hosts ask for an address that nobody has',
    absent: 'a known host does not answer',
    gone: 'no neighbour has heard of a known host',
  },
  leases: { normal: 'addresses are leased', none: 'no address is leased' },
  offers: { normal: 'every lease request is answered', missing: 'lease requests stay unanswered' },
  nat: { normal: 'the pool has free ports', full: 'the pool has no free port' },
  server: { normal: 'the server process runs', '*': 'the server process is $' },
  score: {
    normal: 'the application scores well',
    fair: 'the application is slow',
    poor: 'the application is unusable',
  },
  'fetch-small.host': { normal: 'people fetch a page', '*': 'people cannot fetch a page as usual ($)' },
  'fetch-small.device': { normal: 'the device fetches a page', '*': 'the device cannot fetch a page as usual ($)' },
  'fetch-large.host': { normal: 'people fetch a large file', '*': 'people cannot fetch a large file as usual ($)' },
  'fetch-large.device': {
    normal: 'the device fetches a large file',
    '*': 'the device cannot fetch a large file as usual ($)',
  },
  dns: { normal: 'the resolver answers', '*': 'the resolver does not answer as it should ($)' },
  'dns-from': { normal: 'names resolve from there', '*': 'names do not resolve from there as they should ($)' },
  size: { normal: 'large packets pass', '*': 'large packets do not pass ($)' },
  'size-port': { normal: 'large packets pass the port', '*': 'large packets do not pass the port ($)' },
  traffic: {
    normal: 'the host talks as people do',
    flood: 'the host floods with half-open sessions',
    scan: 'the host tries address after address',
    'approved-scan': 'an approved scanner is at work',
    many: 'the host opens far more sessions than people do',
    unanswered: 'sessions of the host stay unanswered',
  },
  rhythm: {
    unlisted: 'the host calls an unknown place at a fixed rhythm',
    listed: 'the host calls a known service at a fixed rhythm',
    discovery: 'the host looks for its like',
  },
  mark: { rewritten: 'the mark of the class was rewritten on the way' },
  volume: { normal: 'no host dominates', dominant: 'the host sends more than all others of its site' },
  known: { '*': 'the source is on record ($)' },
  event: {
    commit: 'the configuration was committed',
    upgrade: 'software was activated',
    link: 'the port announced that it went down',
    'link-often': 'the port goes down again and again',
    push: 'a push of configuration failed',
    restart: 'a process restarted',
    'cold-start': 'the device started cold',
    'auth-fail': 'a control connection failed to authenticate',
    'address-moved': 'the public address changed',
    'table-full': 'the firewall announced a full table',
    'half-open': 'the firewall announced half-open sessions',
    'line-full': 'the line was announced to be full',
    'login-fail-often': 'failed logins were announced again and again',
    '*': 'it was announced ($)',
  },
  record: {
    window: 'a maintenance window is open',
    ticket: 'a change ticket is open',
    'window-over': 'a maintenance window was open',
    'ticket-over': 'a change ticket was open',
  },
};

/** What kind of traffic a class carries, or which process it is, follows the dot. */
const FAMILIES: { readonly [family: string]: Words } = {
  process: { normal: 'the $ process runs', stopped: 'the $ process is stopped' },
  promise: { normal: 'the $ class has its share', none: 'the $ class has no bandwidth' },
  queue: { normal: 'the $ queue drops nothing', drops: 'the $ queue drops packets' },
};

/** The phrase for a feature's value; the plain form when there is none. The value may be a text of a device: it is quoted. */
export function phrase(feature: string, value: string): string {
  const words = PHRASES[feature];
  const found = wordOf(words, value) ?? (value === 'normal' ? undefined : wordOf(words, '*'));
  if (found !== undefined) return found.replace('$', () => quote(value));
  const [family = '', ...rest] = feature.split('.');
  const ofFamily = wordOf(FAMILIES[family], value)?.replace('$', () => quote(rest.join('.')));
  return ofFamily ?? `${quote(feature)} is ${quote(value)}`;
}

/** Own words only: a value called `constructor` has none. */
const wordOf = (words: Words | undefined, value: string): string | undefined =>
  words !== undefined && Object.hasOwn(words, value) ? words[value] : undefined;
