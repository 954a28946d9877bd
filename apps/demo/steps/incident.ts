/** Steps: something breaks, telemetry shows it, the operator asks, and the agents find out why. */

import type { TourStory } from '../../../scenarios/story.ts';
import { listen, pick, type TourStep } from '../tour.ts';
import { watch } from '../watch.ts';
import { checkParked } from './parked.ts';

export const breakIt = (story: TourStory): TourStep => ({
  name: `${story.id} happens at branch ${story.branch}: ${story.title}`,
  run: async (tour, { tell, check }) => {
    const { tenant, simulators, operator, found } = tour;
    const before = await Promise.all(
      story.symptoms.map(
        async (symptom) => [symptom, await watch(operator, { ...symptom, within: 0 }, found.speed)] as const,
      ),
    );
    const shown = before.filter(([, { ok }]) => ok).map(([symptom]) => symptom.says);
    check('before it, no symptom shows', shown.length === 0, shown.join('; '));
    found.fault = await simulators.inject(tenant, story.fault.type, story.fault.resource);
    tell('Broken. What the telemetry shows, read through the broker:');
    for (const symptom of story.symptoms) {
      const { ok, seen } = await watch(operator, symptom, found.speed);
      check(symptom.says, ok, seen);
    }
    for (const healthy of story.stays_healthy) {
      const { ok, seen } = await watch(operator, healthy, found.speed);
      check(`${healthy.says} (stays healthy)`, ok, seen);
    }
  },
});

export const ask = (story: TourStory): TourStep => ({
  name: `operator@acme asks: "${story.question}"`,
  run: async (tour, { tell, check }) => {
    const { operator, found } = tour;
    const { thread, events } = await listen(operator.chat.ask(story.question), (event) => {
      if (event.type === 'route')
        tell(`router → ${event.agent}, about ${event.about.join(', ') || 'the whole tenant'}`);
      if (event.type === 'tool')
        tell(`#${event.n} ${event.tool}(${event.devices.join(', ')}) · ${event.status} · ${event.summary}`);
    });
    found.thread = thread;
    const route = pick(events, 'route');
    check(
      `the router handed over to the ${story.tour.agent}`,
      route?.agent === story.tour.agent,
      route?.about.join(', ') ?? 'no route',
    );
    const finding = pick(events, 'finding');
    const cause = finding?.rootCauses[0];
    check(
      'the root cause is right',
      finding?.verdict === 'root-cause' &&
        cause?.faultType === story.tour.fault_type &&
        cause.resource === story.tour.resource,
      `${cause?.faultType ?? finding?.verdict ?? 'no finding'} at ${cause?.resource ?? '-'}`,
    );
    for (const { text, evidence } of finding?.because ?? []) tell(`because ${text} [${evidence.length} records]`);
    for (const wanted of story.tour.ruled_out) {
      const out = finding?.ruledOut.find((one) => one.faultType === wanted);
      check(
        `the look-alike ${wanted} is ruled out by evidence`,
        out !== undefined && out.evidence.length > 0,
        out?.because ?? 'not ruled out',
      );
    }
    const cited = new Set([...(finding?.because ?? []), ...(finding?.ruledOut ?? [])].flatMap((one) => one.evidence));
    const resolved = await Promise.all(
      [...cited].map((id) =>
        operator.desk.evidence(id).then(
          () => true,
          () => false,
        ),
      ),
    );
    check('every record that is cited resolves', cited.size > 0 && resolved.every(Boolean), `${cited.size} records`);
    const proposal = pick(events, 'proposal');
    if (story.tour.repair === 'none') {
      check(
        'no change is proposed: it is not ours to repair',
        proposal === undefined && pick(events, 'pending') === undefined,
      );
      for (const event of events) if (event.type === 'text') tell(event.text);
      return;
    }
    const says =
      story.tour.agent === 'threat-watcher'
        ? 'a containment is proposed as an intent'
        : 'the repair is proposed as an intent';
    checkParked(tour, { check }, events, says, story.tour.repair);
  },
});
