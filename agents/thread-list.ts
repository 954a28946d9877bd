/** Whose conversations there are, and what was asked in them when: the list that a person comes back to. */
import type { Pool } from 'pg';

/** Part of the key everywhere: a conversation exists for its owner only. */
export interface ThreadOwner {
  readonly human: string;
  readonly tenant: string;
}

/** One question; `from` is the id of the first event that it can have led to. */
export interface AskedTurn {
  readonly text: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly from: string;
}

export interface ThreadEntry {
  readonly thread: string;
  readonly turns: readonly AskedTurn[];
}

export interface ThreadList {
  /** Remembers a question, before it is looked at. */
  add(owner: ThreadOwner, thread: string, turn: AskedTurn): Promise<void>;
  get(owner: ThreadOwner, thread: string): Promise<ThreadEntry | undefined>;
  /** Those asked in last first, at most `LISTED`. */
  list(owner: ThreadOwner): Promise<readonly ThreadEntry[]>;
}

const LISTED = 100;

/** For simulation, replay and tests. */
export function createMemoryThreadList(): ThreadList {
  const entries = new Map<string, ThreadEntry>();
  const keyOf = ({ tenant, human }: ThreadOwner, thread: string): string => JSON.stringify([tenant, human, thread]);
  return {
    async add(owner, thread, turn) {
      const key = keyOf(owner, thread);
      const turns = [...(entries.get(key)?.turns ?? []), turn];
      entries.delete(key); // the last one asked in is the last of the map
      entries.set(key, { thread, turns });
    },
    get: async (owner, thread) => entries.get(keyOf(owner, thread)),
    list: async (owner) =>
      [...entries]
        .filter(([key, { thread }]) => key === keyOf(owner, thread))
        .map(([, entry]) => entry)
        .reverse()
        .slice(0, LISTED),
  };
}

const TABLE = `CREATE TABLE IF NOT EXISTS asked_turns (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL, human text NOT NULL, thread text NOT NULL,
  text text NOT NULL, at text NOT NULL, from_event text NOT NULL
);
CREATE INDEX IF NOT EXISTS asked_turns_owner ON asked_turns (tenant, human, thread, number)`;

interface Row {
  readonly thread: string;
  readonly text: string;
  readonly at: string;
  readonly from_event: string;
}

/** In the agents' own database, beside the checkpoints. */
export async function openThreadList(pool: Pick<Pool, 'query'>): Promise<ThreadList> {
  for (const statement of TABLE.split(';')) await pool.query(statement);
  const columns = 'thread, text, at, from_event';
  const turnOf = ({ text, at, from_event: from }: Row): AskedTurn => ({ text, at, from });
  return {
    async add({ tenant, human }, thread, { text, at, from }) {
      await pool.query(
        'INSERT INTO asked_turns (tenant, human, thread, text, at, from_event) VALUES ($1, $2, $3, $4, $5, $6)',
        [tenant, human, thread, text, at, from],
      );
    },
    async get({ tenant, human }, thread) {
      const { rows } = await pool.query<Row>(
        `SELECT ${columns} FROM asked_turns WHERE tenant = $1 AND human = $2 AND thread = $3 ORDER BY number`,
        [tenant, human, thread],
      );
      return rows.length === 0 ? undefined : { thread, turns: rows.map(turnOf) };
    },
    async list({ tenant, human }) {
      const { rows } = await pool.query<Row>(
        `SELECT ${columns} FROM asked_turns JOIN (
           SELECT thread, max(number) AS latest FROM asked_turns WHERE tenant = $1 AND human = $2
           GROUP BY thread ORDER BY latest DESC LIMIT ${LISTED}
         ) AS listed USING (thread)
         WHERE tenant = $1 AND human = $2 ORDER BY latest DESC, number`,
        [tenant, human],
      );
      const byThread = new Map<string, AskedTurn[]>();
      for (const row of rows) byThread.set(row.thread, [...(byThread.get(row.thread) ?? []), turnOf(row)]);
      return [...byThread].map(([thread, turns]) => ({ thread, turns }));
    },
  };
}
