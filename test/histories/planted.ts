/**
 * Bugs that are planted in a copy of the sources, to see that histories find them. Each takes out what keeps one promise;
 * where several defences stand behind each other, all of them, or the next one would hide it.
 */
import type { Defence } from '../attacks/defences.ts';

const AUDIT_STORE = 'broker/audit/sql-store.ts';
const APPROVE = 'broker/stages/approve.ts';
const CHANGE = 'broker/execution/change.ts';
const CLAIM = 'broker/stages/claim.ts';
const LEASES = 'broker/stores/memory-leases.ts';
const LEASING = 'broker/execution/leases.ts';
const JOURNAL = 'broker/stores/memory-journal.ts';
const RECONCILE = 'broker/execution/reconcile.ts';
const RECOVER = 'broker/execution/recover.ts';
const TRANSACTION = 'broker/execution/transaction.ts';
const VOTE = 'broker/approval/vote.ts';
const WAVES = 'broker/execution/waves.ts';

const STATE_CHECK = {
  file: APPROVE,
  find: 'if (!sameDigest(approval.stateHash, change.stateHash))',
  replace: "if (approval.stateHash === '')",
};

/** Without it two writers at the same place are told apart by nothing. */
const AUDIT_KEY = {
  file: AUDIT_STORE,
  find: 'first_index bigint PRIMARY KEY, size bigint NOT NULL UNIQUE',
  replace: 'first_index bigint NOT NULL, size bigint NOT NULL',
};

const FENCE = {
  file: JOURNAL,
  find: 'if (fence !== undefined && fence.leases.token(at) !== (fence.held(at) ?? Number.NaN)) throw takenOver();',
  replace: 'void [at, takenOver];',
};

export const PLANTED = {
  'no digest check': [
    {
      file: 'broker/stages/resolve.ts',
      find: "if (known !== undefined && !sameDigest(known.intent.digest, digest)) throw new WayleaveError('CONFLICT');",
      replace: 'void sameDigest;',
    },
    {
      file: CLAIM,
      find: 'if (!same || !sameDigest(adopted, known.intent.digest))',
      replace: 'void adopted;\n      if (!same)',
    },
    STATE_CHECK,
  ],
  'no idempotency': [
    { file: CLAIM, find: 'if (known.receipt !== undefined)', replace: "if (known.receipt?.detail === '')" },
    { file: CLAIM, find: "if (known.state === 'executing')", replace: "if (known.intent.id === '')" },
    {
      file: APPROVE,
      find: "if (approval.status === 'consumed' || approval.status === 'void')",
      replace: "if (approval.status === 'void')",
    },
    {
      file: APPROVE,
      find: "if (approval.status !== 'approved') return undefined;",
      replace: "if (approval.status === 'pending') return undefined;",
    },
    { file: CHANGE, find: "throw new WayleaveError('APPROVAL_CLOSED');", replace: 'void WayleaveError;' },
    {
      file: JOURNAL,
      find: "if (transactions.has(id)) throw new Error('the transaction is already open');",
      replace: '',
    },
  ],
  'no single use': [
    {
      file: CHANGE,
      find: "if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, 'approved')))",
      replace: "if (approval.id === '')",
    },
  ],
  'no roles at execution': [
    {
      file: APPROVE,
      find: 'if (roles?.includes(approval.needed.role)) standing',
      replace: 'if (roles !== undefined) standing',
    },
  ],
  'own vote counts': [
    { file: VOTE, find: 'if (subject.human === approval.requester.human)', replace: "if (subject.human === '')" },
    {
      file: APPROVE,
      find: "if (vote.verdict !== 'approve' || vote.human === approval.requester.human) continue;",
      replace: "if (vote.verdict !== 'approve') continue;",
    },
  ],
  'no end of an approval': [
    {
      file: 'broker/approval/expire.ts',
      find: '!(Date.parse(approval.expiresAt) > now);',
      replace: 'Number.isNaN(Date.parse(approval.expiresAt) - now);',
    },
    {
      file: CLAIM,
      find: 'if (Date.parse(known.intent.expiresAt) <= deps.clock.now())',
      replace: "if (known.intent.expiresAt === '')",
    },
  ],
  'no check of the policy': [
    {
      file: APPROVE,
      find: 'if (approval.decision.revision !== context.decision.revision)',
      replace: "if (approval.id === '')",
    },
  ],
  'no drift check': [STATE_CHECK],
  'no log before execution': [
    {
      file: 'broker/stages/execute.ts',
      find: 'await deps.audit.append(entry);',
      replace: 'entry.at.length;',
    },
  ],
  'no read-back': [
    {
      file: TRANSACTION,
      find: "await demand(deps.running(witness, 'running'), record.expected, 'running is not what was planned');",
      replace: 'void witness;',
    },
    { file: TRANSACTION, find: 'if (!seen.ok) throw new Unfit(seen.detail);', replace: '' },
  ],
  'no check of the confirmation': [
    {
      file: TRANSACTION,
      find: 'if (!(await isSettled(deps, writer, record.persistId)))',
      replace: "if (record.persistId === '' && (await isSettled(deps, writer, '')))",
    },
  ],
  'silence is a yes': [
    {
      file: TRANSACTION,
      find: 'await writer.confirmCommit(record.persistId);\n    if (!(await isSettled(deps, writer, record.persistId)))',
      replace:
        "await writer.confirmCommit(record.persistId).catch(() => undefined);\n    if (record.persistId === '' && (await isSettled(deps, writer, '')))",
    },
  ],
  'receipt before the device': [
    {
      file: CHANGE,
      find: 'const { outcome, detail, devices } = await transact(deps, context, change);',
      replace: `await deps.journal.finish(intent.id, {
    ...{ intent, decision, approvals: approval.votes, operations: [], steps: [], devices: [] },
    ...{ outcome: 'succeeded', detail: 'it will', auditIndex: 0 },
  });
  const { outcome, detail, devices } = await transact(deps, context, change);`,
    },
  ],
  'no reconciliation': [
    {
      file: RECONCILE,
      find: "let last = 'the device was not reached';",
      replace:
        "if (record.intent !== '') return { outcome: 'reverted', detail: 'it will have', running: record.before };\n  let last = '';",
    },
  ],
  'no recovery': [
    {
      file: RECOVER,
      find: 'const unfinished = await deps.journal.unfinished();\n  const intents',
      replace: 'const unfinished = (await deps.journal.unfinished()).slice(0, 0);\n  const intents',
    },
  ],
  'recovery repeats the edit': [
    {
      file: RECONCILE,
      find: '    if (running === record.before) {',
      replace: `    if (running === record.before && known.committed) {
      await session.lockCandidate();
      await session.editCandidate(record.edit);
      await session.commitConfirmed({ timeoutSeconds: 60, persistId: record.persistId });
      await session.confirmCommit(record.persistId);
      return { outcome: 'succeeded', detail: 'done again', running: record.expected };
    }
    if (running === record.before) {`,
    },
  ],
  'some devices are enough': [
    {
      file: WAVES,
      find: 'await eachHeld((change) => change.takeBack(reason));',
      replace: 'await eachHeld((change) => change.confirm());',
    },
    { file: WAVES, find: '    await restoreConfirmed();\n', replace: '    void restoreConfirmed;\n' },
  ],
  'recovery device by device': [
    {
      file: RECOVER,
      find: 'verified: verified && mayStand }',
      replace: 'verified: verified || (verified && mayStand) }',
    },
  ],
  'no turns at a device': [
    {
      file: 'broker/execution/serial.ts',
      find: 'const mine = before.then(work, work);',
      replace: 'void before;\n      const mine = work();',
    },
  ],
  'no device lease': [
    {
      file: LEASES,
      find: 'if (found !== undefined && found.holder !== holder && found.until > clock.now()) return undefined;',
      replace: 'void found;',
    },
    FENCE,
  ],
  'no fencing': [FENCE],
  'repair without a claim': [
    { file: RECONCILE, find: 'await deps.journal.demandLease(record.tenant, [record.device]);', replace: '' },
    { file: LEASING, find: 'hold<T | undefined>(inOrder(keys), 0, work, () => undefined)', replace: 'work()' },
  ],
  'no lease of the log': [
    {
      file: AUDIT_STORE,
      find: `'SELECT epoch FROM audit_writer FOR UPDATE');
    const epoch = Number(rows[0]?.epoch);`,
      replace: `'SELECT epoch FROM audit_writer');
    const epoch = Number(rows[0]?.epoch);`,
    },
    AUDIT_KEY,
  ],
  'no fencing of the log': [
    { file: AUDIT_STORE, find: 'if (epoch === known) {', replace: 'if (epoch >= known) {' },
    AUDIT_KEY,
  ],
  'log answers before it is durable': [
    {
      file: AUDIT_STORE,
      find: "await client.query((await work(client)) ? 'COMMIT' : 'ROLLBACK');",
      replace: "client.query((await work(client)) ? 'COMMIT' : 'ROLLBACK').catch(() => undefined);",
    },
  ],
} as const satisfies Readonly<Record<string, Defence['without']>>;

export type PlantedBug = keyof typeof PLANTED;
