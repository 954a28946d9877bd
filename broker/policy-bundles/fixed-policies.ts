/** Policies that are given and never change, for a broker that plays and does not serve: nothing is proposed, nothing activated. */
import { WayleaveError } from '../errors.ts';
import type { ActivePolicies } from './active-policies.ts';
import type { PolicyDesk } from './policy-desk.ts';
import type { WhatIf } from './what-if.ts';

export interface FixedPolicies {
  readonly policies: Pick<ActivePolicies, 'inForce' | 'problem' | 'revision' | 'refresh'>;
  readonly policyDesk: PolicyDesk;
  readonly whatIf: WhatIf;
}

const refuse = (): Promise<never> =>
  Promise.reject(new WayleaveError('NOT_FOUND', 'The policies of this broker are fixed.'));

export const fixPolicies = (revision: () => string): FixedPolicies => ({
  policies: { inForce: () => undefined, problem: () => undefined, revision, refresh: async () => undefined },
  policyDesk: {
    bundles: async () => [],
    ...{ bundle: refuse, sign: refuse, propose: refuse, activate: refuse, rollback: refuse, setMode: refuse },
    ...{ retireKey: refuse, rotateKeys: refuse },
  },
  whatIf: { matrix: refuse, explain: refuse },
});
