/** NETCONF operations as a table: what each rpc of RFC 6241 §7 and §8 asks of the datastores, and who may ask it. */
import type { DefaultOperation } from '../../../protocols/netconf/edit.ts';
import { filterSubtree } from '../../../protocols/netconf/filter.ts';
import { BASE_NS, type RpcErrorTag, RpcFailure, rpcError } from '../../../protocols/netconf/messages.ts';
import { NOTIFICATION_NS } from '../../../protocols/netconf/notification.ts';
import { child, childText, el, type XmlNode } from '../../../protocols/netconf/xml.ts';
import type { NetconfBackend, NetconfUser } from './backend.ts';
import type { Caller, CommitOptions, Datastore, Datastores } from './datastores.ts';
import { getSchema, MONITORING_NS } from './management-state.ts';
import type { Behaviour } from './personas.ts';
import { parseSubscription, type Subscription } from './subscription.ts';

/** What the server tells of itself: top-level nodes by name, built when they are asked for. */
export type Management = Readonly<Record<string, () => XmlNode>>;

/** What an operation may use. */
export interface OperationContext {
  readonly caller: Caller;
  readonly access: NetconfUser['access'];
  readonly backend: NetconfBackend;
  readonly datastores: Datastores;
  readonly behaviour: Behaviour;
  readonly management: Management;
  /** Begins notifications to the session. */
  subscribe(subscription: Subscription): void;
  /** Ends another session; false when there is none of that id. */
  killSession(id: number): boolean;
}

/** `close` ends the session after the reply. */
export type OperationResult = 'ok' | 'close' | { readonly nodes: readonly XmlNode[] };

interface OperationRow {
  /** Whether a read-only user may run it; a lock counts as a write, since it stops the writes of others. */
  readonly access: 'read' | 'write';
  run(rpc: XmlNode, context: OperationContext): OperationResult;
}

/** RFC 6241 §8.4.5. */
const CONFIRM_TIMEOUT_SECONDS = 600;

const OPERATIONS: Readonly<Record<string, OperationRow>> = {
  get: {
    access: 'read',
    run(rpc, { backend, management }) {
      const names = filteredNames(rpc);
      const own = Object.entries(management).flatMap(([name, build]) => (names?.has(name) === false ? [] : [build()]));
      const data = backend.state(names);
      return dataReply(rpc, { ...data, children: [...data.children, ...own] }, backend);
    },
  },
  'get-config': {
    access: 'read',
    run: (rpc, { backend, datastores }) => dataReply(rpc, datastores.read(datastoreOf(rpc, 'source')), backend),
  },
  'edit-config': {
    access: 'write',
    run(rpc, { caller, datastores, behaviour }) {
      const direct = behaviour.lacks?.includes('candidate') === true;
      if (datastoreOf(rpc, 'target') !== (direct ? 'running' : 'candidate'))
        throw refuse('operation-not-supported', `only ${direct ? 'running' : 'the candidate'} can be edited`);
      const config = demand(rpc, 'config');
      const defaultOperation = choice<DefaultOperation>(rpc, 'default-operation', ['merge', 'replace', 'none']);
      const testOption = choice(rpc, 'test-option', ['test-then-set', 'set', 'test-only'] as const);
      const errorOption = choice(rpc, 'error-option', ['stop-on-error', 'continue-on-error', 'rollback-on-error']);
      if (direct) {
        datastores.editRunning(caller, config, defaultOperation);
        return 'ok';
      }
      // The candidate may be incomplete between edits, so it is validated at commit unless the client asks for it now.
      const test = child(rpc, 'test-option') === undefined ? 'set' : testOption;
      datastores.edit(caller, config, defaultOperation, test, errorOption);
      return 'ok';
    },
  },
  'copy-config': {
    access: 'write',
    run(rpc, { caller, datastores }) {
      if (datastoreOf(rpc, 'target') !== 'candidate')
        throw refuse('operation-not-supported', 'only the candidate can be written');
      const source = demand(rpc, 'source');
      const config = child(source, 'config', BASE_NS);
      if (config === undefined && datastoreOf(rpc, 'source') === 'candidate')
        throw refuse('invalid-value', 'source and target are the same', el(BASE_NS, 'bad-element', 'source'));
      datastores.copy(caller, config ?? datastores.read('running'));
      return 'ok';
    },
  },
  validate: {
    access: 'read',
    run(rpc, { datastores }) {
      const config = child(demand(rpc, 'source'), 'config', BASE_NS);
      datastores.validate(config ?? datastores.read(datastoreOf(rpc, 'source')));
      return 'ok';
    },
  },
  lock: {
    access: 'write',
    run(rpc, { caller, datastores }) {
      datastores.lock(caller, datastoreOf(rpc, 'target'));
      return 'ok';
    },
  },
  unlock: {
    access: 'write',
    run(rpc, { caller, datastores }) {
      datastores.unlock(caller, datastoreOf(rpc, 'target'));
      return 'ok';
    },
  },
  commit: {
    access: 'write',
    run(rpc, { caller, datastores, behaviour }) {
      const options = commitOptions(rpc);
      if (behaviour.forgetsCandidate) datastores.discard(caller);
      datastores.commit(caller, options);
      return 'ok';
    },
  },
  'cancel-commit': {
    access: 'write',
    run(rpc, { caller, datastores }) {
      datastores.cancelCommit(caller, childText(rpc, 'persist-id', BASE_NS));
      return 'ok';
    },
  },
  'discard-changes': {
    access: 'write',
    run(_rpc, { caller, datastores }) {
      datastores.discard(caller);
      return 'ok';
    },
  },
  [`{${MONITORING_NS}}get-schema`]: {
    access: 'read',
    run: (rpc, { backend }) => ({ nodes: [getSchema(rpc, backend)] }),
  },
  [`{${NOTIFICATION_NS}}create-subscription`]: {
    access: 'read',
    run(rpc, { backend, subscribe }) {
      subscribe(parseSubscription(rpc, backend.keys));
      return 'ok';
    },
  },
  'close-session': { access: 'read', run: () => 'close' },
  'kill-session': {
    access: 'write',
    run(rpc, { caller, killSession }) {
      const id = Number(demand(rpc, 'session-id').text.trim());
      if (id === caller.session || !killSession(id)) throw refuse('invalid-value', 'no other session has this id');
      return 'ok';
    },
  },
};

/** Runs one rpc. @throws {RpcFailure} with the errors of the reply */
export function runOperation(rpc: XmlNode, context: OperationContext): OperationResult {
  const key = rpc.ns === BASE_NS ? rpc.name : `{${rpc.ns}}${rpc.name}`;
  const row = Object.hasOwn(OPERATIONS, key) ? OPERATIONS[key] : undefined;
  if (row === undefined) {
    const reply = rpc.ns === BASE_NS ? undefined : context.backend.rpc(rpc);
    if (reply === undefined) throw refuse('operation-not-supported', 'the operation is not supported');
    return reply.children.length === 0 ? 'ok' : { nodes: reply.children };
  }
  if (row.access === 'write' && context.access !== 'read-write')
    throw refuse('access-denied', 'the user may only read');
  demandOffered(rpc, context.behaviour);
  if (row.access === 'write' && context.behaviour.writesNothing) return 'ok';
  return row.run(rpc, context);
}

/** What a device lacks it does not know the words for (RFC 6241 §8.3.4, §8.4.4). */
function demandOffered(rpc: XmlNode, { lacks = [] }: Behaviour): void {
  const isConfirmed = ['confirmed', 'persist-id'].some((name) => child(rpc, name, BASE_NS) !== undefined);
  const ofConfirmed = rpc.name === 'cancel-commit' || (rpc.name === 'commit' && isConfirmed);
  const ofCandidate =
    ['commit', 'discard-changes', 'validate'].includes(rpc.name) ||
    ['source', 'target'].some((role) => {
      const holder = child(rpc, role, BASE_NS);
      return holder !== undefined && child(holder, 'candidate', BASE_NS) !== undefined;
    });
  if ((ofConfirmed && lacks.includes('confirmed-commit')) || (ofCandidate && lacks.includes('candidate')))
    throw refuse('operation-not-supported', 'the operation is not supported');
}

function commitOptions(rpc: XmlNode): CommitOptions {
  const persistId = childText(rpc, 'persist-id', BASE_NS);
  const given = persistId === undefined ? {} : { persistId };
  const persist = childText(rpc, 'persist', BASE_NS);
  const timeout = childText(rpc, 'confirm-timeout', BASE_NS);
  if (child(rpc, 'confirmed', BASE_NS) === undefined) {
    if (persist !== undefined || timeout !== undefined)
      throw refuse(
        'missing-element',
        'persist and confirm-timeout need confirmed',
        el(BASE_NS, 'bad-element', 'confirmed'),
      );
    return given;
  }
  if (timeout !== undefined && !/^[1-9]\d{0,5}$/.test(timeout))
    throw refuse('invalid-value', 'confirm-timeout is out of range', el(BASE_NS, 'bad-element', 'confirm-timeout'));
  const timeoutSeconds = timeout === undefined ? CONFIRM_TIMEOUT_SECONDS : Number(timeout);
  // A follow-up that gives no new persist goes on under the old one (RFC 6241 §8.4.1).
  const name = persist ?? persistId;
  return { ...given, confirmed: name === undefined ? { timeoutSeconds } : { timeoutSeconds, persist: name } };
}

function dataReply(rpc: XmlNode, data: XmlNode, { keys }: NetconfBackend): OperationResult {
  const filter = child(rpc, 'filter', BASE_NS);
  const type = filter?.attrs['type'] ?? filter?.attrs[`{${BASE_NS}}type`] ?? 'subtree';
  if (type !== 'subtree')
    throw refuse('bad-attribute', 'only subtree filters are supported', el(BASE_NS, 'bad-attribute', 'type'));
  const selected = filter === undefined ? data : filterSubtree(data, filter, keys);
  return { nodes: [el(BASE_NS, 'data', selected.children)] };
}

/** Names of the top-level nodes that a subtree filter can select; undefined without one. */
function filteredNames(rpc: XmlNode): ReadonlySet<string> | undefined {
  const filter = child(rpc, 'filter', BASE_NS);
  return filter && new Set(filter.children.map(({ name }) => name));
}

function datastoreOf(rpc: XmlNode, role: 'source' | 'target'): Datastore {
  const holder = demand(rpc, role);
  const store = (['running', 'candidate'] as const).find((name) => child(holder, name, BASE_NS) !== undefined);
  if (store === undefined)
    throw refuse('invalid-value', 'the datastore is not supported', el(BASE_NS, 'bad-element', role));
  return store;
}

function demand(rpc: XmlNode, name: string): XmlNode {
  const found = child(rpc, name, BASE_NS);
  if (found === undefined) throw refuse('missing-element', `${name} is missing`, el(BASE_NS, 'bad-element', name));
  return found;
}

/** One of the values of a parameter; the first is its default. */
function choice<T extends string>(rpc: XmlNode, name: string, values: readonly [T, ...T[]]): T {
  const text = childText(rpc, name, BASE_NS);
  const value = text === undefined ? values[0] : values.find((each) => each === text);
  if (value === undefined) throw refuse('invalid-value', `${name} is not known`, el(BASE_NS, 'bad-element', name));
  return value;
}

function refuse(tag: RpcErrorTag, message: string, ...info: readonly XmlNode[]): RpcFailure {
  return new RpcFailure(rpcError(tag, message, info.length === 0 ? {} : { info }));
}
