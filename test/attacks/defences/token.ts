/** Defences of the verification of credentials. */
import type { Defence } from './defence.ts';

const JWS = 'protocols/oauth/compact-jws.ts';
const CLAIMS = 'protocols/oauth/access-token.ts';
const VERIFY = 'protocols/oauth/verify-credential.ts';

export const TOKEN_DEFENCES = {
  'token-signature': {
    what: 'ES256 and nothing else, verified with the key of the exact kid',
    without: [
      {
        file: JWS,
        find: "if (header['alg'] !== 'ES256') throw new TokenRefused('algorithm is not ES256');",
        replace: '',
      },
      { file: JWS, find: "if (signature.length !== 64) throw new TokenRefused('signature length');", replace: '' },
      {
        file: JWS,
        find: 'const signature = decodePart(tail);',
        replace: "const signature = Buffer.from(tail, 'base64url');",
      },
      {
        file: VERIFY,
        find: "if (!signatureHolds(jws, key)) throw new TokenRefused('signature');",
        replace: '',
      },
      {
        file: VERIFY,
        find: "if (key === undefined) throw new TokenRefused('unknown key');",
        replace: 'if (key === undefined) return claims;',
      },
    ],
  },
  'known-key': {
    what: 'a token is verified with the key that its kid names exactly, and no other',
    without: [
      { file: VERIFY, find: "if (key === undefined) throw new TokenRefused('unknown key');", replace: '' },
      {
        file: VERIFY,
        find: 'if (!signatureHolds(jws, key))',
        replace: 'if (key !== undefined && !signatureHolds(jws, key))',
      },
    ],
  },
  'critical-header': {
    what: 'a header that must be understood is refused, since none is',
    without: [
      {
        file: JWS,
        find: "if ('crit' in header || 'b64' in header) throw new TokenRefused('critical header');",
        replace: '',
      },
    ],
  },
  'one-spelling': {
    what: 'base64url in exactly one spelling: no padding, no other letters, no stray bits',
    without: [
      { file: JWS, find: "if (!/^[A-Za-z0-9_-]+$/.test(part)) throw new TokenRefused('not base64url');", replace: '' },
      {
        file: JWS,
        find: "if (bytes.toString('base64url') !== part) throw new TokenRefused('not canonical base64url');",
        replace: '',
      },
    ],
  },
  'strict-json': {
    what: 'a name that is given twice is refused before anything reads the value',
    without: [
      {
        file: 'protocols/oauth/strict-json.ts',
        find: "if (known?.has(decoded)) throw new JsonRefused('duplicate name');",
        replace: '',
      },
    ],
  },
  'claims-schema': {
    what: 'claims are read through a schema of plain types, without coercion',
    without: [
      {
        file: CLAIMS,
        find: "if (!parsed.success) throw new TokenRefused('claims');\n  return parsed.data;",
        replace: 'return jws.payload as never;',
      },
    ],
  },
  'token-life': {
    what: 'a token lives no longer than minutes',
    without: [
      {
        file: CLAIMS,
        find: "if (claims.exp - claims.iat > longest) throw new TokenRefused('lives too long');",
        replace: 'void longest;',
      },
    ],
  },
  'token-times': {
    what: 'begin, end and time of issue are compared with the clock, with 5 s of skew',
    without: [
      {
        file: CLAIMS,
        find: "if (now >= claims.exp + CLOCK_SKEW_SECONDS) throw new TokenRefused('expired');",
        replace: '',
      },
      {
        file: CLAIMS,
        find: "if (claims.iat > now + CLOCK_SKEW_SECONDS) throw new TokenRefused('issued in the future');",
        replace: '',
      },
      {
        file: CLAIMS,
        find: "if (claims.nbf !== undefined && claims.nbf > now + CLOCK_SKEW_SECONDS) throw new TokenRefused('not yet valid');",
        replace: '',
      },
    ],
  },
  'token-audience': {
    what: 'a token is good for one audience',
    without: [{ file: CLAIMS, find: "if (claims.aud !== audience) throw new TokenRefused('audience');", replace: '' }],
  },
  'token-issuer': {
    what: 'a token says that it is from the one issuer whose keys verify it',
    without: [{ file: CLAIMS, find: "if (claims.iss !== issuer) throw new TokenRefused('issuer');", replace: '' }],
  },
  'token-type': {
    what: 'only what says that it is an access token is one (RFC 9068 §4)',
    without: [
      { file: CLAIMS, find: "if (jws.header['typ'] !== 'at+jwt') throw new TokenRefused('type');", replace: '' },
    ],
  },
  'token-size': {
    what: 'a token of more than 8 kB is not looked at',
    without: [
      { file: JWS, find: "if (text.length > maxLength) throw new TokenRefused('too long');", replace: '' },
      { file: VERIFY, find: "if (token.length > MAX_TOKEN_LENGTH) throw new TokenRefused('too long');", replace: '' },
      {
        file: 'broker/http/request.ts',
        find: "if (authorization.length > MAX_FIELD + 16) throw new AuthenticationFailure('a token that is too long');",
        replace: '',
      },
    ],
  },
  'token-cache-key': {
    what: 'a verified token is known by the digest of all of it',
    without: [
      {
        file: VERIFY,
        find: "hash('sha256', token, 'base64url')",
        replace: "hash('sha256', token.split('.')[0] ?? '', 'base64url')",
      },
    ],
  },
  'session-alive': {
    what: 'the session of a token is looked up at every call',
    without: [
      {
        file: 'broker/identity/people.ts',
        find: "if (session.endedAt !== undefined) throw new TokenRefused('session ended');",
        replace: '',
      },
    ],
  },
  'key-grace': {
    what: 'a key that was retired verifies as long as a token under it can live, and no longer',
    without: [
      {
        file: 'broker/identity/token-keys.ts',
        find: 'find: (kid) => living().find(',
        replace: 'find: (kid) => keys.find(',
      },
    ],
  },
  'clock-never-back': {
    what: 'a clock that is set back does not revive what ended',
    without: [{ file: VERIFY, find: 'const now = neverBack(deps.now);', replace: 'const now = deps.now;' }],
  },
} as const satisfies Readonly<Record<string, Defence>>;
