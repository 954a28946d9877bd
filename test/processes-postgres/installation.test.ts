/** A whole installation on PostgreSQL: one story from the fault to the verified log, over a killed broker, with the agents in a schema of their own. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, openStage, type Stage, verifyAudit } from '../processes/fixture.ts';
import { makeSchemaName, postgresUrl } from '../storage/sql-databases.ts';

describe.skipIf(postgresUrl === undefined)('installation on PostgreSQL (skipped without DATABASE_URL)', () => {
  const url = postgresUrl ?? '';
  const schema = makeSchemaName();
  let stage: Stage;
  let pool: pg.Pool;
  const count = async (table: string, condition = 'true'): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE ${condition}`);
    return rows[0]?.n ?? 0;
  };

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: url, max: 1 });
    stage = await openStage({ databaseUrl: url, agentsDatabaseUrl: url, databaseSchema: schema });
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
    for (const part of ['broker', 'agents']) await pool.query(`DROP SCHEMA IF EXISTS ${schema}_${part} CASCADE`);
    await pool.end();
  });

  it('repairs a wrong AS number after approval, though the broker is killed while people think', async () => {
    await stage.network.inject('acme', 'bgp_asn_mismatch', 'node/br2_edge');
    const operator = await stage.signIn('operator@acme');
    const asked = await collect(operator.chat.ask('why can branch 2 not reach the data centre?'));
    const thread = asked.flatMap((item) => ('thread' in item ? [item.thread] : []))[0] ?? '';
    const approval = asked.flatMap((item) => ('type' in item && item.type === 'pending' ? [item.approval] : []))[0];
    expect(asked).toContainEqual(
      expect.objectContaining({ rootCauses: [expect.objectContaining({ faultType: 'bgp_asn_mismatch' })] }),
    );
    const admin = await stage.signIn('admin@acme');
    const before = await admin.desk.auditCheckpoint();

    await stage.killBroker();
    await stage.restartBroker();
    const back = await stage.signIn('admin@acme');
    await back.desk.approve(approval ?? '', 'as recorded in the inventory');
    const person = await stage.signIn('operator@acme');
    const resumed = await collect(person.chat.resume(thread));
    expect(resumed).toContainEqual(expect.objectContaining({ type: 'outcome', outcome: 'succeeded' }));
    expect((await stage.network.config('acme', 'br2_edge')).bgp?.localAs).toBe(65_002);
    await verifyAudit(stage, back, [before]);
  }, 120_000);

  it('kept everything in its own schemas of the server and no database in its folder', async () => {
    expect(
      await count(`${schema}_broker.intents`, `state = 'done' AND receipt::jsonb ->> 'outcome' = 'succeeded'`),
    ).toBeGreaterThan(0);
    expect(await count(`${schema}_broker.transactions`, `state = 'closed'`)).toBe(1);
    expect(await count(`${schema}_broker.transactions`, `state = 'open'`)).toBe(0);
    expect(await count(`${schema}_broker.audit_batches`)).toBeGreaterThan(3);
    expect(await count(`${schema}_agents.checkpoints`)).toBeGreaterThan(3);
    const folders = [
      path.join(stage.home.broker, 'database'),
      path.join(stage.home.broker, 'audit'),
      path.join(stage.home.agents, 'database'),
    ];
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
    expect(stage.crashes.map(({ name, detail }) => `${name} ${detail}`)).toEqual(['broker SIGKILL']);
  });
});
