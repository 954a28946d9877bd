/** Passkeys: second factors that a browser proves with a key of the person's device, for this broker's origin only (WebAuthn Level 3). */
import { createHash } from 'node:crypto';
import type { WebAuthnCredential } from '@simplewebauthn/server';
import { WayleaveError } from '../errors.ts';
import type { Clock, Ids } from '../ports.ts';
import { assertionForm, registrationForm } from './passkey-forms.ts';
import type { KeptPasskey, PasskeyStore } from './passkey-store.ts';

/** What a person sees of a passkey. */
export type PasskeyView = Pick<KeptPasskey, 'id' | 'name' | 'createdAt' | 'usedAt'>;

/** For `navigator.credentials`, in the JSON of WebAuthn Level 3 §5.1.8. */
export type PasskeyOptions = object;

/** Who is asked: a person, for one login or one session. A challenge answers there and once. */
export interface PasskeyAsked {
  readonly human: string;
  /** Id of the login interaction or session. */
  readonly place: string;
}

export interface Passkeys {
  /** Where a browser can use them; undefined when the broker has no name of its own (WebAuthn knows no addresses). */
  readonly origin: string | undefined;
  isEnrolled(human: string): Promise<boolean>;
  list(human: string): Promise<readonly PasskeyView[]>;
  /** Options for `navigator.credentials.create`. Errors: `UNAVAILABLE` without an origin, `LIMITED` at ten passkeys. */
  beginRegistration(asked: PasskeyAsked): Promise<PasskeyOptions>;
  /** Errors: `USAGE` (form), `DENIED` (not an answer to the challenge of this place, or not verified by its device). */
  register(asked: PasskeyAsked, name: string, response: unknown): Promise<PasskeyView>;
  /** Options for `navigator.credentials.get`; they name nobody. */
  beginAssertion(place: string): Promise<PasskeyOptions>;
  /** Whether one of that person's passkeys answered the challenge of this place, just now. */
  verify(asked: PasskeyAsked, response: unknown): Promise<boolean>;
  /** Errors: `NOT_FOUND`. */
  remove(human: string, id: string): Promise<void>;
  /** Removes all of them. */
  forget(human: string): Promise<void>;
}

export interface PasskeyDeps {
  readonly store: PasskeyStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly origin: string | undefined;
}

/** A person has a few devices; a challenge lives as long as somebody needs to find one. */
const MAX_PASSKEYS = 10;
const CHALLENGE_MS = 300_000;
/** Challenges that wait at once; beyond it the oldest are forgotten. */
const MAX_CHALLENGES = 10_000;

/** Loaded with the first passkey: parsers of certificates and CBOR are nothing that a start should wait for. */
const library = () => import('@simplewebauthn/server');

export function createPasskeys(deps: PasskeyDeps): Passkeys {
  const challenges = new Map<string, { readonly challenge: string; readonly until: number }>();
  const rp = deps.origin === undefined ? undefined : { origin: deps.origin, id: new URL(deps.origin).hostname };

  function newChallenge(place: string): Buffer<ArrayBuffer> {
    const challenge = Buffer.from(`${deps.ids.id('chl')}${deps.ids.id('chl')}`); // at least 16 random bytes: §13.4.3
    if (challenges.size >= MAX_CHALLENGES) challenges.delete([...challenges.keys()][0] ?? '');
    challenges.delete(place);
    challenges.set(place, { challenge: challenge.toString('base64url'), until: deps.clock.now() + CHALLENGE_MS });
    return challenge;
  }

  /** Taken whatever comes of it: an answer is looked at once. */
  function takeChallenge(place: string): string | undefined {
    const found = challenges.get(place);
    challenges.delete(place);
    return found === undefined || found.until <= deps.clock.now() ? undefined : found.challenge;
  }

  function demandOrigin(): { readonly origin: string; readonly id: string } {
    if (rp !== undefined) return rp;
    throw new WayleaveError(
      'UNAVAILABLE',
      'Passkeys cannot be used here: the broker holds no name that a browser accepts for them (docs/security.md).',
    );
  }

  return {
    origin: deps.origin,
    isEnrolled: deps.store.isEnrolled,
    list: async (human) => (await deps.store.read(human)).map(view),

    async beginRegistration({ human, place }) {
      const { id } = demandOrigin();
      const known = await deps.store.read(human);
      if (known.length >= MAX_PASSKEYS)
        throw new WayleaveError('LIMITED', `You have ${MAX_PASSKEYS} passkeys already.`);
      return (await library()).generateRegistrationOptions({
        rpName: 'Wayleave',
        rpID: id,
        userName: human,
        userID: createHash('sha256').update(human).digest(), // §5.4.3: at most 64 bytes, and nobody's name
        challenge: newChallenge(`register ${place}`),
        timeout: CHALLENGE_MS,
        attestationType: 'none',
        excludeCredentials: known.map((one) => ({ id: one.id })),
        // Found by the device without a name, so that the login page tells nobody who has one; and opened by its owner.
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
    },

    async register({ human, place }, name, response) {
      const { origin, id } = demandOrigin();
      const expectedChallenge = takeChallenge(`register ${place}`);
      const parsed = registrationForm.safeParse(response);
      if (!parsed.success) throw new WayleaveError('USAGE', 'That is no answer of a browser to a registration.');
      if (expectedChallenge === undefined) throw refused();
      const { verifyRegistrationResponse } = await library();
      const verified = await verifyRegistrationResponse({
        response: parsed.data,
        expectedChallenge,
        expectedOrigin: origin,
        expectedRPID: id,
        requireUserVerification: true,
      }).catch(() => undefined);
      if (verified?.verified !== true) throw refused();
      const { credential } = verified.registrationInfo;
      const made: KeptPasskey = {
        id: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        name,
        createdAt: new Date(deps.clock.now()).toISOString(),
      };
      await deps.store.change(human, (before) => {
        if (before.some((one) => one.id === made.id))
          throw new WayleaveError('CONFLICT', 'You have that passkey already.');
        return [...before, made];
      });
      return view(made);
    },

    async beginAssertion(place) {
      const { id } = demandOrigin();
      const challenge = newChallenge(`assert ${place}`);
      const { generateAuthenticationOptions } = await library();
      return generateAuthenticationOptions({
        rpID: id,
        challenge,
        timeout: CHALLENGE_MS,
        userVerification: 'required',
      });
    },

    async verify({ human, place }, response) {
      const expectedChallenge = takeChallenge(`assert ${place}`);
      const parsed = assertionForm.safeParse(response);
      if (rp === undefined || expectedChallenge === undefined || !parsed.success) return false;
      const known = (await deps.store.read(human)).find(({ id }) => id === parsed.data.id);
      if (known === undefined) return false;
      const { verifyAuthenticationResponse } = await library();
      const verified = await verifyAuthenticationResponse({
        response: parsed.data,
        expectedChallenge,
        expectedOrigin: rp.origin,
        expectedRPID: rp.id,
        credential: credentialOf(known),
        requireUserVerification: true,
      }).catch(() => undefined); // every doubt throws there, also a counter that did not grow
      if (verified?.verified !== true) return false;
      const { newCounter } = verified.authenticationInfo;
      let counted = false;
      await deps.store.change(human, (before) =>
        before.map((one) => {
          // §6.1.1: a counter that stands still is a copy of the key; another answer may have been counted meanwhile.
          if (one.id !== known.id || (newCounter !== 0 && one.counter >= newCounter)) return one;
          counted = true;
          return { ...one, counter: newCounter, usedAt: new Date(deps.clock.now()).toISOString() };
        }),
      );
      return counted;
    },

    async forget(human) {
      if (await deps.store.isEnrolled(human)) await deps.store.change(human, () => []);
    },

    async remove(human, id) {
      if (!(await deps.store.read(human)).some((one) => one.id === id)) throw new WayleaveError('NOT_FOUND');
      await deps.store.change(human, (before) => before.filter((one) => one.id !== id));
    },
  };
}

const refused = (): WayleaveError =>
  new WayleaveError('DENIED', 'The passkey does not answer what was asked here. Begin again.');

const view = ({ id, name, createdAt, usedAt }: KeptPasskey): PasskeyView => ({
  ...{ id, name, createdAt },
  ...(usedAt === undefined ? {} : { usedAt }),
});

const credentialOf = ({ id, publicKey, counter }: KeptPasskey): WebAuthnCredential => ({
  id,
  publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
  counter,
});
