/** The one-minute tour: an incident on a simulated network, from the first symptom to the verified audit log. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WayleaveError } from '../../broker/errors.ts';
import { loadCatalogue } from '../../scenarios/catalogue.ts';
import { loadTourStory, type TourStory } from '../../scenarios/story.ts';
import { ModelError } from '../../simulators/model/network.ts';
import { readSize } from '../../simulators/topologies/load-topology.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import type { Config } from '../config.ts';
import { type Installation, startInstallation } from '../installation.ts';
import { runTour, type Step, type TourOutput, type TourResult } from './step.ts';
import { verifyLog } from './steps/audit.ts';
import { beginThreat, hold, waitForEnd } from './steps/containment.ts';
import { adjust, approveByTwo, askHowItFeels, spoil } from './steps/experience.ts';

import { ask, breakIt } from './steps/incident.ts';
import { showBoundary, showNetwork } from './steps/network.ts';
import { approve, execute, failAndRevert, waitForOthers } from './steps/repair.ts';
import { keepTenantsApart, plantText } from './steps/strangers.ts';
import { createSimulatorsClient, type Tour, type TourStep, welcome } from './tour.ts';

export interface DemoOptions {
  readonly config: Config;
  /** Id of a story that ships, or a file. */
  readonly scenario: string;
  readonly branch?: number;
  readonly seed?: number;
  readonly output: TourOutput;
  /** Leaves the folder of the installation behind. */
  readonly keep: boolean;
}

/** Network time in the demo: a BFD timeout of seven seconds passes in less than one. */
const SPEED = 10;
/** A containment in the demo ends while people watch. */
const CONTAIN_SECONDS = 30;
const USUAL_BRANCHES = 4;
/** The other tenant has two, and asks in vain about the third. */
const FEWEST_BRANCHES = 3;
const TENANT = 'acme';
const OTHER = 'globex';

/** Throws `SCENARIO_INVALID`; everything later is a failed step of the result. */
export async function runDemo(options: DemoOptions): Promise<TourResult> {
  const story = loadTourStory(options.scenario, options.branch);
  if (!loadCatalogue().fault_types.includes(story.fault.type)) {
    throw new WayleaveError('SCENARIO_INVALID', `fault.type: ${story.fault.type} is not in the catalogue.`);
  }
  const most = branchesOf(options.config.network);
  const tenants = `${TENANT}:${most},${OTHER}:s`;
  if (story.branch > most) throw new WayleaveError('SCENARIO_INVALID', `branch: ${TENANT} has branches 1 to ${most}.`);
  const { devices } = refnet({ tenant: TENANT, branches: most, seed: 1, tenantIndex: 0 });
  const missing = story.needs.find((name) => !devices.some(({ device }) => name === `node/${device}`));
  if (missing !== undefined)
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `needs: ${TENANT} has no ${missing}; leave out --branch, or take another.`,
    );
  const home = mkdtempSync(path.join(os.tmpdir(), 'wayleave-demo-'));
  const config = {
    ...options.config,
    home,
    tenants,
    network: '',
    inventory: '',
    seed: options.seed ?? options.config.seed,
    speed: SPEED,
    containSeconds: CONTAIN_SECONDS,
    brokerPort: 0,
    agentsPort: 0,
  };
  const crashes: string[] = [];
  let installation: Installation | undefined;
  let tour: Tour | undefined;
  const start: Step = {
    name: 'Simulators, witness, broker and agents start, each as a process of its own',
    run: async ({ tell, check }) => {
      const begun = await startInstallation({
        config,
        progress: tell,
        onCrash: (name, detail, lines) => crashes.push(`${name} (${detail}): ${lines.at(-1) ?? ''}`),
      });
      installation = begun;
      const person = (user: string): ReturnType<typeof welcome> => welcome(begun, user);
      const [operator, admin, auditor, stranger, strangerAuditor] = await Promise.all([
        person(`operator@${TENANT}`),
        person(`admin@${TENANT}`),
        person(`auditor@${TENANT}`),
        person(`operator@${OTHER}`),
        person(`auditor@${OTHER}`),
      ]);
      const { simulators: door } = begun.running;
      if (door === undefined) throw new WayleaveError('INTERNAL', 'No simulated network was started.');
      const simulators = createSimulatorsClient(door);
      tour = {
        story,
        tenant: TENANT,
        installation: begun,
        operator,
        admin,
        auditor,
        stranger,
        strangerAuditor,
        simulators,
        found: { speed: SPEED },
      };
      check(
        'everything runs and five people are logged in',
        Object.keys(begun.children).length === 4,
        Object.keys(begun.children).join(', '),
      );
    },
  };
  try {
    return await runTour(
      [start, ...stepsOf(story).map((step) => late(step, () => tour, crashes))],
      options.output,
      () => performance.now(),
    );
  } finally {
    await tour?.operator.leave();
    await tour?.stranger.leave();
    await installation?.stop();
    if (!options.keep) rmSync(home, { recursive: true, force: true });
    else options.output.line(`The installation's folder is ${home}.`);
  }
}

/** Branches of the first tenant: the steps go by names of the reference network, of a branch that the other tenant lacks, too. */
function branchesOf(network: string): number {
  if (network === '') return USUAL_BRANCHES;
  let branches: number | undefined;
  try {
    branches = readSize(network);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new WayleaveError('TOPOLOGY_INVALID', error.message);
  }
  if (branches === undefined)
    throw new WayleaveError(
      'TOPOLOGY_INVALID',
      `${network}: the tour is told in names of the reference network; replay a story on a network of your own: wayleave replay R01 --topology ${network}`,
    );
  if (branches < FEWEST_BRANCHES)
    throw new WayleaveError('TOPOLOGY_INVALID', `${network}: the tour needs ${FEWEST_BRANCHES} branches or more.`);
  return branches;
}

function stepsOf(story: TourStory): readonly TourStep[] {
  const { experience } = story.tour;
  if (experience !== undefined)
    return [
      ...[showNetwork(), showBoundary(), spoil(story), askHowItFeels(story, experience)],
      ...[approveByTwo(), adjust(experience), keepTenantsApart(), verifyLog('experience-optimizer')],
    ];
  const ending = [keepTenantsApart(), plantText(story), verifyLog(story.tour.agent)];
  if (story.tour.agent === 'threat-watcher')
    return [
      ...[showNetwork(), showBoundary(), beginThreat(story), ask(story), approve(), hold(story), waitForEnd(story)],
      ...ending,
    ];
  const beginning = [showNetwork(), showBoundary(), breakIt(story), ask(story)];
  return story.tour.repair === 'none'
    ? [...beginning, waitForOthers(story), ...ending]
    : [...beginning, approve(), execute(story), failAndRevert(story), ...ending];
}

/** A step for the runner: works with the tour that the first step has built, and tells of children that died. */
const late = (step: TourStep, tour: () => Tour | undefined, crashes: readonly string[]): Step => ({
  name: step.name,
  run: async (narrator) => {
    const ready = tour();
    if (ready === undefined) throw new WayleaveError('UNAVAILABLE');
    await step.run(ready, narrator);
    if (crashes.length > 0) narrator.check('no process ended', false, crashes.join('; '));
  },
});
