/** A NETCONF session of the broker: hello, then rpcs correlated by message-id, each of which ends in a reply or in a `DriverError` that tells what is known of it. */
import { createUnframer, type Framing, frameMessage } from '../../../protocols/netconf/framing.ts';
import {
  buildHello,
  buildRpc,
  CAPABILITIES,
  type Hello,
  parseHello,
  parseReply,
  type RpcReply,
} from '../../../protocols/netconf/messages.ts';
import { isNotification, type Notification, parseNotification } from '../../../protocols/netconf/notification.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { parseXml, renderXml, XML_LIMITS, type XmlNode } from '../../../protocols/netconf/xml.ts';
import { DriverError } from '../driver.ts';
import { type NetconfEndpoint, openConnection } from './connection.ts';
import type { NetconfDeadlines } from './deadlines.ts';

export interface NetconfSession {
  readonly capabilities: readonly string[];
  /**
   * Sends one rpc. Rejects with UNREACHABLE (not sent), TIMEOUT or LOST (sent, outcome unknown), PROTOCOL (the answer is
   * no answer); after a deadline and after PROTOCOL the session is closed. A signal gives up on this rpc alone: TIMEOUT
   * for the caller, while the session waits for the reply until the deadline and throws it away.
   */
  rpc(operation: XmlNode, deadlineMs: number, signal?: AbortSignal): Promise<RpcReply>;
  /** From now on notifications are heard; before that one breaks the protocol. */
  listen(onNotice: (notice: Notification) => void): void;
  /** Closes without `<close-session>`. */
  destroy(): void;
  isOpen(): boolean;
  onClosed(run: () => void): void;
}

const LINE_FEED = Buffer.from('\n');
/** Rpcs given up and still unanswered that a session bears; with more the device is stuck rather than slow. */
const MOST_GIVEN_UP = 8;

interface PendingRpc {
  settle(outcome: RpcReply | DriverError): void;
}

/** Connects and exchanges hellos. Rejects with UNREACHABLE, HOST_KEY, AUTHENTICATION, PROTOCOL or UNSUPPORTED. */
export async function openSession(
  endpoint: NetconfEndpoint,
  deadlines: NetconfDeadlines,
  timers: Timers,
  signal?: AbortSignal,
): Promise<NetconfSession> {
  const connection = await openConnection(endpoint, deadlines, timers, signal);
  const { channel } = connection;
  const pending = new Map<string, PendingRpc>();
  let open = true;
  let lastId = 0;
  let givenUp = 0;
  let onNotice: ((notice: Notification) => void) | undefined;
  let framing: Framing = 'end-of-message';
  /** The line feed of the next message is sent; that message is under way. */
  let [reminded, begun] = [false, false];
  let greet: ((hello: Hello) => void) | undefined;

  function shut(error: DriverError): void {
    if (!open) return;
    open = false;
    refuseHello(error);
    for (const each of [...pending.values()]) each.settle(error);
    connection.destroy();
  }

  let refuseHello: (error: DriverError) => void = () => undefined;
  const greeting = new Promise<Hello>((resolve, reject) => {
    greet = resolve;
    refuseHello = reject;
  });

  function onMessage(message: string): void {
    const node = parseXml(message);
    if (greet !== undefined) {
      const hello = parseHello(node);
      if (hello.sessionId === undefined) throw new DriverError('PROTOCOL', 'the hello has no session-id');
      // The highest base version in common (RFC 6242 §4.1); the next byte may already be a chunk.
      if (hello.capabilities.includes(CAPABILITIES.base11)) {
        framing = 'chunked';
        unframer.useChunks();
      } else if (!hello.capabilities.includes(CAPABILITIES.base10)) {
        throw new DriverError('UNSUPPORTED', 'no NETCONF base version in common');
      }
      greet(hello);
      greet = undefined;
      return;
    }
    if (onNotice !== undefined && isNotification(node)) {
      onNotice(parseNotification(node));
      return;
    }
    const reply = parseReply(node);
    const waiting = reply.messageId === undefined ? undefined : pending.get(reply.messageId);
    // An answer to nothing, or a second one: from here on no reply can be trusted to be the one that is meant.
    if (waiting === undefined) throw new DriverError('PROTOCOL', 'a reply with an unknown message-id');
    waiting.settle(reply);
  }

  const unframer = createUnframer({ maxBytes: XML_LIMITS.bytes, onMessage });
  channel.on('data', (bytes: Buffer) => {
    if (!open) return;
    try {
      unframer.push(bytes);
    } catch (error) {
      const message = error instanceof Error ? error.message : 'unreadable';
      shut(
        error instanceof DriverError ? error : new DriverError('PROTOCOL', `the device broke the protocol: ${message}`),
      );
    }
  });
  connection.onGone(() =>
    shut(new DriverError(greet === undefined ? 'LOST' : 'UNREACHABLE', 'the connection is gone')),
  );

  const cancelTimer = timers.set(deadlines.helloMs, () => shut(new DriverError('UNREACHABLE', 'no hello in time')));
  const onAbort = (): void => shut(new DriverError('UNREACHABLE', 'given up before the session was open'));
  signal?.addEventListener('abort', onAbort, { once: true });
  channel.write(
    frameMessage(renderXml(buildHello({ capabilities: [CAPABILITIES.base10, CAPABILITIES.base11] })), framing),
  );
  if (signal?.aborted === true) onAbort();
  let hello: Hello;
  try {
    hello = await greeting;
  } finally {
    cancelTimer();
    signal?.removeEventListener('abort', onAbort);
  }

  /**
   * netconfd lets a first rpc lie that it has read together with the hello, until a further byte comes. Every message
   * begins with a line feed (RFC 6242 §4.2): that of the next one may come early.
   */
  function remind(): void {
    if (framing !== 'chunked' || !open || reminded) return;
    reminded = true;
    channel.write(LINE_FEED);
  }
  function send(message: string): void {
    const bytes = frameMessage(message, framing);
    channel.write(reminded && !begun ? bytes.subarray(LINE_FEED.length) : bytes);
    if (reminded) begun = true;
  }

  return {
    capabilities: hello.capabilities,
    isOpen: () => open,
    listen(hear) {
      onNotice = hear;
    },
    destroy: () => shut(new DriverError('LOST', 'the session was closed')),
    onClosed: (run) => connection.onGone(run),
    rpc(operation, deadlineMs, given) {
      if (!open || given?.aborted === true)
        return Promise.reject(new DriverError('UNREACHABLE', 'the session is closed; nothing was sent'));
      lastId += 1;
      const id = String(lastId);
      const message = renderXml(buildRpc(id, operation));
      return new Promise((resolve, reject) => {
        let abandoned = false;
        // A device that is silent for a whole deadline keeps what comes after it waiting too.
        const cancelDeadline = timers.set(deadlineMs, () => {
          settle(new DriverError('TIMEOUT', 'no reply in time'));
          shut(new DriverError('LOST', 'the session was closed after another rpc timed out'));
        });
        const onGivenUp = (): void => {
          abandoned = true;
          givenUp += 1;
          reject(new DriverError('TIMEOUT', 'given up before the reply'));
          if (givenUp > MOST_GIVEN_UP)
            shut(new DriverError('LOST', 'the session was closed after too many rpcs were given up'));
        };
        given?.addEventListener('abort', onGivenUp, { once: true });
        const cancelReminder = lastId === 1 ? timers.set(deadlines.remindMs, remind) : undefined;
        const settle = (outcome: RpcReply | DriverError): void => {
          if (!pending.delete(id)) return;
          cancelDeadline();
          cancelReminder?.();
          given?.removeEventListener('abort', onGivenUp);
          if (abandoned) givenUp -= 1;
          if (outcome instanceof DriverError) reject(outcome);
          else resolve(outcome);
        };
        pending.set(id, { settle });
        send(message);
      });
    },
  };
}
