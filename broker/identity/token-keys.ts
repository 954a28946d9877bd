/** The keys that sign tokens: one signs, and those before it verify for as long as a token under them can live. */
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { HUMAN_TOKEN_SECONDS } from '../../protocols/oauth/access-token.ts';
import { CLOCK_SKEW_SECONDS } from '../../protocols/oauth/dpop.ts';
import {
  exportSigningKey,
  generateSigningKey,
  importPublicJwk,
  importSigningKey,
  type SigningKey,
} from '../../protocols/oauth/jwk.ts';
import type { Clock } from '../ports.ts';

const storedKey = z.strictObject({ pem: z.string(), createdAt: z.string(), retiredAt: z.string().optional() });
/** What the key file holds, the signing key first. */
export const tokenKeyFile = z.strictObject({ keys: z.array(storedKey).min(1).max(20) });
export type TokenKeyFile = z.infer<typeof tokenKeyFile>;

/** How long a retired key still verifies, in milliseconds. */
const GRACE_MS = (HUMAN_TOKEN_SECONDS + CLOCK_SKEW_SECONDS) * 1000;

export interface TokenKeyReport {
  readonly kid: string;
  readonly createdAt: string;
  readonly status: 'signs' | 'verifies';
  /** When a retired key stops to verify. */
  readonly until?: string;
}

export interface TokenKeys {
  /** Signs from now on. */
  current(): SigningKey;
  /** All that still verify, the signing one first: what the JWKS publishes. */
  published(): readonly SigningKey[];
  /** The public key of exactly that `kid`, while tokens under it are good. */
  find(kid: string): KeyObject | undefined;
  list(): readonly TokenKeyReport[];
  /** Makes a new signing key; it is stored before it signs. Answers its `kid`. */
  rotate(): string;
}

export interface TokenKeysDeps {
  readonly load: () => TokenKeyFile;
  readonly save: (file: TokenKeyFile) => void;
  readonly clock: Clock;
}

export const newTokenKeyFile = (now: number): TokenKeyFile => ({ keys: [newKey(now)] });

const newKey = (now: number): TokenKeyFile['keys'][number] => ({
  pem: exportSigningKey(generateSigningKey()),
  createdAt: new Date(now).toISOString(),
});

export function openTokenKeys(deps: TokenKeysDeps): TokenKeys {
  const open = (file: TokenKeyFile) =>
    file.keys.map((stored) => {
      const key = importSigningKey(stored.pem);
      return { stored, key, publicKey: importPublicJwk(key.publicJwk) };
    });
  let keys = open(deps.load());
  const until = ({ stored }: (typeof keys)[number]): number =>
    stored.retiredAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(stored.retiredAt) + GRACE_MS;
  const living = () => keys.filter((one) => deps.clock.now() < until(one));

  return {
    current() {
      const [first] = keys;
      if (first === undefined) throw new Error('there is no key that signs tokens');
      return first.key;
    },
    published: () => living().map(({ key }) => key),
    find: (kid) => living().find(({ key }) => key.thumbprint === kid)?.publicKey,
    list: () =>
      living().map((one, at) => ({
        kid: one.key.thumbprint,
        createdAt: one.stored.createdAt,
        status: at === 0 ? ('signs' as const) : ('verifies' as const),
        ...(one.stored.retiredAt === undefined ? {} : { until: new Date(until(one)).toISOString() }),
      })),
    rotate() {
      const now = deps.clock.now();
      const retiredAt = new Date(now).toISOString();
      const older = living().map(({ stored }) => ({ ...stored, retiredAt: stored.retiredAt ?? retiredAt }));
      const file = { keys: [newKey(now), ...older.slice(0, 19)] };
      deps.save(file);
      keys = open(file);
      return this.current().thumbprint;
    },
  };
}
