/** The SNMPv3 agent of a simulated device: authPriv only, read only, over UDP; a device that is not reachable is silent. */

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { MibView } from '../../../protocols/snmp/mib.ts';
import { createSalts, type UsmUser } from '../../../protocols/snmp/usm.ts';
import { answerMessage } from './answer-message.ts';

export interface SnmpAgentOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** snmpEngineID, 5 to 32 octets (RFC 3411 §5). */
  readonly engineId: Uint8Array;
  /** Times the engine was started; grows at every reboot of the device. */
  readonly engineBoots: number | (() => number);
  /** Seconds since the last of these starts. */
  readonly engineTime: () => number;
  readonly users: readonly UsmUser[];
  readonly mib: MibView;
  readonly reachable: () => boolean;
  /** Source of salts; the system's own if absent. */
  readonly random?: (bytes: number) => Buffer;
}

export interface SnmpAgent {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts to listen; rejects when the address cannot be bound. */
export async function startSnmpAgent(options: SnmpAgentOptions): Promise<SnmpAgent> {
  const engineId = Buffer.from(options.engineId);
  if (engineId.length < 5 || engineId.length > 32) throw new RangeError('an engine id has 5 to 32 octets');
  if (options.users.some((user) => user.authPassword.length < 8 || user.privPassword.length < 8)) {
    throw new RangeError('a pass phrase has at least eight characters'); // RFC 3414 §11.2
  }
  const { engineBoots } = options;
  const engine = {
    engineId,
    engineBoots: typeof engineBoots === 'number' ? () => engineBoots : engineBoots,
    engineTime: () => Math.max(0, Math.floor(options.engineTime())),
    users: new Map(options.users.map((user) => [user.name, user])),
    keys: new Map(),
    salt: createSalts(options.random ?? randomBytes),
    mib: options.mib,
  };
  const socket = createSocket(isIPv6(options.host) ? 'udp6' : 'udp4');
  socket.on('message', (bytes, from) => {
    if (!options.reachable()) return;
    const answer = answerMessage(engine, bytes);
    if (answer !== undefined) socket.send(answer, from.port, from.address, () => undefined); // UDP: lost is lost
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(options.port, options.host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', () => undefined); // an ICMP error about an answer is the asker's to see
  const { address, port } = socket.address();
  return { address, port, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}
