/** What an agent answers to one incoming message: by USM for its users, by community when it has one, else nothing. */
import { type Access, restrictMib, wholeMib } from '../../../protocols/snmp/access.ts';
import { BerError, type Oid } from '../../../protocols/snmp/ber.ts';
import {
  decodeCommunityMessage,
  encodeCommunityMessage,
  isCommunityMessage,
} from '../../../protocols/snmp/community.ts';
import { type LocalEngine, openMessage } from '../../../protocols/snmp/local-engine.ts';
import { decodeMessage } from '../../../protocols/snmp/message.ts';
import type { MibView } from '../../../protocols/snmp/mib.ts';
import { answerPdu } from './answer-pdu.ts';

/** Longest answer to a message that names no limit of its own (version 2c), bytes. */
const MAX_COMMUNITY_BYTES = 1_472;

export interface AgentEngine extends LocalEngine {
  readonly mib: MibView;
  /** Subtrees that a user of USM may read; all when undefined. */
  readonly viewOf: (user: string) => readonly Oid[] | undefined;
  /** The read-only community of version 2c, and what it may read; without it the agent is deaf to that version. */
  readonly community?: Community;
}

export interface Community {
  readonly name: string;
  readonly view?: readonly Oid[];
}

/** The answer to `bytes`, undefined for silence. Never throws on anything that was received. */
export function answerMessage(engine: AgentEngine, bytes: Buffer): Buffer | undefined {
  try {
    return isCommunityMessage(bytes) ? answerCommunity(engine, bytes) : answerUser(engine, bytes);
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

const accessTo = ({ mib }: AgentEngine, view: readonly Oid[] | undefined): Access =>
  view === undefined ? wholeMib(mib) : restrictMib(mib, view);

function answerUser(engine: AgentEngine, bytes: Buffer): Buffer | undefined {
  const message = decodeMessage(bytes);
  const opened = openMessage(engine, bytes, message);
  if (!opened.ok) return opened.report;
  const pdu = answerPdu(accessTo(engine, engine.viewOf(message.user)), opened.pdu, message.maxSize);
  return pdu && opened.seal(pdu);
}

/** A wrong community is not answered (RFC 3584 §5.2.1). */
function answerCommunity(engine: AgentEngine, bytes: Buffer): Buffer | undefined {
  const { community } = engine;
  const message = decodeCommunityMessage(bytes);
  if (community === undefined || message.community !== community.name) return undefined;
  const pdu = answerPdu(accessTo(engine, community.view), message.pdu, MAX_COMMUNITY_BYTES);
  return pdu && encodeCommunityMessage({ community: community.name, pdu });
}
