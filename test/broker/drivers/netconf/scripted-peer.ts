/** A NETCONF peer that follows a script, over real SSH: it says what a faulty or hostile device may say. */
import type { DeviceEndpoint } from '../../../../broker/drivers/driver.ts';
import { createUnframer, type Framing, frameMessage } from '../../../../protocols/netconf/framing.ts';
import { BASE_NS, buildHello, CAPABILITIES, parseRpc } from '../../../../protocols/netconf/messages.ts';
import { generateSshKeyPair } from '../../../../protocols/netconf/ssh-key.ts';
import { parseXml, renderXml, XML_LIMITS } from '../../../../protocols/netconf/xml.ts';
import { ownDoors } from '../../../../simulators/doors/doors.ts';
import { createSshAcceptor } from '../../../../simulators/protocols/netconf/ssh-acceptor.ts';
import { createManualTimers } from '../../../simulators/netconf/device.ts';

const host = generateSshKeyPair();
const user = generateSshKeyPair();

/** What the peer says to one rpc: messages, bytes as they are, or nothing for now. `write` sends more later. */
export type Script = (id: string, message: string, write: (bytes: Buffer) => void) => readonly string[] | Buffer;

export interface ScriptedPeer {
  readonly endpoint: DeviceEndpoint & { readonly netconf: NonNullable<DeviceEndpoint['netconf']> };
  close(): Promise<void>;
}

/** Every capability that the broker asks for. */
export const ALL_CAPABILITIES: readonly string[] = Object.values(CAPABILITIES);
export const helloOf = (capabilities: readonly string[]): string =>
  renderXml(buildHello({ capabilities, sessionId: 1 }));
export const HELLO = helloOf(ALL_CAPABILITIES);

export const replyTo = (id: string, content: string): string =>
  `<rpc-reply xmlns="${BASE_NS}" message-id="${id}">${content}</rpc-reply>`;

/**
 * A peer that says `hello`, then to every rpc what `answer` makes of its message-id. A sleepy one looks at the bytes of
 * the first rpc only when more come, as netconfd does with those that it read together with the hello.
 */
export async function startScriptedPeer(hello: string, answer: Script, sleepy = false): Promise<ScriptedPeer> {
  const framing: Framing = hello.includes(CAPABILITIES.base11) ? 'chunked' : 'end-of-message';
  const ssh = createSshAcceptor({
    hostKey: host.privateKey,
    users: { u: { publicKey: user.publicKey, access: 'read-write' } },
    timers: createManualTimers(),
    reachable: () => true,
    open(carrier) {
      let greeted = false;
      const unframer = createUnframer({
        maxBytes: XML_LIMITS.bytes,
        onMessage(message) {
          if (!greeted) {
            greeted = true;
            if (framing === 'chunked') unframer.useChunks();
            return;
          }
          const write = (bytes: Buffer): void => carrier.write(bytes);
          const said = answer(parseRpc(parseXml(message)).messageId ?? '', message, write);
          write(Buffer.isBuffer(said) ? said : Buffer.concat(said.map((each) => frameMessage(each, framing))));
        },
      });
      carrier.write(frameMessage(hello, 'end-of-message'));
      let slept: Buffer | undefined;
      const onBytes = (bytes: Buffer): void => {
        if (sleepy && greeted && slept === undefined) slept = bytes;
        else {
          if (slept !== undefined && slept.length > 0) unframer.push(slept);
          if (slept !== undefined) slept = Buffer.alloc(0);
          unframer.push(bytes);
        }
      };
      return { onBytes, onEnd: () => carrier.hangUp(), onGone: () => undefined };
    },
  });
  const door = await ownDoors.listen('127.0.0.1', 0, (socket) => ssh.accept(socket));
  return {
    endpoint: {
      tenant: 'acme',
      device: 'odd',
      netconf: {
        host: door.address,
        port: door.port,
        hostKey: host.fingerprint,
        user: 'u',
        privateKey: user.privateKey,
      },
    },
    close: () => {
      const closed = door.close();
      ssh.dropConnections();
      return closed;
    },
  };
}
