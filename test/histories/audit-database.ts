/**
 * The tables of the audit log as PostgreSQL keeps them for several brokers: the writer's row and its lock, transactions that
 * end with their connection or when their client is silent for too long, and what the migration says must be unique.
 *
 * It takes the statements of `broker/audit/sql-store.ts` and no others, at READ COMMITTED: whoever updates the row, or asks
 * for it `FOR UPDATE`, waits for whoever has it; a key that another transaction has inserted is waited for as well.
 */
import type { Pool } from 'pg';
import { AUDIT_MIGRATIONS } from '../../broker/audit/sql-store.ts';
import type { AuditBatch } from '../../broker/audit/store.ts';
import type { Process } from './process.ts';
import type { Timeline } from './timeline.ts';

export interface AuditDatabase {
  /** What is committed, in the order of the entries. */
  batches(): readonly AuditBatch[];
  /**
   * The connections of one process; they end, and their transactions with them, some time after it. `loses` says of each
   * statement of a transaction whether its connection breaks: before it, or after it was done and before it is answered.
   */
  connect(process: Process, loses: () => boolean): Pool;
}

interface Row extends AuditBatch {
  readonly size: number;
}

interface Session {
  ended: boolean;
  /** Undefined outside of a transaction. */
  transaction: { readonly idleMs: number; readonly inserted: Row[]; readonly writes: (() => void)[] } | undefined;
  /** When its last statement was done. */
  spokeAt: number;
}

interface Answered {
  readonly rows: readonly object[];
}

/** After so long at most the server knows that the other end of a connection has gone. */
const NOTICED_MS = 200;
const KEYS_ARE_UNIQUE = AUDIT_MIGRATIONS.some(({ sql }) => sql.includes('first_index bigint PRIMARY KEY'));

export function createAuditDatabase(timeline: Timeline): AuditDatabase {
  let kept: readonly Row[] = [];
  let epoch = 0;
  let milestone: string | null = null;
  const open = new Set<Session>();
  let holder: Session | undefined;
  /** Statements that wait for another session, told whenever one comes to an end. */
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const told = waiting;
    waiting = [];
    for (const go of told) go();
  };
  const finish = (session: Session): void => {
    session.transaction = undefined;
    if (holder === session) holder = undefined;
    wake();
  };
  const end = (session: Session): void => {
    session.ended = true;
    open.delete(session);
    finish(session);
  };
  const endIfSilent = (session: Session): void => {
    const { transaction, spokeAt } = session;
    if (transaction !== undefined && timeline.now() - spokeAt >= transaction.idleMs) end(session);
  };
  /** Waits for as long as `other` finds a session in the way. */
  async function waitFor(session: Session, other: () => Session | undefined): Promise<void> {
    for (let found = other(); found !== undefined && !session.ended; found = other()) {
      const inTheWay = found;
      const { transaction, spokeAt } = inTheWay;
      const left = spokeAt + (transaction?.idleMs ?? 0) - timeline.now();
      timeline.after(Math.max(1, left), () => endIfSilent(inTheWay));
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    demandOpen(session);
  }
  const demandOpen = ({ ended }: Session): void => {
    if (ended) throw new Error('terminating connection');
  };
  async function lockWriter(session: Session): Promise<void> {
    await waitFor(session, () => (holder === session ? undefined : holder));
    holder = session;
  }
  const hasKey = (rows: readonly Row[], { from, size }: Row): boolean =>
    rows.some((one) => one.from === from || one.size === size);
  async function insert(session: Session, row: Row): Promise<void> {
    if (KEYS_ARE_UNIQUE) {
      await waitFor(session, () =>
        [...open].find((one) => one !== session && hasKey(one.transaction?.inserted ?? [], row)),
      );
      if (hasKey(kept, row)) throw new Error('duplicate key value violates unique constraint');
    }
    session.transaction?.inserted.push(row);
  }

  const statements: readonly (readonly [
    RegExp,
    (
      session: Session,
      values: readonly unknown[],
      found: RegExpExecArray,
    ) => readonly object[] | Promise<readonly object[]>,
  ])[] = [
    [
      /^BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL idle_in_transaction_session_timeout = (\d+)$/,
      (session, _values, found) => {
        session.transaction = { idleMs: Number(found[1]), inserted: [], writes: [] };
        return [];
      },
    ],
    [
      /^COMMIT$/,
      (session) => {
        const { inserted = [], writes = [] } = session.transaction ?? {};
        for (const write of writes) write();
        if (inserted.length > 0) kept = [...kept, ...inserted].toSorted((a, b) => a.from - b.from);
        finish(session);
        return [];
      },
    ],
    [
      /^ROLLBACK$/,
      (session) => {
        finish(session);
        return [];
      },
    ],
    [
      /^SELECT epoch FROM audit_writer( FOR UPDATE)?$/,
      async (session, _values, found) => {
        if (found[1] !== undefined) await lockWriter(session);
        return [{ epoch: String(epoch) }];
      },
    ],
    [
      /^UPDATE audit_writer SET epoch = greatest\(epoch \+ 1, \$1\) RETURNING epoch$/,
      async (session, [floor]) => {
        await lockWriter(session);
        epoch = Math.max(epoch + 1, Number(floor));
        finish(session);
        return [{ epoch: String(epoch) }];
      },
    ],
    [
      /^UPDATE audit_writer SET epoch = \$1$/,
      async (session, [next]) => {
        await lockWriter(session);
        session.transaction?.writes.push(() => {
          epoch = Number(next);
        });
        return [];
      },
    ],
    [
      /^SELECT first_index, size, lines, checkpoint FROM audit_batches WHERE size > \$1 ORDER BY first_index( LIMIT \$2)?$/,
      (_session, [from, limit]) =>
        kept
          .filter(({ size }) => size > Number(from))
          .slice(0, limit === undefined ? undefined : Number(limit))
          .map((row) => ({ ...row, first_index: String(row.from), size: String(row.size) })),
    ],
    [
      /^INSERT INTO audit_batches \(first_index, size, lines, checkpoint\) VALUES \(\$1, \$2, \$3, \$4\)$/,
      async (session, [from, size, lines, checkpoint]) => {
        await insert(session, { from, size, lines, checkpoint } as Row);
        return [];
      },
    ],
    [/^SELECT milestone FROM audit_writer$/, () => [{ milestone }]],
    [
      /^UPDATE audit_writer SET milestone = \$1$/,
      async (session, [text]) => {
        await lockWriter(session);
        milestone = String(text);
        finish(session);
        return [];
      },
    ],
  ];

  async function run(session: Session, text: string, values: readonly unknown[]): Promise<Answered> {
    endIfSilent(session);
    demandOpen(session);
    for (const [form, work] of statements) {
      const found = form.exec(text);
      if (found === null) continue;
      try {
        return { rows: await work(session, values, found) };
      } finally {
        session.spokeAt = timeline.now();
      }
    }
    throw new Error(`no statement of the audit log: ${text}`);
  }

  return {
    batches: () => kept,
    connect(process, loses) {
      const mine = new Set<Session>();
      process.onKill(() =>
        process.outside(NOTICED_MS, () => {
          for (const session of mine) end(session);
        }),
      );
      const start = (): Session => {
        const session: Session = { ended: false, transaction: undefined, spokeAt: timeline.now() };
        open.add(session);
        mine.add(session);
        return session;
      };
      const pool = {
        async query(text: string, values: readonly unknown[] = []) {
          const session = start();
          try {
            return await process.carry(() => run(session, text, values));
          } finally {
            open.delete(session);
            mine.delete(session);
          }
        },
        async connect() {
          const session = start();
          return {
            query: (text: string, values: readonly unknown[] = []) =>
              process.carry(async () => {
                if (loses()) end(session);
                const answered = await run(session, text, values);
                if (loses()) end(session);
                demandOpen(session);
                return answered;
              }),
            release(broken: boolean) {
              mine.delete(session);
              if (broken) process.outside(NOTICED_MS, () => end(session));
              else open.delete(session);
            },
          };
        },
      };
      return pool as unknown as Pool;
    },
  };
}
