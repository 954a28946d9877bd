/** What a browser answers when a passkey was made or used (WebAuthn Level 3 §5.1): parsed under limits before any library sees it. */
import { z } from 'zod';

const bytes = (longest: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(longest);
/** §5.8.3: at most 1023 bytes, in base64url. */
const credentialId = bytes(1364);

/** Fields that decide nothing (transports, extensions, how the key is attached) are dropped. */
const credential = z.object({ id: credentialId, rawId: credentialId, type: z.literal('public-key') });

/** `PublicKeyCredential.toJSON()` after `navigator.credentials.create`. */
export const registrationForm = credential
  .extend({ response: z.object({ clientDataJSON: bytes(4096), attestationObject: bytes(16_384) }) })
  .transform((parsed) => ({ ...parsed, clientExtensionResults: {} }));

/** The same after `navigator.credentials.get`. */
export const assertionForm = credential
  .extend({
    response: z.object({ clientDataJSON: bytes(4096), authenticatorData: bytes(4096), signature: bytes(2048) }),
  })
  .transform((parsed) => ({ ...parsed, clientExtensionResults: {} }));
