/** Step-up (RFC 9470): what needs a second factor that was proven a few minutes ago, and how its absence is said. */
import type { Obligation, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';

/** How long a proven second factor counts, in seconds (`max_age` of RFC 9470 §3). */
export const STEP_UP_SECONDS = 300;

/** Authentication context classes: a password, or a password and a second factor. */
export const ACR_PASSWORD = 'urn:wayleave:acr:password';
export const ACR_SECOND_FACTOR = 'urn:wayleave:acr:second-factor';

export type ShownFactor = 'code' | 'passkey';
/** Methods in a token's `amr` (RFC 8176 §2; `pop`, a key that was proven, as OpenID EAP ACR Values 1.0 §5 has it). */
export const AMR_OF: Readonly<Record<ShownFactor, readonly string[]>> = {
  code: ['otp', 'mfa'],
  passkey: ['pop', 'user', 'mfa'],
};

/** `nowMs` in epoch milliseconds. A proof from the future is none. */
export function isSteppedUp(subject: Pick<Subject, 'steppedUpAt'>, nowMs: number): boolean {
  if (subject.steppedUpAt === undefined) return false;
  const age = nowMs - Date.parse(subject.steppedUpAt);
  return age >= 0 && age <= STEP_UP_SECONDS * 1000;
}

/** Throws `STEP_UP_REQUIRED` when the obligations ask for a fresh second factor and the login has none. */
export function demandStepUp(subject: Subject, obligations: readonly Obligation[], nowMs: number): void {
  if (obligations.some(({ kind }) => kind === 'step-up') && !isSteppedUp(subject, nowMs))
    throw new WayleaveError('STEP_UP_REQUIRED');
}

/** RFC 9470 §3: the challenge of a 401 that a client answers by a new authorization with these parameters. */
export const stepUpChallenge = (scheme: 'DPoP' | 'Bearer', metadataUrl: string): string =>
  `${scheme} error="insufficient_user_authentication", error_description="A second factor is needed, proven within ${STEP_UP_SECONDS} s", acr_values="${ACR_SECOND_FACTOR}", max_age="${STEP_UP_SECONDS}", resource_metadata="${metadataUrl}"`;

/** Who has a second factor needs it, fresh, for what changes who may do what. */
export async function demandSecondFactor(
  factors: { isEnrolled(human: string): Promise<boolean> },
  subject: Subject,
  nowMs: number,
): Promise<void> {
  if ((await factors.isEnrolled(subject.human)) && !isSteppedUp(subject, nowMs))
    throw new WayleaveError('STEP_UP_REQUIRED');
}
