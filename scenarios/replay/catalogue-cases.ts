/** Cases from a file in the form of the incident catalogue: its root causes strike after a quiet lead-in, and it says what is a right answer. */
import { WayleaveError } from '../../broker/errors.ts';
import type { Catalogue } from '../catalogue.ts';
import type { CaseFault, Pair, ReplayCase, Verdict } from './case.ts';
import { familiesOf } from './families.ts';
import { ASKS, chooseOnset, isCondition, type Setting } from './plan.ts';

type Incident = Catalogue['incidents'][number];

/** Asked of every incident: it gives neither place nor cause away. */
export const OPEN_QUESTION = 'what is wrong with the network?';

/** Verdicts that a condition may have: work that people planned is called so, all else is how things are. */
const CALM: Readonly<Record<string, readonly Verdict[]>> = {
  healthy: ['healthy'],
  planned_maintenance: ['planned'],
  planned_change: ['planned', 'healthy'],
};

/** Throws `SCENARIO_INVALID` for an unknown type, a fault without a place, and a name that two have. */
export function catalogueCases(
  { incidents }: Catalogue,
  label: string,
  ids: readonly string[],
  settings: readonly Setting[],
): readonly ReplayCase[] {
  const twice = incidents.find(({ id }, at) => incidents.findIndex((one) => one.id === id) < at);
  if (twice !== undefined)
    throw new WayleaveError('SCENARIO_INVALID', `${label}: two incidents are called ${twice.id}.`);
  const chosen = ids.length === 0 ? incidents : incidents.filter(({ id }) => ids.includes(id));
  return settings.flatMap((setting) => chosen.map((incident) => toCase(incident, label, setting)));
}

function toCase(incident: Incident, label: string, setting: Setting): ReplayCase {
  const { size, network, seed } = setting;
  const { id, title, fault_type: type } = incident;
  const where = `${label}: incident ${id}`;
  const pairs = incident.root_causes.map(pairOf);
  const neutral = incident.neutral_pairs.map(pairOf);
  const causes = pairs.filter((one) => !isCondition(one.fault_type, where));
  const conditions = pairs.filter((one) => isCondition(one.fault_type, where));
  // A condition without a place strikes where it fits; `healthy` strikes nowhere.
  if (pairs.length === 0 && !isCondition(type, where))
    throw new WayleaveError('SCENARIO_INVALID', `${where}: ${type} is a fault, and no root cause says where it is.`);
  const placeless = pairs.length === 0 && type !== 'healthy' && isCondition(type, where) ? { condition: type } : {};
  const calm = conditions[0]?.fault_type ?? type;
  const strike = ({ resource, fault_type }: Pair): CaseFault => ({ type: fault_type, resource, after: 0 });
  return {
    ...{ id, title, seed, size, network, ...placeless },
    onset: chooseOnset(id, seed, causes.length === 0),
    needs: [],
    tenants: ['acme'],
    planted: [],
    script: [],
    faults: [...pairs, ...neutral].filter(({ fault_type }) => fault_type !== 'healthy').map(strike),
    question: OPEN_QUESTION,
    asks: [...ASKS],
    repair: 'approve',
    baselines: setting.baselines,
    wire: setting.wire,
    through: setting.leaveOut ? 'engine' : (setting.through ?? 'chat'),
    without: setting.leaveOut ? [...familiesOf(causes.map((one) => one.fault_type))] : [],
    expect: {
      verdicts:
        causes.length > 0 ? ['root-cause', 'not-the-network', 'blind'] : [...(CALM[calm] ?? ['healthy', 'planned'])],
      causes,
      equivalent: [...incident.accept_equivalent],
      neutral,
      repair: 'any',
    },
  };
}

const pairOf = ({ resource, fault_type }: { readonly resource: string; readonly fault_type: string }): Pair => ({
  resource,
  fault_type,
});
