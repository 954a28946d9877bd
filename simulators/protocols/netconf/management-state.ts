/** What the server tells of itself in a get: its sessions, locks and counters (RFC 6022) and its modules (RFC 8525). */
import { createHash } from 'node:crypto';
import { RpcFailure, rpcError } from '../../../protocols/netconf/messages.ts';
import { childText, el, type XmlNode } from '../../../protocols/netconf/xml.ts';
import { capabilityOf, type YangModule } from '../../../protocols/yang/module-list.ts';
import type { NetconfBackend } from './backend.ts';
import type { Datastores } from './datastores.ts';
import { dateTimeOf } from './notices.ts';

export const MONITORING_NS = 'urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring';
const LIBRARY_NS = 'urn:ietf:params:xml:ns:yang:ietf-yang-library';
const DATASTORES_NS = 'urn:ietf:params:xml:ns:yang:ietf-datastores';

/** Counters of a session or of the server (RFC 6022 §2.1.5). */
export interface Counters {
  inRpcs: number;
  inBadRpcs: number;
  outRpcErrors: number;
  outNotifications: number;
}
export const createCounters = (): Counters => ({ inRpcs: 0, inBadRpcs: 0, outRpcErrors: 0, outNotifications: 0 });

export interface SessionFigures {
  readonly id: number;
  readonly user: string;
  readonly loginAt: number;
  readonly counters: Readonly<Counters>;
}

export interface ServerFigures {
  readonly startedAt: number;
  readonly inBadHellos: number;
  readonly inSessions: number;
  readonly droppedSessions: number;
  readonly counters: Readonly<Counters>;
  readonly sessions: readonly SessionFigures[];
}

const leaf = (name: string, value: string | number): XmlNode => el(MONITORING_NS, name, String(value));
const box = (name: string, nodes: readonly XmlNode[]): XmlNode => el(MONITORING_NS, name, nodes);
const lib = (name: string, value: string | readonly XmlNode[]): XmlNode => el(LIBRARY_NS, name, value);
/** An identity of the monitoring module. */
const identity = (name: string, value: string): XmlNode =>
  el(MONITORING_NS, name, `ncm:${value}`, { 'xmlns:ncm': MONITORING_NS });

/** Stands for the modules and their features: equal for devices with equal ones (RFC 8525 §3). */
export const contentIdOf = (modules: readonly YangModule[]): string =>
  createHash('sha256').update(modules.map(capabilityOf).join('\n')).digest('hex').slice(0, 16);

export function buildNetconfState(
  capabilities: readonly string[],
  { modules }: NetconfBackend,
  datastores: Datastores,
  server: ServerFigures,
): XmlNode {
  const locks = datastores.locks();
  return box('netconf-state', [
    box(
      'capabilities',
      capabilities.map((uri) => leaf('capability', uri)),
    ),
    box(
      'datastores',
      (['running', 'candidate'] as const).map((name) => {
        const lock = locks.get(name);
        const held = lock && [leaf('locked-by-session', lock.session), leaf('locked-time', dateTimeOf(lock.since))];
        return box('datastore', [leaf('name', name), ...(held ? [box('locks', [box('global-lock', held)])] : [])]);
      }),
    ),
    box(
      'schemas',
      modules.map(({ name, revision, ns }) =>
        box('schema', [
          leaf('identifier', name),
          leaf('version', revision),
          identity('format', 'yang'),
          leaf('namespace', ns),
          leaf('location', 'NETCONF'),
        ]),
      ),
    ),
    box(
      'sessions',
      server.sessions.map(({ id, user, loginAt, counters }) =>
        box('session', [
          leaf('session-id', id),
          identity('transport', 'netconf-ssh'),
          leaf('username', user),
          leaf('login-time', dateTimeOf(loginAt)),
          ...countersOf(counters),
        ]),
      ),
    ),
    box('statistics', [
      leaf('netconf-start-time', dateTimeOf(server.startedAt)),
      leaf('in-bad-hellos', server.inBadHellos),
      leaf('in-sessions', server.inSessions),
      leaf('dropped-sessions', server.droppedSessions),
      ...countersOf(server.counters),
    ]),
  ]);
}

function countersOf({ inRpcs, inBadRpcs, outRpcErrors, outNotifications }: Readonly<Counters>): readonly XmlNode[] {
  return [
    leaf('in-rpcs', inRpcs),
    leaf('in-bad-rpcs', inBadRpcs),
    leaf('out-rpc-errors', outRpcErrors),
    leaf('out-notifications', outNotifications),
  ];
}

/** `<yang-library>`: one set of modules, the same for both datastores. */
export function buildYangLibrary(modules: readonly YangModule[]): XmlNode {
  const own = modules
    .filter((one) => one.implemented)
    .map((one) =>
      lib('module', [
        lib('name', one.name),
        lib('revision', one.revision),
        lib('namespace', one.ns),
        ...one.features.map((name) => lib('feature', name)),
        ...one.deviations.map((name) => lib('deviation', name)),
      ]),
    );
  const imported = modules
    .filter((one) => !one.implemented)
    .map((one) =>
      lib('import-only-module', [lib('name', one.name), lib('revision', one.revision), lib('namespace', one.ns)]),
    );
  return lib('yang-library', [
    lib('module-set', [lib('name', 'all'), ...own, ...imported]),
    lib('schema', [lib('name', 'all'), lib('module-set', 'all')]),
    ...['running', 'candidate'].map((name) =>
      lib('datastore', [el(LIBRARY_NS, 'name', `ds:${name}`, { 'xmlns:ds': DATASTORES_NS }), lib('schema', 'all')]),
    ),
    lib('content-id', contentIdOf(modules)),
  ]);
}

/** `<modules-state>`, for clients of RFC 7895. */
export function buildModulesState(modules: readonly YangModule[]): XmlNode {
  const revisionOf = (name: string): string => modules.find((one) => one.name === name)?.revision ?? '';
  const state = modules.map((one) =>
    lib('module', [
      lib('name', one.name),
      lib('revision', one.revision),
      lib('namespace', one.ns),
      ...one.features.map((name) => lib('feature', name)),
      ...one.deviations.map((name) => lib('deviation', [lib('name', name), lib('revision', revisionOf(name))])),
      lib('conformance-type', one.implemented ? 'implement' : 'import'),
    ]),
  );
  return lib('modules-state', [lib('module-set-id', contentIdOf(modules)), ...state]);
}

/** Answers get-schema (RFC 6022 §3.1). @throws {RpcFailure} when there is no such schema, or more than one */
export function getSchema(rpc: XmlNode, { modules, schema }: NetconfBackend): XmlNode {
  const name = childText(rpc, 'identifier', MONITORING_NS);
  const version = childText(rpc, 'version', MONITORING_NS);
  const format = childText(rpc, 'format', MONITORING_NS) ?? 'yang';
  if (name === undefined) throw new RpcFailure(rpcError('missing-element', 'identifier is missing'));
  const found = modules.filter(
    (one) => one.name === name && (version === undefined || version === '' || version === one.revision),
  );
  const [module] = found;
  if (module === undefined || format.replace(/^.*:/, '') !== 'yang')
    throw new RpcFailure(rpcError('invalid-value', 'there is no such schema', { type: 'application' }));
  if (found.length > 1)
    throw new RpcFailure(
      rpcError('operation-failed', 'more than one schema', { type: 'application', appTag: 'data-not-unique' }),
    );
  return el(MONITORING_NS, 'data', schema(module));
}
