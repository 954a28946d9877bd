/** Keeps what refreshes a login, and who registered for one, in the database, over a restart: by digest, sealed under its own name. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { ArtefactStore } from 'oidc-provider';
import type { Pool } from 'pg';
import { z } from 'zod';
import { sha256 } from '../digest.ts';
import { openSecret, sealSecret } from '../inventory/vault.ts';

/** Models of `oidc-provider` that a refresh needs, and clients that registered themselves; the rest lives for minutes and may be lost. */
const KEPT = ['RefreshToken', 'Grant', 'Client'];

export interface KeptArtefacts {
  readonly keeps: (model: string) => boolean;
  readonly store: (model: string) => ArtefactStore;
  /** Forgets what has expired; to be called now and then. */
  sweep(): Promise<void>;
}

const payloadForm = z.record(z.string(), z.unknown());

interface Row {
  readonly sealed: string;
  readonly consumed: string | number | null;
}

/**
 * `pool` must have run `IDENTITY_MIGRATIONS`; `secret` lies outside the database. A row has the SHA-256 of its token and what
 * belongs to it under a key of secret and token (HMAC-SHA-256, RFC 2104): who reads the database gets no token, and who
 * writes it can neither make one nor give one to another session. Whether the session lives is asked elsewhere, at each use.
 */
export function createKeptArtefacts(pool: Pool, secret: KeyObject, now: () => number): KeptArtefacts {
  const keyOf = (name: string): KeyObject => createSecretKey(createHmac('sha256', secret).update(name).digest());

  const store = (model: string): ArtefactStore => {
    const nameOf = (id: string): string => sha256(`${model}:${id}`);
    const keyFor = (id: string): KeyObject => keyOf(`artefact ${model}:${id}`);
    /** Undefined for what was changed, or sealed under a secret that is gone: such a login has ended. */
    const read = (id: string, sealed: string): Record<string, unknown> | undefined => {
      try {
        return payloadForm.parse(JSON.parse(openSecret(keyFor(id), model, nameOf(id), sealed)));
      } catch {
        return undefined;
      }
    };
    return {
      async upsert(id, payload, expiresIn) {
        if (expiresIn === undefined) throw new Error(`an artefact without an end is not kept: ${model}`);
        const grant = typeof payload['grantId'] === 'string' ? sha256(`Grant:${payload['grantId']}`) : null;
        const sealed = sealSecret(keyFor(id), model, nameOf(id), JSON.stringify(payload));
        await pool.query(
          `INSERT INTO identity_artefacts (name, model, of_grant, sealed, expires_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at`,
          [nameOf(id), model, grant, sealed, now() + expiresIn * 1000],
        );
      },
      async find(id) {
        const { rows } = await pool.query<Row>(
          'SELECT sealed, consumed FROM identity_artefacts WHERE name = $1 AND expires_at > $2',
          [nameOf(id), now()],
        );
        const [row] = rows;
        if (row === undefined) return undefined;
        const payload = read(id, row.sealed);
        return payload === undefined || row.consumed === null
          ? payload
          : { ...payload, consumed: Number(row.consumed) };
      },
      findByUid: async () => undefined, // asked of sessions only, which are not kept
      findByUserCode: async () => undefined, // the device flow is off
      async consume(id) {
        await pool.query('UPDATE identity_artefacts SET consumed = coalesce(consumed, $2) WHERE name = $1', [
          ...[nameOf(id), Math.floor(now() / 1000)],
        ]);
      },
      async destroy(id) {
        await pool.query('DELETE FROM identity_artefacts WHERE name = $1', [nameOf(id)]);
      },
      async revokeByGrantId(grantId) {
        await pool.query('DELETE FROM identity_artefacts WHERE model = $1 AND of_grant = $2', [
          ...[model, sha256(`Grant:${grantId}`)],
        ]);
      },
    };
  };
  return {
    keeps: (model) => KEPT.includes(model),
    store,
    async sweep() {
      await pool.query('DELETE FROM identity_artefacts WHERE expires_at <= $1', [now()]);
    },
  };
}
