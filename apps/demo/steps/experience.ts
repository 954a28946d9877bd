/** Steps: people feel something bad, its condition is found, steering is adjusted under two approvals, and people are better off. */

import { GOOD } from '../../../agents/experience-optimizer/score.ts';
import type { TourStory } from '../../../scenarios/story.ts';
import { toolRead } from '../../../scenarios/tool-reads.ts';
import { listen, pick, type TourStep, welcome } from '../tour.ts';
import { watch } from '../watch.ts';
import { checkParked } from './parked.ts';
import { resume, showApproval } from './repair.ts';

type Experience = NonNullable<TourStory['tour']['experience']>;

/** The longest that the tour waits for a symptom, seconds of the network's clock; what judges over hours is left out. */
const MOST_WAITED = 120;

export const spoil = (story: TourStory): TourStep => ({
  name: `${story.id} happens at branch ${story.branch}: ${story.title}`,
  run: async (tour, { tell, check }) => {
    const { tenant, simulators, operator, found } = tour;
    for (const { type, resource } of story.faults) found.fault = await simulators.inject(tenant, type, resource);
    tell('Broken. What the telemetry shows, read through the broker:');
    const shown = [...story.symptoms, ...story.stays_healthy].filter(
      (one) => toolRead(one) !== undefined && one.within <= MOST_WAITED,
    );
    for (const one of shown) {
      const { ok, seen } = await watch(operator, one, found.speed);
      check(one.says, ok, seen);
    }
  },
});

export const askHowItFeels = (story: TourStory, { question, application }: Experience): TourStep => ({
  name: `operator@acme asks: "${question}"`,
  run: async (tour, { tell, check }) => {
    const { operator, found } = tour;
    const { thread, events } = await listen(operator.chat.ask(question), (event) => {
      if (event.type === 'route') tell(`router → ${event.agent}, about ${event.about.join(', ')}`);
      if (event.type === 'tool')
        tell(`#${event.n} ${event.tool}(${event.devices.join(', ')}) · ${event.status} · ${event.summary}`);
      if (event.type === 'text') tell(event.text);
    });
    found.thread = thread;
    check(
      'the router handed over to the experience optimizer',
      pick(events, 'route')?.agent === 'experience-optimizer',
    );
    const because = pick(events, 'finding')?.because ?? [];
    const [, score] =
      because
        .map(({ text }) => /^(\S+) scores (\d+) of 100/.exec(text))
        .find((one) => one?.[1] === application)
        ?.slice(1) ?? [];
    check(`${application} scores badly`, score !== undefined && Number(score) < GOOD, `${score} of 100`);
    checkParked(tour, { check }, events, 'what would make it better is proposed as an intent', story.tour.repair);
  },
});

export const approveByTwo = (): TourStep => ({
  name: 'What a controller tells every site needs two administrators: admin@acme and deputy@acme approve',
  run: async (tour, { tell, check }) => {
    const { admin, installation, tenant, found } = tour;
    const deputy = await welcome(installation, `deputy@${tenant}`);
    const approval = await admin.desk.approval(found.approval ?? '');
    showApproval(approval, tell);
    check('two approvals are needed', approval.needed.count === 2, approval.needed.role);
    const moved = approval.rehearsal?.predicted.filter((line) => / path: /.test(line)) ?? [];
    check(
      'the rehearsal says which application would take which path, and passes',
      moved.length > 0 && approval.rehearsal?.verdict === 'pass',
      moved[0] ?? 'nothing predicted',
    );
    const first = await admin.desk.approve(approval.id, 'the rehearsal moves the ERP to a path that meets its class');
    check('one is not enough', first.status === 'pending', first.status);
    const second = await deputy.desk.approve(approval.id, 'read the diff; every site keeps both transports');
    check('both approved, each with a login of their own', second.status === 'approved', second.status);
    await deputy.leave();
  },
});

export const adjust = ({ application }: Experience): TourStep => ({
  name: 'The broker executes it, and the optimizer measures again',
  run: async (tour, narrator) => {
    const { operator, found } = tour;
    const said: string[] = [];
    const tell = (line: string): void => {
      said.push(line);
      narrator.tell(line);
    };
    const outcome = await resume(tour, { ...narrator, tell });
    narrator.check('the outcome is succeeded', outcome === 'succeeded', outcome);
    const told = /Before and after: .*/.exec(said.join('\n'))?.[0];
    narrator.check('it says what the change did to the score', told?.includes('Verified') === true, told ?? 'nothing');
    const good = { says: 'good', signal: 'app.score', at: application, every: { above: GOOD }, within: 30 };
    const { ok, seen } = await watch(operator, good, found.speed);
    narrator.check(`${application} scores more than ${GOOD} of 100 now`, ok, seen);
    const incidents = await operator.desk.incidents();
    narrator.check(
      'its incident is resolved',
      incidents.some(({ state }) => state === 'resolved'),
    );
  },
});
