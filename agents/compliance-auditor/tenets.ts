/** The seven tenets of zero trust, NIST SP 800-207 §2.1, in a few words each. */
export const TENETS: { readonly [tenet: number]: string } = {
  1: 'everything is a resource',
  2: 'all communication is secured',
  3: 'access is granted for each session, with least privilege',
  4: 'access is decided by dynamic policy',
  5: 'the integrity of all assets is watched',
  6: 'who asks is proven before every access',
  7: 'what happens is recorded, and used to get better',
};

/** `[NIST SP 800-207 tenet 3: …]` */
export const citeTenet = (tenet: number): string => `[NIST SP 800-207 tenet ${tenet}: ${TENETS[tenet] ?? ''}]`;
