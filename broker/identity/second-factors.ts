/** Second factors: one-time codes from a person's own device (TOTP, RFC 6238), enrolled by them and good once each. */
import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import { WayleaveError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { KeyedRecords } from './keyed-records.ts';

export const secondFactor = z.strictObject({
  human: z.string(),
  /** The shared secret, sealed under the vault's master key. */
  sealed: z.string(),
  createdAt: z.string(),
  /** Absent until the person showed a first code. */
  confirmedAt: z.string().optional(),
  /** Time step of the last accepted code: an older or equal one is used up (RFC 6238 §5.2). */
  lastStep: z.int(),
});
export type SecondFactor = Readonly<z.infer<typeof secondFactor>>;

/** RFC 6238 §4: 30 s steps, SHA-1, 6 digits, as every authenticator app has them; §5.2: one step of drift each way. */
const STEP_MS = 30_000;
const DRIFT = 1;
const SECRET_BYTES = 20;

export interface SecondFactors {
  isEnrolled(human: string): Promise<boolean>;
  /** A new secret, and the URI for an authenticator app. It counts once `confirm` saw a code. Refused when there is one. */
  begin(human: string): Promise<{ readonly secret: string; readonly uri: string }>;
  confirm(human: string, code: string): Promise<boolean>;
  /** Whether the code is that person's, now, and was not used before. */
  verify(human: string, code: string): Promise<boolean>;
  /** As if there had never been one. */
  forget(human: string): Promise<void>;
}

export interface SecondFactorDeps {
  readonly factors: KeyedRecords<SecondFactor>;
  readonly clock: Clock;
  /** Encrypt and decrypt a text for one person. */
  readonly seal: (human: string, plain: string) => string;
  readonly open: (human: string, sealed: string) => string;
}

/** The code that is right at a time: what the person's device shows. `nowMs` in epoch milliseconds. */
export const currentCode = (secret: string, nowMs: number): string => totp('', secret).generate({ timestamp: nowMs });

const totp = (human: string, secret: string): TOTP =>
  new TOTP({ issuer: 'Wayleave', label: human, secret: Secret.fromBase32(secret), period: STEP_MS / 1000 });

export function createSecondFactors(deps: SecondFactorDeps): SecondFactors {
  /** Uses the code up, or answers false and changes nothing. */
  async function use(human: string, code: string, accepts: (factor: SecondFactor) => boolean): Promise<boolean> {
    const known = await deps.factors.get(human);
    if (known === undefined || !accepts(known) || !/^\d{6}$/.test(code)) return false;
    const now = deps.clock.now();
    const generator = totp(human, deps.open(human, known.sealed));
    const delta = generator.validate({ token: code, timestamp: now, window: DRIFT });
    if (delta === null) return false;
    const step = Math.floor(now / STEP_MS) + delta;
    let used = false;
    await deps.factors.update(human, (before) => {
      if (before === undefined || before.sealed !== known.sealed || before.lastStep >= step) return before ?? known;
      used = true;
      return { ...before, lastStep: step, confirmedAt: before.confirmedAt ?? new Date(now).toISOString() };
    });
    return used;
  }

  return {
    isEnrolled: async (human) => (await deps.factors.get(human))?.confirmedAt !== undefined,
    async begin(human) {
      const secret = new Secret({ size: SECRET_BYTES }).base32;
      await deps.factors.update(human, (before) => {
        if (before?.confirmedAt !== undefined) throw new WayleaveError('CONFLICT', 'There is a second factor already.');
        const createdAt = new Date(deps.clock.now()).toISOString();
        return { human, sealed: deps.seal(human, secret), createdAt, lastStep: 0 };
      });
      return { secret, uri: totp(human, secret).toString() };
    },
    confirm: (human, code) => use(human, code, ({ confirmedAt }) => confirmedAt === undefined),
    verify: (human, code) => use(human, code, ({ confirmedAt }) => confirmedAt !== undefined),
    async forget(human) {
      if ((await deps.factors.get(human)) === undefined) return;
      // A secret that nobody ever saw, and that counts for nothing until its first code.
      const sealed = deps.seal(human, new Secret({ size: SECRET_BYTES }).base32);
      const createdAt = new Date(deps.clock.now()).toISOString();
      await deps.factors.update(human, () => ({ human, sealed, createdAt, lastStep: 0 }));
    },
  };
}

/** Whether somebody has a second factor of any kind. */
export const anyFactor = (
  ...kinds: readonly Pick<SecondFactors, 'isEnrolled'>[]
): Pick<SecondFactors, 'isEnrolled'> => ({
  async isEnrolled(human) {
    for (const kind of kinds) if (await kind.isEnrolled(human)) return true;
    return false;
  },
});
