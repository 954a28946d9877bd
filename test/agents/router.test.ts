/** The router understands people, asks back when it must, and never guesses a place. */
import { describe, expect, it } from 'vitest';
import { editDistance, findNearest } from '../../agents/router/edit-distance.ts';
import { parseChange } from '../../agents/router/parse-change.ts';
import { splitQuestions } from '../../agents/router/parse-intent.ts';
import { planTasks } from '../../agents/router/plan-tasks.ts';
import { resolveEntities } from '../../agents/router/resolve-entities.ts';
import { describeTopology } from '../../scenarios/codebook.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';

const inventory = describeTopology(refnet({ tenant: 'acme', branches: 4, seed: 1, tenantIndex: 0 }));
const plan = (text: string) => planTasks(text, inventory, 1);

describe('phrasings', () => {
  const br2 = ['br2_edge'];
  const br4 = ['br4_edge', 'br4_edge_b'];
  it.each<[string, string, readonly string[]]>([
    ["Why can't branch 2 reach the ERP?", 'diagnose', br2],
    ['why can’t branch 2 reach the ERP', 'diagnose', br2],
    ['why is br2 down', 'diagnose', br2],
    ['br2_edge is unreachable', 'diagnose', br2],
    ['troubleshoot br2', 'diagnose', br2],
    ['diagnose branch two', 'diagnose', br2],
    ['Brnach 2 cannot connect to the data centre', 'diagnose', br2],
    ['barnch 2 is not working', 'diagnose', br2],
    ['br2_egde has problems', 'diagnose', br2],
    ['BR-2 lost its MPLS', 'diagnose', br2],
    ['site 2 offline', 'diagnose', br2],
    ['site #2 offline', 'diagnose', br2],
    ['office 2 went dark', 'diagnose', br2],
    ['users at branch 2 have no connectivity', 'diagnose', br2],
    ['What is wrong with br2?', 'diagnose', br2],
    ['how is branch 2?', 'diagnose', br2],
    ['status of br2', 'diagnose', br2],
    ['is br2 healthy', 'diagnose', br2],
    ['br2?', 'diagnose', br2],
    ['branch 4 is dead', 'diagnose', br4],
    ['investigate br4_edge_b', 'diagnose', ['br4_edge_b']],
    ['why are branches 1 and 3 down', 'diagnose', ['br1_edge', 'br3_edge']],
    ['why is the data center unreachable', 'diagnose', ['hub1_edge']],
    ['why is the data centre unreachable', 'diagnose', ['hub1_edge']],
    ['is the hub ok?', 'diagnose', ['hub1_edge']],
    ['hub 2 has a problem', 'diagnose', ['hub2_edge']],
    ['check both hubs', 'diagnose', ['hub1_edge', 'hub2_edge']],
    ['the backup hub is broken', 'diagnose', ['hub2_edge']],
    ['br2_corp_pc1 cannot reach the erp', 'diagnose', br2],
    ['Something is broken', 'diagnose', []],
    ['Is everything healthy?', 'sweep', []],
    ['health check of all branches', 'sweep', []],
    ['overview please', 'sweep', []],
    ['is the network up', 'sweep', []],
    ['any config drift?', 'drift', []],
    ['is br2 compliant', 'drift', br2],
    ['audit the configuration of branch 2', 'drift', br2],
    ['anything suspicious going on?', 'watch', []],
    ['who changed br2?', 'watch', br2],
    ['unauthorised commits?', 'watch', []],
    ['why so slow? no: how is the quality of the paths', 'experience', []],
    ['is latency ok at branch 2', 'experience', br2],
    ['list devices', 'say', []],
    ['which sites do you know', 'say', []],
    ['list incidents', 'list', []],
    ['help', 'say', []],
    ['what can you do', 'say', []],
    ['set the AS of br2 to 65002', 'change', br2],
    ['remove entry e90 from acl-lan-in on branch 2', 'change', br2],
    ['shut down ge0/1 on br2', 'change', br2],
  ])('%s', (text, kind, devices) => {
    const task = plan(text).at(-1);
    expect([task?.kind, task?.devices]).toEqual([kind, devices]);
  });
});

describe('places that are not there', () => {
  it.each(['why is branch 9 down', 'why is br9_edge down', 'is site 77 ok', 'status of hub 5'])('%s', (text) => {
    const [task] = plan(text);
    expect(task?.kind).toBe('say');
    expect(task?.detail).toContain('I do not know');
    expect(task?.detail).toContain('br1, br2, br3, br4');
  });
  it('are the same as devices of another tenant', () => {
    const other = describeTopology(refnet({ tenant: 'globex', branches: 2, seed: 1, tenantIndex: 1 }));
    expect(planTasks('why is branch 3 down', other, 1)[0]?.detail).toContain('I do not know br3');
  });
});

it('asks back when a word could mean several places', () => {
  expect(plan('why is the branch down')[0]?.detail).toBe('Which one do you mean by "branch": br1, br2, br3, br4?');
  const one = describeTopology(refnet({ tenant: 'one', branches: 1, seed: 1, tenantIndex: 0 }));
  expect(planTasks('why is the branch down', one, 1)[0]?.devices).toEqual(['br1_edge']);
  // One slip away from four devices, but a number is not a slip.
  expect(resolveEntities('br5_edge is down', inventory).unknown).toEqual(['br5_edge']);
});

it('takes several questions one after the other', () => {
  expect(splitQuestions('Why is br1 down? And is br2 ok?')).toEqual(['Why is br1 down', 'is br2 ok']);
  expect(plan('Why is br1 down and is everything compliant?').map(({ kind }) => kind)).toEqual(['diagnose', 'drift']);
  expect(plan('a?b?c d?e f?g h?ij?kl?mn?op?qr?st?').length).toBeLessThanOrEqual(5);
});

it('finds the application that is named', () => {
  expect(plan('br2 cannot reach the ERP')[0]?.service).toBe('erp');
  expect(plan('br2 cannot resolve dns')[0]?.service).toBe('dns');
});

it('knows colours', () => {
  expect(resolveEntities('is the broadband or LTE of br3 down', inventory).colors).toEqual(['biz-internet', 'lte']);
});

it('proposes only changes that say exactly what', () => {
  expect(parseChange('set description of ge0/0 to "hello"', ['br2_edge'])?.input).toEqual({
    interface: 'ge0/0',
    description: 'hello',
  });
  expect(parseChange('enable ge0/1', ['br2_edge'])?.input).toEqual({ interface: 'ge0/1', enabled: true });
  expect(parseChange('shut ge0/1', ['br1_edge', 'br2_edge'])).toBeUndefined();
  expect(plan('reboot br2')[0]?.kind).toBe('say');
});

it('counts typing slips', () => {
  expect(editDistance('branch', 'brnach')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(findNearest('br1x', ['br1', 'br2'], 1)).toEqual(['br1']);
  expect(findNearest('br', ['br1', 'br2'], 1)).toEqual(['br1', 'br2']);
});
