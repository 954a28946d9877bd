/** Which language models may read what a tenant's network says: the tenant's setting against what the agents were launched with. */
import { z } from 'zod';

/** What agents were launched with: no model, one on this machine or in its private networks, or one elsewhere. */
export const MODEL_CLASSES = ['none', 'local', 'external'] as const;
export type ModelClass = (typeof MODEL_CLASSES)[number];

/** A tenant's setting; a tenant that said nothing has `none`. */
export const modelSetting = z.enum(['none', 'local', 'any']);
export type ModelSetting = z.infer<typeof modelSetting>;

export const tenantModels = z.record(z.string(), modelSetting);
/** Settings by tenant. */
export type TenantModels = Readonly<z.infer<typeof tenantModels>>;

/** Part of an agent's launch statement that names its class; `agentDigest` covers it, so that a change waits for people. */
export const MODEL_CLASS_PART = 'model-class';

/** The class as launched; a statement that does not say so is taken for the most that could be. */
export function readModelClass(parts: { readonly [part: string]: string }): ModelClass {
  return MODEL_CLASSES.find((one) => one === parts[MODEL_CLASS_PART]) ?? 'external';
}

/** True when text of the tenant may reach agents with such a model. */
export function mayRead(settings: TenantModels, tenant: string, model: ModelClass): boolean {
  if (model === 'none') return true;
  const setting = Object.hasOwn(settings, tenant) ? settings[tenant] : 'none';
  return setting === 'any' || (setting === 'local' && model === 'local');
}

/** Networks that are nobody's on the Internet: loopback (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3), RFC 1918, RFC 4193. */
const PRIVATE = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[?::1\]?$|\[?f[cd][0-9a-f]{2}:)/i;

/** The class of a configured model: by where its server is, never by what it is called. `baseUrl` is empty for the provider's own. */
export function classifyModel(name: string, baseUrl: string): ModelClass {
  if (name === '') return 'none';
  if (baseUrl === '') return name.startsWith('ollama:') ? 'local' : 'external';
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
  return host === 'localhost' || (PRIVATE.test(host) && /^[\d.]+$|^\[.*\]$/.test(host)) ? 'local' : 'external';
}
