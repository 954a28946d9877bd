/** Keeps the authorization server's short-lived artefacts (codes, interactions) in memory, within a cap. */
import type { ArtefactStore } from 'oidc-provider';

interface Artefact {
  readonly payload: Record<string, unknown>;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Artefacts held at once over all kinds; a login needs about six. */
const CAPACITY = 50_000;

/**
 * Factory of the stores that `oidc-provider` asks for, one a model, over one map. They are lost at a restart, which ends a
 * login that is under way but none that there is: what refreshes one is in `kept-artefacts.ts`. When full, new artefacts
 * are refused, since dropping an old one could forget a used assertion.
 */
export function createArtefactStores(now: () => number): (model: string) => ArtefactStore {
  const artefacts = new Map<string, Artefact>();

  const read = (key: string): Record<string, unknown> | undefined => {
    const found = artefacts.get(key);
    if (found !== undefined && found.expiresAt > now()) return found.payload;
    artefacts.delete(key);
    return undefined;
  };
  const sweep = (): void => {
    for (const [key, { expiresAt }] of artefacts) if (expiresAt <= now()) artefacts.delete(key);
  };

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      if (artefacts.size >= CAPACITY) sweep();
      if (artefacts.size >= CAPACITY) throw new Error('too many artefacts');
      const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : now() + expiresIn * 1000;
      artefacts.set(`${model}:${id}`, { payload: { ...payload }, expiresAt });
    },
    find: async (id) => read(`${model}:${id}`),
    async findByUid(uid) {
      for (const [key, { payload }] of artefacts) {
        if (key.startsWith(`${model}:`) && payload['uid'] === uid) return read(key);
      }
      return undefined;
    },
    findByUserCode: async () => undefined, // the device flow is off
    async consume(id) {
      const payload = read(`${model}:${id}`);
      if (payload !== undefined) payload['consumed'] = Math.floor(now() / 1000);
    },
    async destroy(id) {
      artefacts.delete(`${model}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of artefacts) if (payload['grantId'] === grantId) artefacts.delete(key);
    },
  });
}
