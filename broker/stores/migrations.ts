/** Schema of the broker's records. Records are kept as their JSON text; columns beside it are what queries and conditions need. */

export const STORE_MIGRATIONS = [
  {
    name: 'stores-1',
    sql: `
CREATE TABLE intents (
  id text PRIMARY KEY, tenant text NOT NULL, digest text NOT NULL, state text NOT NULL,
  intent text NOT NULL, subject text NOT NULL, receipt text);
CREATE INDEX intents_executing ON intents (id) WHERE state = 'executing';
CREATE TABLE transactions (
  intent text NOT NULL, device text NOT NULL, tenant text NOT NULL, state text NOT NULL, record text NOT NULL,
  PRIMARY KEY (intent, device));
CREATE INDEX transactions_open ON transactions (intent) WHERE state = 'open';
CREATE TABLE transaction_steps (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, intent text NOT NULL, device text NOT NULL, step text NOT NULL);
CREATE INDEX transaction_steps_of ON transaction_steps (intent, device);
CREATE TABLE approvals (
  tenant text NOT NULL, id text NOT NULL, intent text NOT NULL, status text NOT NULL, created_at text NOT NULL,
  record text NOT NULL, PRIMARY KEY (tenant, id));
CREATE INDEX approvals_of_intent ON approvals (tenant, intent);
CREATE TABLE evidence (tenant text NOT NULL, id text NOT NULL, record text NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE incidents (
  tenant text NOT NULL, id text NOT NULL, state text NOT NULL, opened_at text NOT NULL, record text NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE TABLE sessions (
  id text PRIMARY KEY, tenant text NOT NULL, created_at text NOT NULL, record text NOT NULL);
CREATE INDEX sessions_of_tenant ON sessions (tenant);`,
  },
  {
    name: 'events-1',
    sql: `
CREATE TABLE event_counters (
  tenant text NOT NULL, stream text NOT NULL, last bigint NOT NULL, PRIMARY KEY (tenant, stream));
CREATE TABLE events (
  tenant text NOT NULL, stream text NOT NULL, seq bigint NOT NULL, record text NOT NULL,
  PRIMARY KEY (tenant, stream, seq));`,
  },
  {
    name: 'quarantine-1',
    sql: `
CREATE TABLE quarantine (
  tenant text NOT NULL, device text NOT NULL, reason text NOT NULL, record text NOT NULL,
  PRIMARY KEY (tenant, device, reason));`,
  },
  {
    name: 'journal-epoch-1',
    sql: `
CREATE TABLE journal_epoch (epoch bigint NOT NULL);
INSERT INTO journal_epoch VALUES (0);`,
  },
  {
    name: 'device-leases-1',
    sql: `
DROP TABLE journal_epoch;
CREATE TABLE device_leases (
  key text PRIMARY KEY, token bigint NOT NULL, holder bigint NOT NULL, until timestamptz NOT NULL);`,
  },
  {
    name: 'standing-1',
    sql: `
CREATE TABLE standing (kind text NOT NULL, name text NOT NULL, record text NOT NULL, PRIMARY KEY (kind, name));
CREATE TABLE standing_position (one boolean PRIMARY KEY, rules text NOT NULL, up_to bigint NOT NULL);`,
  },
  {
    name: 'outbox-1',
    sql: `
CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY, notice text NOT NULL, tenant text NOT NULL, channel text NOT NULL,
  type text NOT NULL, body text NOT NULL, state text NOT NULL, attempts integer NOT NULL,
  created_at bigint NOT NULL, next_at bigint NOT NULL, error text, PRIMARY KEY (notice, tenant, channel));
CREATE INDEX outbox_due ON outbox (tenant, channel, seq) WHERE state = 'waiting';
CREATE INDEX outbox_of_tenant ON outbox (tenant, seq);
CREATE TABLE outbox_position (one boolean PRIMARY KEY, up_to bigint NOT NULL);`,
  },
  {
    name: 'containments-1',
    sql: `
CREATE TABLE containments (
  tenant text NOT NULL, id text NOT NULL, begins text NOT NULL, is_open boolean NOT NULL, record text NOT NULL,
  PRIMARY KEY (tenant, id));
CREATE INDEX containments_open ON containments (id) WHERE is_open;`,
  },
  {
    // Receipts are texts that PostgreSQL need not take for JSON: a NUL in an input is no jsonb (22P05).
    name: 'journal-audit-index-1',
    sql: `
ALTER TABLE intents ADD COLUMN audit_index bigint;
UPDATE intents SET audit_index = substring(receipt from '.*"auditIndex":([0-9]+)')::bigint WHERE receipt IS NOT NULL;
CREATE INDEX intents_finished ON intents (tenant, audit_index) WHERE receipt IS NOT NULL;`,
  },
  {
    name: 'samples-1',
    sql: `
CREATE TABLE samples (
  tenant text NOT NULL, device text NOT NULL, signal text NOT NULL, resource text NOT NULL, slot bigint NOT NULL,
  evidence text NOT NULL, PRIMARY KEY (tenant, device, signal, resource, slot));
CREATE INDEX samples_by_age ON samples (tenant, slot);`,
  },
  {
    // What was stored record by record is in blocks of one.
    name: 'evidence-blocks-1',
    sql: `
CREATE TABLE evidence_blocks (
  tenant text NOT NULL, block text NOT NULL, seq bigint GENERATED ALWAYS AS IDENTITY, records text NOT NULL,
  PRIMARY KEY (tenant, block, seq));
INSERT INTO evidence_blocks (tenant, block, records)
  SELECT tenant, left(id, -1), '[' || record || ']' FROM evidence ORDER BY tenant, id;
ALTER TABLE samples ADD COLUMN record text;
UPDATE samples SET record = e.record FROM evidence e WHERE e.tenant = samples.tenant AND e.id = samples.evidence;
DELETE FROM samples WHERE record IS NULL;
ALTER TABLE samples ALTER COLUMN record SET NOT NULL, DROP COLUMN evidence;
DROP TABLE evidence;`,
  },
] as const;
