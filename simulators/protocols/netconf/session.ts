/** One NETCONF session of the simulated device: hello, then rpcs one after another, over whatever carries its bytes (RFC 6241 §4, RFC 6242). */
import { createUnframer, frameMessage } from '../../../protocols/netconf/framing.ts';
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
import { type OperationResult, runOperation } from './operations.ts';
import { type Holds, type ReplyTrouble, spoilReply } from './trouble.ts';

/** A client that says nothing is dropped. */
const HELLO_DEADLINE_MS = 10_000;
/** Rpcs that may wait in the pipe. */
const PIPELINE = 64;

export interface SessionOptions {
  readonly id: number;
  readonly user: { readonly name: string; readonly access: NetconfUser['access'] };
  readonly backend: NetconfBackend;
  readonly datastores: Datastores;
  readonly holds: Holds;
  readonly trouble: () => ReplyTrouble;
  readonly timers: Timers;
  readonly killSession: (id: number) => boolean;
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
  end(): void;
  readonly hangUp: () => void;
}

/** Opens a session and sends the server's hello. */
export function openServerSession(options: SessionOptions): ServerSession {
  const { id, backend, datastores, holds } = options;
  let greeted = false;
  let ended = false;
  let waiting = 0;
  let tail: Promise<void> = Promise.resolve();
  const cancelHelloTimer = options.timers.set(HELLO_DEADLINE_MS, options.hangUp);
  const unframer = createUnframer({ maxBytes: XML_LIMITS.bytes, onMessage });

  function onMessage(message: string): void {
    if (!greeted) {
      greet(message);
      return;
    }
    waiting += 1;
    if (waiting > PIPELINE) {
      options.hangUp();
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
    // RFC 6241 §8.1: a client that sends a session-id, or has no base version in common, is hung up on.
    if (sessionId !== undefined || !capabilities.includes(CAPABILITIES.base11)) {
      options.hangUp();
      return;
    }
    greeted = true;
    cancelHelloTimer();
    unframer.useChunks();
  }

  async function answer(message: string): Promise<void> {
    if (ended) return;
    let rpc: ReturnType<typeof parseRpc>;
    try {
      rpc = parseRpc(parseXml(message));
    } catch {
      // RFC 6241 appendix A: malformed-message is sent, and the session cannot be trusted after it.
      reply(buildReply({}, { errors: [layerError('rpc', 'malformed-message', 'the message is malformed')] }));
      return options.hangUp();
    }
    const { attrs, operation, messageId } = rpc;
    if (messageId === undefined) {
      const info = [el(BASE_NS, 'bad-attribute', 'message-id'), el(BASE_NS, 'bad-element', 'rpc')];
      return reply(
        buildReply(attrs, { errors: [layerError('rpc', 'missing-attribute', 'message-id is missing', info)] }),
      );
    }
    await holds.pass({ operation: operation.name, when: 'before' });
    if (!alive()) return;
    const result = run(operation);
    await holds.pass({ operation: operation.name, when: 'after' });
    if (!alive()) return;
    reply(buildReply(attrs, result === 'close' ? 'ok' : result));
    if (result === 'close') options.hangUp();
  }

  function run(operation: XmlNode): OperationResult | { readonly errors: readonly RpcErrorFields[] } {
    const { user, killSession } = options;
    try {
      return runOperation(operation, {
        caller: { session: id, user: user.name },
        access: user.access,
        backend,
        datastores,
        killSession,
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
    const { bytes, hangUp } = spoilReply(renderXml(node), options.trouble());
    options.write(bytes);
    if (hangUp) options.hangUp();
  }

  const hello = { capabilities: [...Object.values(CAPABILITIES), ...backend.modules], sessionId: id };
  options.write(frameMessage(renderXml(buildHello(hello)), 'end-of-message'));

  return {
    receive(bytes) {
      if (ended) return;
      try {
        unframer.push(bytes);
      } catch {
        options.hangUp(); // framing or hello: nothing that follows can be understood
      }
    },
    finish() {
      tail = tail.then(options.hangUp);
    },
    end() {
      if (ended) return;
      ended = true;
      cancelHelloTimer();
      datastores.endSession(id);
    },
    hangUp: options.hangUp,
  };
}

function layerError(
  type: RpcErrorFields['type'],
  tag: RpcErrorTag,
  message: string,
  info?: readonly XmlNode[],
): RpcErrorFields {
  return rpcError(tag, message, info === undefined ? { type } : { type, info });
}
