/**
 * Takes secrets out of an entry before it is hashed: what is signed and kept never had them. Pure.
 *
 * By name (`password`, `community`, `psk`, …) in JSON and in the XML of a device's configuration, and by form (signed
 * tokens, private keys) wherever they stand. In their place stands a keyed digest (HMAC-SHA-256), by which the same
 * secret can be recognised and another one not be guessed.
 */
import { createHmac, type KeyObject, sign } from 'node:crypto';
import { rememberByName } from '../../protocols/name-memo.ts';
import type { Json } from '../contract.ts';

/** Names whose value is a secret, as last part of a name: `auth-password`, `snmp_community`, `apiKey`. */
const NAMES =
  'password|passwd|passphrase|secret|community|psk|pre-shared-key|private-key|privatekey|auth-key|priv-key|api-key|apikey|shared-key|credential|access-token|accesstoken|refresh-token|token|authorization|cookie';
const SECRET_NAME = new RegExp(`(?:^|[-_.:])(?:${NAMES})$`);
/** `<x:auth-password>…</x:auth-password>` of a configuration, also where the text was cut off behind it. */
const SECRET_ELEMENT = new RegExp(
  `(<(?:[\\w.-]+:)?(?:[\\w.-]*[-_.])?(?:${NAMES})(?:\\s[^<>]{0,400})?>)([^<]+)(?=<|$)`,
  'gi',
);
/** A signed token (RFC 7519 §3), a private key (RFC 7468), `authorization: scheme credentials` (RFC 9110 §11.4). */
const SECRET_FORM =
  /\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|\b(?:Bearer|DPoP|Basic) [\w+/=.~-]{12,}/g;

/** Every secret form has one of these in it; most texts have none, and are not searched further. */
const MAY_HAVE_FORM = /eyJ|-----BEGIN|Bearer|DPoP|Basic/;

export type Redact = (content: { readonly [key: string]: Json }) => { readonly [key: string]: Json };

/** `key` is the log's first key, of which the digests' key is made. */
export function createRedaction(key: KeyObject): Redact {
  // Ed25519 signatures are deterministic (RFC 8032 §5.1.6): the digests of a log are the same after a restart.
  const salt = sign(null, Buffer.from('wayleave audit: digests of redacted values'), key);
  const digest = (text: string): string =>
    `[redacted ${createHmac('sha256', salt).update(text).digest('base64url').slice(0, 22)}]`;
  const redactText = (text: string): string => {
    const told = text.includes('<')
      ? text.replace(SECRET_ELEMENT, (_found, open: string, value: string) => `${open}${digest(value)}`)
      : text;
    return MAY_HAVE_FORM.test(told) ? told.replace(SECRET_FORM, digest) : told;
  };
  const redactValue = (value: Json): Json => {
    if (typeof value === 'string') return redactText(value);
    if (isList(value)) {
      for (const one of value) if (redactValue(one) !== one) return value.map(redactValue);
      return value;
    }
    return typeof value === 'object' && value !== null ? redactFields(value) : value;
  };
  const redactField = (name: string, value: Json): Json =>
    isSecretName(name) && value !== null && typeof value !== 'boolean' && value !== ''
      ? digest(typeof value === 'string' ? value : JSON.stringify(value))
      : redactValue(value);
  /** What has no secret, which is most of it, stays the same object. */
  const redactFields = (fields: { readonly [key: string]: Json }): { readonly [key: string]: Json } => {
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      if (value === undefined || redactField(name, value) === value) continue;
      return Object.fromEntries(Object.entries(fields).map(([of, each]) => [of, redactField(of, each)]));
    }
    return fields;
  };
  return redactFields;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

/** `apiKey` and `API_KEY` are `api-key`. */
const isSecretName = rememberByName((name): boolean =>
  SECRET_NAME.test(
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
      .replaceAll('_', '-')
      .toLowerCase(),
  ),
);
