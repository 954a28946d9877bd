/** The SNMP agent of a simulated device: version 3 authPriv, 2c only when it is asked for, read only, over UDP; a device that is not reachable is silent. */

import { randomBytes } from 'node:crypto';
import type { Oid } from '../../../protocols/snmp/ber.ts';
import type { MibView } from '../../../protocols/snmp/mib.ts';
import { createSalts, localizeUser, type UsmKeys, type UsmUser } from '../../../protocols/snmp/usm.ts';
import { type Doors, ownDoors } from '../../doors/doors.ts';
import type { SnmpPersona } from '../persona.ts';
import { type AgentEngine, answerMessage, type Community } from './answer-message.ts';
import { resetCounters } from './reset-counters.ts';

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
  /** `view`: subtrees that the user may read (RFC 3415); all when absent. */
  readonly users: readonly (UsmUser & { readonly view?: readonly Oid[] })[];
  /** Read-only community of version 2c, which protects nothing; off when absent. */
  readonly community?: Community;
  readonly mib: MibView;
  readonly reachable: () => boolean;
  /** Where it listens; in this process when absent. */
  readonly doors?: Doors;
  /** Source of salts; the system's own if absent. */
  readonly random?: (bytes: number) => Buffer;
}

export interface SnmpAgent {
  readonly address: string;
  readonly port: number;
  /** Sends a datagram from the agent's own address and port: what a device tells without being asked. Lost is lost. */
  send(bytes: Buffer, to: { readonly host: string; readonly port: number }): void;
  /** How the device is trouble from now on; undefined: not at all, but for boots, which never go back. */
  setPersona(persona: SnmpPersona | undefined): void;
  close(): Promise<void>;
}

/** What `wrong-clock` adds to the engine's time: more than the window of RFC 3414 §2.2.3, and another with every look. */
const WRONG_CLOCK_SECONDS = 100_000;

/** Starts to listen; rejects when the address cannot be bound. */
export async function startSnmpAgent(options: SnmpAgentOptions): Promise<SnmpAgent> {
  const engineId = Buffer.from(options.engineId);
  if (engineId.length < 5 || engineId.length > 32) throw new RangeError('an engine id has 5 to 32 octets');
  if (options.users.some((user) => user.authPassword.length < 8 || user.privPassword.length < 8)) {
    throw new RangeError('a pass phrase has at least eight characters'); // RFC 3414 §11.2
  }
  const { reachable, host } = options;
  let control: Engine | undefined;
  // Put together with the first message: most of many agents are never asked.
  const engine = (): Engine => {
    control ??= createEngine(options, engineId);
    return control;
  };
  const door = await (options.doors ?? ownDoors).bind(host, options.port, (bytes, from) => {
    if (!reachable()) return;
    const answer = answerMessage(engine().engine, bytes);
    if (answer !== undefined) door.send(answer, from);
  });
  return {
    address: door.address,
    port: door.port,
    setPersona: (given) => engine().setPersona(given),
    send: (bytes, to) => door.send(bytes, to),
    close: () => door.close(),
  };
}

interface Engine {
  readonly engine: AgentEngine;
  setPersona(persona: SnmpPersona | undefined): void;
}

function createEngine(options: SnmpAgentOptions, engineId: Buffer): Engine {
  const { engineBoots } = options;
  const users = new Map(options.users.map((user) => [user.name, user]));
  const keys = new Map<string, UsmKeys>();
  let persona: SnmpPersona | undefined;
  let mib = options.mib;
  let [more, began, looks] = [0, 0, 0];
  return {
    engine: {
      engineId,
      engineBoots: () => more + (typeof engineBoots === 'number' ? engineBoots : engineBoots()),
      engineTime: () => {
        const time = Math.max(0, Math.floor(options.engineTime() - began));
        if (persona !== 'wrong-clock') return time;
        looks += 1;
        return time + looks * WRONG_CLOCK_SECONDS;
      },
      keysOf: (name) => {
        const user = users.get(name);
        if (user === undefined) return undefined;
        const known = keys.get(name) ?? localizeUser(user, engineId);
        keys.set(name, known);
        return known;
      },
      viewOf: (name) => users.get(name)?.view,
      context: ({ contextEngineId, contextName }) => contextEngineId.equals(engineId) && contextName === '',
      ...(options.community === undefined ? {} : { community: options.community }),
      salt: createSalts(options.random ?? randomBytes),
      get mib() {
        return mib;
      },
    },
    setPersona(given) {
      persona = given;
      mib = given === 'counter-reset' ? resetCounters(options.mib) : options.mib;
      if (given !== 'engine-boots-change') return;
      more += 1;
      began = options.engineTime();
    },
  };
}
