/** Stage 9, execute (and verify): writes the log first, then reads through the drivers or runs the change transaction. */
import type { Answer, Evidence, Operation, OperationReply } from '../contract.ts';
import { sha256 } from '../digest.ts';
import { ERRORS, type ErrorCode, WayleaveError } from '../errors.ts';
import { type ChangeDeps, executeChange } from '../execution/change.ts';
import { type AnswerRecords, onlyLooks } from '../execution/records.ts';
import type { WhyNoLonger } from '../identity/still-authentic.ts';
import type { Brake } from '../policy/brake.ts';
import type { EvidenceStore, Ids } from '../ports.ts';
import type { RiskLedger } from '../risk/risk-ledger.ts';
import { withoutOwnWords } from '../taint/own-words.ts';
import type { UntrustedTexts } from '../taint/untrusted-texts.ts';
import type { ApprovedCall } from './context.ts';
import { trailEntry } from './record.ts';

export interface ExecuteDeps extends ChangeDeps {
  readonly ids: Ids;
  readonly evidence: EvidenceStore;
  /** What devices say, to be found again in what is proposed later. */
  readonly untrusted: UntrustedTexts;
  /** Answers operations on the broker's own records. */
  readonly records: AnswerRecords;
  /** Asked once more before a change: much may have ended while it waited. */
  readonly whyNoLonger: WhyNoLonger;
  /** Takes over what other brokers stopped or ended; rejects when that cannot be known. */
  readonly followOthers: () => Promise<void>;
  readonly brake: Pick<Brake, 'reason'>;
  readonly risk: Pick<RiskLedger, 'assess'>;
}

/** At most so many operations of one call run at a time (SSH connects in flight delay everything else). */
const PARALLEL = 8;
/** Most observations of one call: a read of a million rows is an incident. */
const MAX_OBSERVATIONS = 20_000;

export const execute =
  (deps: ExecuteDeps) =>
  async (context: ApprovedCall): Promise<Answer> => {
    const { operations, change, approval } = context;
    if (change !== undefined && approval === undefined) throw new Error('a change came without its approval');
    if (change !== undefined) {
      await deps.followOthers();
      demandGoing(deps, context);
      const ended = await deps.whyNoLonger(context.subject);
      if (ended !== undefined) {
        context.trail.reason = `before execution: ${ended}`;
        throw new WayleaveError('UNAUTHENTICATED');
      }
    }
    const facts = { operations: operations.map(describe) };
    const entry = trailEntry(context.trail, deps.clock.now(), 'execute', facts);
    if (change === undefined && onlyLooks(operations)) {
      // All that is executed is the answer, which leaves when this entry and the outcome are durable, in one group.
      context.trail.unlogged = entry;
      return collect(deps, context);
    }
    // Durable before anything touches a device: without this entry nothing is executed.
    context.trail.executionIndex = await deps.audit.append(entry);
    if (change === undefined || approval === undefined) return collect(deps, context);
    const receipt = await executeChange(deps, context, change, approval);
    return { status: 'done', intent: context.intent.id, evidence: [], receipt };
  };

/** What was decided a while ago, here or by another broker, may have been stopped since. */
function demandGoing({ brake, risk, quarantine }: ExecuteDeps, { subject, intent }: ApprovedCall): void {
  const why = brake.reason();
  if (why !== undefined) throw new WayleaveError('CHANGES_STOPPED', `Changes were stopped meanwhile: ${why}`);
  if (risk.assess(subject).band === 'suspended')
    throw new WayleaveError('DENIED', `${subject.human} was suspended meanwhile.`);
  for (const device of intent.target.devices) {
    const found = quarantine.of(subject.tenant, device).find((one) => one.intent !== intent.id);
    if (found !== undefined)
      throw new WayleaveError('DEVICE_QUARANTINED', `${device} is in quarantine (${found.reason}): ${found.detail}`);
  }
}

/** One line an operation, for the log: what was sent, cut, with the digest of the whole. */
function describe(operation: Operation): string {
  const [what, text] = nameOperation(operation);
  return text.length <= 300 ? `${what} ${text}`.trim() : `${what} ${text.slice(0, 300)}… ${sha256(text)}`;
}

function nameOperation(operation: Operation): readonly [string, string] {
  if (operation.protocol === 'records') return [`records ${operation.kind}`, JSON.stringify(operation.query)];
  const what = `${operation.protocol} ${operation.kind} ${operation.device}`;
  if (operation.protocol === 'rest') {
    const { deviceId = operation.device } = operation.query;
    return [what, deviceId === operation.device ? operation.path : `${operation.path} of ${deviceId}`];
  }
  if (operation.kind === 'contain') return [what, JSON.stringify(operation.measure)];
  return [what, operation.kind === 'edit-config' ? operation.config : ''];
}

async function collect(deps: ExecuteDeps, context: ApprovedCall): Promise<Answer> {
  const replies = await runAll(deps, context);
  const failed = replies.flatMap((reply) => (reply.ok ? [] : [reply.error]));
  const first = failed[0];
  if (first !== undefined && failed.length === replies.length)
    throw new WayleaveError(codeOf(first.code), first.message);
  context.trail.facts['unanswered'] = failed.length;
  // Records that are read back keep the ids they have; everything else becomes a new record.
  const kept = await deps.records.existing(context);
  if (kept !== undefined) return { status: 'done', intent: context.intent.id, evidence: kept };
  const observations = context.tool.read(replies, context.toolContext, context.intent.input);
  // Half an answer that says nothing is no answer: the failure is.
  if (first !== undefined && observations.length === 0) throw new WayleaveError(codeOf(first.code), first.message);
  if (observations.length > MAX_OBSERVATIONS)
    throw new WayleaveError('TOO_LARGE', `The answer has more than ${MAX_OBSERVATIONS} observations.`);
  const collectedAt = new Date(deps.clock.now()).toISOString();
  const call = deps.ids.id('evd');
  const evidence: Evidence[] = observations.map((observation, n) => ({
    id: `${call}${numberRecord(n)}`,
    tenant: context.subject.tenant,
    ...observation,
    collectedAt,
    intent: context.intent.id,
  }));
  // Known as text of others before anybody can use it.
  const { input } = context.intent;
  const told = context.tool.effect === 'probe' ? withoutOwnWords(evidence, input) : evidence;
  await deps.untrusted.note(context.subject.tenant, told);
  await deps.evidence.put(evidence);
  return { status: 'done', intent: context.intent.id, evidence };
}

/** Four digits of RFC 4648 base32 in lower case, as the ids themselves: the records of one call lie together. */
const numberRecord = (n: number): string =>
  [15, 10, 5, 0].map((shift) => 'abcdefghijklmnopqrstuvwxyz234567'[(n >> shift) & 31]).join('');

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
const codeOf = (code: string): ErrorCode => (isErrorCode(code) ? code : 'DEVICE_UNREACHABLE');

async function runAll(deps: ExecuteDeps, context: ApprovedCall): Promise<readonly OperationReply[]> {
  const replies: OperationReply[] = [];
  for (let at = 0; at < context.operations.length; at += PARALLEL) {
    const batch = context.operations
      .slice(at, at + PARALLEL)
      .map((operation) =>
        operation.protocol === 'records'
          ? deps.records.answer(context, operation)
          : deps.devices.read(context.subject.tenant, operation),
      );
    replies.push(...(await Promise.all(batch)));
  }
  return replies;
}
