/** One NETCONF session of the simulated device: hello, then rpcs one after another, over whatever carries its bytes (RFC 6241 §4, RFC 6242). */
import { createUnframer, type Framing, frameMessage } from '../../../protocols/netconf/framing.ts';
import {
  BASE_NS,
  buildHello,
  buildReply,
  CAPABILITIES,
  parseHello,
  parseRpc,
  type RpcErrorFields,
  type RpcErrorTag,
  RpcFailure,
  rpcError,
} from '../../../protocols/netconf/messages.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { el, parseXml, renderXml, XML_LIMITS, type XmlNode } from '../../../protocols/netconf/xml.ts';
import type { NetconfBackend, NetconfUser } from './backend.ts';
import type { Datastores } from './datastores.ts';
import type { Holds } from './holds.ts';
import { type Counters, createCounters, type SessionFigures } from './management-state.ts';
import { buildNotification, type Termination } from './notices.ts';
import { type Management, type OperationResult, runOperation } from './operations.ts';
import { type Behaviour, behaviourOf, type Persona } from './personas.ts';
import type { Subscription } from './subscription.ts';

/** A client that says nothing is dropped. */
const HELLO_DEADLINE_MS = 10_000;
/** Rpcs that may wait in the pipe. */
const PIPELINE = 64;
/** A session that asks nothing for so long is ended, unless it listens to notifications. */
const IDLE_MS = 3_600_000;

export interface SessionOptions {
  readonly id: number;
  readonly user: { readonly name: string; readonly access: NetconfUser['access'] };
  readonly backend: NetconfBackend;
  readonly datastores: Datastores;
  readonly holds: Holds;
  readonly persona: () => Persona;
  readonly timers: Timers;
  readonly capabilities: readonly string[];
  /** Of the whole server; the session counts in them too. */
  readonly totals: Counters;
  readonly management: Management;
  readonly killSession: (id: number) => boolean;
  /** The device loses power and starts again. */
  readonly reboot: () => void;
  /** The session ended, once. */
  readonly onEnded: (reason: Termination, killedBy?: number) => void;
  /** The device went off the network: everything open must die. */
  readonly onUnreachable: () => void;
  readonly write: (bytes: Buffer) => void;
  /** Closes the carrier. */
  readonly hangUp: () => void;
}

export interface ServerSession {
  receive(bytes: Uint8Array): void;
  /** The client sends no more: what it asked is still answered, then the session closes. */
  finish(): void;
  /** Frees what the session holds; to be called when its carrier is gone. */
  end(reason: Termination, killedBy?: number): void;
  /** Sends a notification when the session asked for such. */
  notify(at: number, content: XmlNode): void;
  readonly figures: SessionFigures;
  readonly hangUp: () => void;
}

/** Opens a session and sends the server's hello. */
export function openServerSession(options: SessionOptions): ServerSession {
  const { id, backend, datastores, holds, timers } = options;
  const counters = createCounters();
  const figures: SessionFigures = { id, user: options.user.name, loginAt: backend.now(), counters };
  let framing: Framing | undefined; // undefined until the client's hello
  let subscription: Subscription | undefined;
  let ended = false;
  let ending: Termination = 'dropped';
  let steps = 0;
  let cancelPause: () => void = () => undefined;
  let waiting = 0;
  let tail: Promise<void> = Promise.resolve();
  const cancelHelloTimer = timers.set(HELLO_DEADLINE_MS, () => hangUpFor('timeout'));
  let cancelIdleTimer: () => void = () => undefined;
  const unframer = createUnframer({ maxBytes: XML_LIMITS.bytes, onMessage });

  function count(name: keyof Counters): void {
    counters[name] += 1;
    options.totals[name] += 1;
  }

  function hangUpFor(reason: Termination): void {
    ending = reason;
    options.hangUp();
  }

  function awaitRpc(): void {
    cancelIdleTimer();
    cancelIdleTimer = timers.set(IDLE_MS, () => {
      if (subscription === undefined) hangUpFor('timeout');
      else awaitRpc();
    });
  }

  function onMessage(message: string): void {
    if (framing === undefined) {
      greet(message);
      return;
    }
    awaitRpc();
    waiting += 1;
    if (waiting > PIPELINE) {
      hangUpFor('other');
      return;
    }
    tail = tail
      .then(() => answer(message))
      .finally(() => {
        waiting -= 1;
      });
  }

  function greet(message: string): void {
    const { capabilities, sessionId } = parseHello(parseXml(message));
    const { base10, base11 } = CAPABILITIES;
    // RFC 6241 §8.1: a client that sends a session-id, or has no base version in common, is hung up on.
    if (sessionId !== undefined || !(capabilities.includes(base11) || capabilities.includes(base10))) {
      hangUpFor('bad-hello');
      return;
    }
    framing = capabilities.includes(base11) ? 'chunked' : 'end-of-message';
    cancelHelloTimer();
    awaitRpc();
    if (framing === 'chunked') unframer.useChunks();
  }

  async function answer(message: string): Promise<void> {
    if (ended) return;
    let rpc: ReturnType<typeof parseRpc>;
    try {
      rpc = parseRpc(parseXml(message));
    } catch {
      count('inBadRpcs');
      // RFC 6241 appendix A: malformed-message is sent, and the session cannot be trusted after it.
      reply(buildReply({}, { errors: [layerError('rpc', 'malformed-message', 'the message is malformed')] }));
      return options.hangUp();
    }
    const { attrs, operation, messageId } = rpc;
    const persona = options.persona();
    const behaviour = behaviourOf(persona);
    if (behaviour.silent) return;
    steps += 1;
    if (messageId === undefined) {
      count('inBadRpcs');
      const info = [el(BASE_NS, 'bad-attribute', 'message-id'), el(BASE_NS, 'bad-element', 'rpc')];
      return reply(
        buildReply(attrs, { errors: [layerError('rpc', 'missing-attribute', 'message-id is missing', info)] }),
      );
    }
    count('inRpcs');
    await holds.pass({ operation: operation.name, when: 'before' });
    if (!alive()) return;
    const result = run(operation, behaviour);
    await holds.pass({ operation: operation.name, when: 'after' });
    if (!alive()) return;
    if (behaviour.rebootsOnCommit && commits(operation, behaviour) && !isFailure(result)) return options.reboot();
    if (behaviour.dropsAtStep && steps >= (persona.step ?? 1)) return options.hangUp();
    if (behaviour.delayMs !== undefined) await pause(behaviour.delayMs);
    if (!alive()) return;
    if (isFailure(result)) count('outRpcErrors');
    reply(buildReply(attrs, result === 'close' ? 'ok' : result));
    if (result === 'close') hangUpFor('closed');
  }

  /** Until the time is over, or the session. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = timers.set(ms, resolve);
      cancelPause = () => {
        cancel();
        resolve();
      };
    });

  function run(operation: XmlNode, behaviour: Behaviour): OperationResult | Failure {
    const { user, killSession, management } = options;
    try {
      return runOperation(operation, {
        caller: { session: id, user: user.name },
        access: user.access,
        backend,
        datastores,
        behaviour,
        management,
        killSession,
        subscribe(next) {
          if (subscription !== undefined)
            throw new RpcFailure(rpcError('operation-failed', 'the session has a subscription already'));
          subscription = next;
        },
      });
    } catch (error) {
      if (error instanceof RpcFailure) return { errors: error.errors };
      return { errors: [layerError('application', 'operation-failed', 'the device failed')] };
    }
  }

  /** False when nobody is there for the reply any more. */
  function alive(): boolean {
    if (!ended && !backend.reachable()) options.onUnreachable();
    return !ended;
  }

  function reply(node: XmlNode): void {
    const xml = renderXml(node);
    const { spoil } = behaviourOf(options.persona());
    const { bytes, hangUp } = spoil?.(xml, framing ?? 'chunked') ?? { bytes: frameMessage(xml, framing ?? 'chunked') };
    options.write(bytes);
    if (hangUp) options.hangUp();
  }

  const hello = { capabilities: options.capabilities, sessionId: id };
  options.write(frameMessage(renderXml(buildHello(hello)), 'end-of-message'));

  return {
    receive(bytes) {
      if (ended) return;
      try {
        unframer.push(bytes);
      } catch {
        hangUpFor(framing === undefined ? 'bad-hello' : 'dropped'); // nothing that follows can be understood
      }
    },
    finish() {
      tail = tail.then(() => hangUpFor('dropped'));
    },
    end(reason, killedBy) {
      if (ended) return;
      ended = true;
      cancelHelloTimer();
      cancelIdleTimer();
      cancelPause();
      datastores.endSession(id);
      options.onEnded(reason === 'dropped' ? ending : reason, killedBy);
    },
    notify(at, content) {
      if (ended || framing === undefined || subscription?.wants(content) !== true) return;
      count('outNotifications');
      options.write(frameMessage(renderXml(buildNotification(at, content)), framing));
    },
    figures,
    hangUp: options.hangUp,
  };
}

/** Whether running has something new after it: without a candidate every edit is its own commit. */
function commits({ name }: XmlNode, { lacks = [] }: Behaviour): boolean {
  return name === 'commit' || (name === 'edit-config' && lacks.includes('candidate'));
}

interface Failure {
  readonly errors: readonly RpcErrorFields[];
}

function isFailure(result: OperationResult | Failure): result is Failure {
  return typeof result === 'object' && 'errors' in result;
}

function layerError(
  type: RpcErrorFields['type'],
  tag: RpcErrorTag,
  message: string,
  info?: readonly XmlNode[],
): RpcErrorFields {
  return rpcError(tag, message, info === undefined ? { type } : { type, info });
}
