/** A desk without policies of its own: what decides is given by the test. */
import type { DeskDeps } from '../../../broker/desk.ts';
import type { PolicyDesk } from '../../../broker/policy-bundles/policy-desk.ts';

const unexpected = (): never => {
  throw new Error('no bundle was expected');
};

export const NO_POLICIES: Pick<DeskDeps, 'policies' | 'policyDesk'> = {
  policies: {
    inForce: () => undefined,
    problem: () => undefined,
    revision: () => 'r',
    refresh: async () => undefined,
  },
  policyDesk: new Proxy({}, { get: () => unexpected }) as PolicyDesk,
};
