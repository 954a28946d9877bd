/** Catalogues of others: what makes no sense is refused by the name of the incident, and is not played as something else. */
import { expect, it } from 'vitest';
import { catalogueCases } from '../../../scenarios/replay/catalogue-cases.ts';

const setting = { size: 'm', network: 'refnet:m', seed: 1, baselines: false, wire: false, leaveOut: false };
const incident = (id: string, type: string, causes: readonly string[] = []) => ({
  ...{ id, title: id, domain: 'x', severity: 'x', fault_type: type, min_size: 's' },
  root_causes: causes.map((resource) => ({ resource, fault_type: type })),
  accept_equivalent: [],
  neutral_pairs: [],
});
const cases = (...incidents: readonly ReturnType<typeof incident>[]) =>
  catalogueCases({ fault_types: [], incidents: [...incidents] }, 'mine.json', [], [setting]);

it('refuses what would be played as something else', () => {
  expect(() => cases(incident('A1', 'gremlins', ['node/br1_edge']))).toThrowError(
    /A1: there is no fault type gremlins/,
  );
  expect(() => cases(incident('A1', 'link_down'))).toThrowError(
    /A1: link_down is a fault, and no root cause says where/,
  );
  expect(() => cases(incident('A1', 'healthy'), incident('A1', 'healthy'))).toThrowError(/two incidents are called A1/);
});

it('takes conditions without a place, and asks the agents of everything', () => {
  const [healthy, planned, broken] = cases(
    incident('A1', 'healthy'),
    incident('A2', 'planned_maintenance'),
    incident('A3', 'link_down', ['interface/br1_edge/ge0/0']),
  );
  expect(healthy).toMatchObject({ faults: [], through: 'chat', expect: { verdicts: ['healthy'], causes: [] } });
  expect(planned).toMatchObject({ condition: 'planned_maintenance', expect: { verdicts: ['planned'] } });
  expect(broken?.expect.causes).toEqual([{ resource: 'interface/br1_edge/ge0/0', fault_type: 'link_down' }]);
});
