/** Grants and emergencies in a running installation: what people give, use, end and review, over HTTP and through a restart. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { descriptionOf, openStage, type Person, type Stage, verifyAudit } from './fixture.ts';

let stage: Stage;
const people = new Map<string, Person>();
const person = (name: string): Person => {
  const found = people.get(name);
  if (found === undefined) throw new Error(`${name} is not logged in`);
  return found;
};
async function signIn(): Promise<void> {
  for (const name of ['operator', 'admin', 'deputy', 'auditor', 'oncall'])
    people.set(name, await stage.signIn(`${name}@acme`));
}
beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:s' });
  await signIn();
});
afterAll(() => stage.close());

const describePort = (who: string, description: string, more: object = {}) =>
  person(who).call('wan', 'interface.set-description', {
    target: { devices: ['br1_edge'] },
    input: { interface: 'ge0/2', description },
    purpose: 'chat:exceptions',
    ...more,
  });

it('a grant lets somebody propose what he may not, outlives a restart, and ends when it is ended', async () => {
  await expect(describePort('auditor', 'by grant')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const wanted = {
    human: 'auditor@acme',
    tools: ['interface.set-description'],
    devices: ['br1_edge'],
    reason: 'stands in tonight',
    seconds: 3600,
  };
  await expect(person('auditor').desk.giveGrant({ ...wanted, human: 'operator@acme' })).rejects.toMatchObject({
    code: 'DENIED',
  });
  const grant = await person('admin').desk.giveGrant(wanted);
  await stage.killBroker();
  await stage.restartBroker();
  await signIn();
  const intent = { intent: 'int_grantgrant' };
  const answer = await describePort('auditor', 'by grant', intent);
  if (answer.status !== 'pending') throw new Error('a change waits for approval');
  expect(answer.summary.decision.policies).toContain(grant.id);
  await person('deputy').desk.approve(answer.approval, 'looks right');
  expect(await describePort('auditor', 'by grant', intent)).toMatchObject({ receipt: { outcome: 'succeeded' } });
  expect(await descriptionOf(stage, 'acme', 'br1_edge', 'ge0/2')).toBe('by grant');
  await person('deputy').desk.endGrant(grant.id);
  await expect(describePort('auditor', 'no more')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('an emergency needs nobody’s yes, and is reviewed by somebody else', async () => {
  const opened = await person('operator').call('inventory', 'incident.open', {
    input: { title: 'branch 1 down', severity: 'critical', resources: [], evidence: [] },
    purpose: 'chat:exceptions',
  });
  expect(opened.status).toBe('done');
  const incident = (await person('operator').desk.incidents())[0]?.id ?? '';
  const wanted = { incident, devices: ['br1_edge'], reason: 'nobody answers', seconds: 600 };
  await expect(person('admin').desk.breakGlass(wanted)).rejects.toMatchObject({ code: 'DENIED' });
  const glass = await person('oncall').desk.breakGlass(wanted);
  const done = await describePort('oncall', 'in an emergency', { purpose: incident });
  expect(done).toMatchObject({ status: 'done', receipt: { outcome: 'succeeded', approvals: [] } });
  expect(await descriptionOf(stage, 'acme', 'br1_edge', 'ge0/2')).toBe('in an emergency');
  const seen = await person('auditor').desk.breakGlasses();
  expect(seen).toMatchObject([{ id: glass.id, human: 'oncall@acme', uses: [expect.stringMatching(/^int_/)] }]);
  const verdict = { verdict: 'justified', reason: 'the branch was down' } as const;
  await expect(person('oncall').desk.reviewBreakGlass(glass.id, verdict)).rejects.toMatchObject({ code: 'DENIED' });
  await person('admin').desk.reviewBreakGlass(glass.id, verdict);
  expect(await describePort('oncall', 'after the review', { purpose: incident })).toMatchObject({ status: 'pending' });
  const kinds = (await person('auditor').desk.auditEntries(0, 1000)).map(({ kind }) => kind);
  for (const kind of ['grant.given', 'grant.ended', 'break-glass.opened', 'break-glass.reviewed'])
    expect(kinds).toContain(kind);
  await verifyAudit(stage, person('admin'));
});
