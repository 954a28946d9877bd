/** What each persona changes in the NETCONF server: one entry each, all of it data or a pure function of the reply. */
import { type Framing, frameMessage } from '../../../protocols/netconf/framing.ts';
import type { NetconfPersona } from '../persona.ts';

/** A persona that a device has now; `step` counts the rpcs of a session from 1. */
export interface Persona {
  readonly name: NetconfPersona | 'none';
  /** For `drops-session`; 1 when absent. */
  readonly step?: number;
  /** What the device lacks by its make, whatever else is wrong with it. */
  readonly lacks?: readonly Lacking[];
}

/** Capabilities that are neither announced nor kept. */
export type Lacking = 'candidate' | 'confirmed-commit';

/** What goes over the wire in place of a reply, and whether the device hangs up after it. */
export interface Spoiled {
  readonly bytes: Buffer;
  readonly hangUp?: true;
}

/** All that is absent is as it should be. */
export interface Behaviour {
  /** In place of the SSH version line (RFC 4253 §4.2). */
  readonly banner?: Buffer;
  readonly otherHostKey?: true;
  readonly delayMs?: number;
  readonly silent?: true;
  readonly dropsAtStep?: true;
  readonly writesNothing?: true;
  readonly forgetsCandidate?: true;
  readonly keepsWhileLocked?: true;
  readonly rebootsOnCommit?: true;
  readonly lacks?: readonly Lacking[];
  readonly spoil?: (xml: string, framing: Framing) => Spoiled;
}

const HUGE_BYTES = 8 * 1024 * 1024;

/** Nine levels of ten references each: 10⁹ copies of three characters. */
const BOMB = [
  '<!DOCTYPE rpc-reply [<!ENTITY a0 "lol">',
  ...Array.from({ length: 9 }, (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`),
  ']>',
].join('');

const WARNING =
  '<rpc-error><error-type>application</error-type><error-tag>partial-operation</error-tag><error-severity>warning</error-severity><error-message>the flash is nearly full</error-message></rpc-error>';

const padded = (xml: string): string =>
  xml.replace(/(<\/[^<>]*>|\/>)$/, (end) => (end === '/>' ? end : ' '.repeat(HUGE_BYTES) + end));

const BEHAVIOURS: Readonly<Record<NetconfPersona, Behaviour>> = {
  slow: { delayMs: 2_000 },
  hung: { silent: true },
  'garbage-banner': { banner: Buffer.from([0, 255, 13, 10, ...Buffer.from('%% BOOT FAILURE %%'), 7, 13, 10]) },
  'wrong-host-key': { otherHostKey: true },
  'drops-session': { dropsAtStep: true },
  'ok-and-nothing': { writesNothing: true },
  'no-rollback-while-locked': { keepsWhileLocked: true },
  'loses-candidate': { forgetsCandidate: true },
  'reboots-during-commit': { rebootsOnCommit: true },
  'no-confirmed-commit': { lacks: ['confirmed-commit'] },
  'only-running': { lacks: ['candidate', 'confirmed-commit'] },
  warns: {
    // RFC 6241 §4.4: ok stands for the absence of warnings too.
    spoil: (xml, framing) => ({
      bytes: frameMessage(
        xml.includes('<ok/>') ? xml.replace('<ok/>', WARNING) : xml.replace(/(<\/[^<>]*>)$/, `${WARNING}$1`),
        framing,
      ),
    }),
  },
  'broken-xml': { spoil: (xml, framing) => ({ bytes: frameMessage(xml.slice(0, -4), framing) }) },
  'truncated-chunk': {
    spoil: (xml) => ({ bytes: Buffer.from(`\n#${Buffer.byteLength(xml)}\n${xml.slice(0, -1)}`), hangUp: true }),
  },
  'wrong-message-id': {
    spoil: (xml, framing) => ({
      bytes: frameMessage(xml.replace(/message-id="[^"]*"/, 'message-id="none-of-yours"'), framing),
    }),
  },
  'duplicate-message-id': {
    spoil: (xml, framing) => ({ bytes: Buffer.concat([frameMessage(xml, framing), frameMessage(xml, framing)]) }),
  },
  'huge-reply': { spoil: (xml, framing) => ({ bytes: frameMessage(padded(xml), framing) }) },
  'xml-bomb': {
    spoil: (xml, framing) => ({
      bytes: frameMessage(BOMB + xml.replace(/(<\/[^<>]*>)$/, '<bomb>&a9;</bomb>$1'), framing),
    }),
  },
};

export function behaviourOf({ name, lacks }: Persona): Behaviour {
  const behaviour = name === 'none' ? {} : BEHAVIOURS[name];
  return lacks === undefined ? behaviour : { ...behaviour, lacks: [...(behaviour.lacks ?? []), ...lacks] };
}
