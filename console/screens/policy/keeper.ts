/** Who may change policies: why this person may not, if so. The broker decides; this only says it beforehand. */
import { useAnswer } from '../../api/use-answer.ts';
import { TEXT } from '../../text.ts';

/** docs/policies.md: bundles decide for every tenant, so that they are the provider's. */
const KEEPER = 'provider-admin';

export function useKeeperObstacle(): string | undefined {
  const { data: me } = useAnswer('/api/identity/me');
  return me === undefined || me.roles.includes(KEEPER) ? undefined : TEXT.policy.needsKeeper(KEEPER);
}
