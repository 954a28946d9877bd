/** Steps: a threat shows in the flow records, is held at its edge for a while, and let go again by the broker itself. */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Containment } from '../../../broker/containment/containment.ts';
import type { Evidence } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { TourStory } from '../../../scenarios/story.ts';
import type { Tour, TourStep } from '../tour.ts';
import { resume } from './repair.ts';

/** Regular to the second: people are far below it (activecm/rita). */
const RHYTHM = 0.9;
/** A rhythm is looked for in so much of the network's time. */
const BACK_MS = 900_000;
/** Flow records tell the way that packets took when the minute began in which they ended. */
const MINUTE_MS = 60_000;
/** More a call is not told. */
const LONGEST_MS = 3_600_000;
const LOOK_MS = 500;
const MOST_LOOKS = 240;

const edgeOf = (story: TourStory): string => `br${story.branch}_edge`;

/** What the flow records say of what ended since an instant of the network's clock, read through the broker. */
async function readFlows({ operator, simulators }: Tour, since: (now: number) => number): Promise<readonly Evidence[]> {
  const now = await simulators.now();
  const from = Math.max(since(now), now - LONGEST_MS);
  if (from >= now) return [];
  const answer = await operator.use('flows.read', [], {
    from: new Date(from).toISOString(),
    until: new Date(now).toISOString(),
  });
  return answer.status === 'done' ? answer.evidence : [];
}

/** Looks again and again until something is to be seen; undefined when it never is. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let at = 0; at < MOST_LOOKS; at += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await pause(LOOK_MS);
  }
  return undefined;
}

async function addressOf({ operator }: Tour, story: TourStory): Promise<string> {
  const { topology } = await operator.desk.inventory();
  const name = story.tour.resource.replace(/^host\//, '');
  const host = topology.hosts.find((one) => one.name === name);
  if (host === undefined) throw new WayleaveError('SCENARIO_INVALID', `There is no host ${name}.`);
  return host.address;
}

export const beginThreat = (story: TourStory): TourStep => ({
  name: `${story.id} happens at branch ${story.branch}: ${story.title}`,
  run: async (tour, { tell, check }) => {
    const { tenant, simulators, found } = tour;
    found.before = await simulators.config(tenant, edgeOf(story));
    const address = await addressOf(tour, story);
    const beacons = async (): Promise<Evidence | undefined> =>
      (await readFlows(tour, (now) => now - BACK_MS)).find(
        ({ resource, signal, value }) =>
          signal === 'flow.periodicity' &&
          resource.startsWith(`address/${address} > `) &&
          !resource.includes(' > 10.') && // its own resolver, which it asks before each call
          Number(value) >= RHYTHM,
      );
    check('before it, the host calls nobody like clockwork', (await beacons()) === undefined);
    found.fault = await simulators.inject(tenant, story.fault.type, story.fault.resource);
    tell('A beacon is a few hundred bytes a minute: no threshold of volume sees it. The flow records do, in time:');
    const seen = await until(beacons);
    check('it calls one address like clockwork', seen !== undefined, seen && `${seen.resource} ${String(seen.value)}`);
  },
});

const containmentOf = async ({ admin, found }: Tour): Promise<Containment | undefined> =>
  (await admin.desk.containments()).find(({ intent }) => intent === found.intent);

export const hold = (story: TourStory): TourStep => ({
  name: 'The broker puts it in place as a transaction, and the edge enforces it',
  run: async (tour, narrator) => {
    const { operator, simulators, found } = tour;
    const outcome = await resume(tour, narrator);
    narrator.check('the outcome is succeeded', outcome === 'succeeded', outcome);
    const kept = await containmentOf(tour);
    narrator.check(
      'the end is kept beside it',
      kept?.state === 'active',
      kept && `${kept.id} until ${kept.until}, approved by ${kept.approvedBy.join(', ')}`,
    );
    const { entry = '' } = kept?.traces[0] ?? {};
    const lists = await operator.use('acl.read', [edgeOf(story)], {});
    const shown =
      lists.status === 'done' ? lists.evidence.find(({ value }) => String(value).startsWith(entry)) : undefined;
    narrator.check('the device lists the entry', shown !== undefined, String(shown?.value ?? 'not there'));
    const address = await addressOf(tour, story);
    const enforced = Math.ceil((await simulators.now()) / MINUTE_MS) * MINUTE_MS;
    const dropped = await until(async () => {
      const spread = (await readFlows(tour, () => enforced)).find(
        ({ resource, signal }) => signal === 'flow.spread' && resource === `address/${address}`,
      );
      const [, drops, all] = / (\d+) dropped of (\d+)/.exec(String(spread?.value)) ?? [];
      return drops !== undefined && Number(drops) > 0 && drops === all ? spread : undefined;
    });
    narrator.check('everything that the host sends is dropped', dropped !== undefined, String(dropped?.value ?? ''));
    const erp = await operator.use('probe.tcp', [edgeOf(story)], { vrf: 10, destination: '10.100.20.10', port: 443 });
    const answers = erp.status === 'done' && erp.evidence.some(({ value }) => String(value).endsWith(' ms'));
    narrator.check('the people of the branch reach the ERP as before', answers);
    found.containment = kept?.id ?? '';
  },
});

export const waitForEnd = (story: TourStory): TourStep => ({
  name: 'Its end time comes: the broker takes it back by itself, and proves it',
  run: async (tour, { tell, check }) => {
    const { admin, auditor, simulators, tenant, found } = tour;
    await simulators.clear(found.fault ?? '');
    tell('The camera is replaced. Nobody does anything at the edge.');
    const ended = await until(async () => {
      const now = await admin.desk.containment(found.containment ?? '');
      return now.state === 'ended' ? now : undefined;
    });
    check('the containment has ended', ended !== undefined && ended.endedBy === undefined, ended?.endedAt);
    for (const one of ended?.reversed ?? []) tell(`${one.device}: ${one.found}, ${one.detail}`);
    check(
      'not before its time',
      ended !== undefined && Date.parse(ended.endedAt ?? '') >= Date.parse(ended.until),
      ended && `until ${ended.until}`,
    );
    const after = await simulators.config(tenant, edgeOf(story));
    check('the edge has the configuration that it had before', isDeepStrictEqual(after, found.before));
    const entries = (await auditor.desk.auditEntries(0, 1000)).filter(({ intent }) => intent === found.intent);
    const end = entries.find(({ kind }) => kind === 'containment.ended');
    check('the log has the reversal as proven', end?.content['proven'] === true, end && `#${end.index}`);
  },
});
