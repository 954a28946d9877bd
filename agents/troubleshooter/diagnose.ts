/** The reading half of the troubleshooter: a whole diagnosis of what was asked, through the broker like every read, proved and said. */
import type { Evidence } from '../../broker/contract.ts';
import type { AdviseRead, ReadTool, View } from '../diagnosis/look-around.ts';
import { lookAround } from '../diagnosis/look-around.ts';
import { CODEBOOK } from '../diagnosis/patterns.ts';
import type { Question } from '../diagnosis/run-diagnosis.ts';
import { diagnoseView, READ_BUDGET } from '../diagnosis/run-diagnosis.ts';
import type { Finding } from '../events.ts';
import { parseInventory } from '../inventory.ts';
import type { Counsel } from '../model/consult.ts';
import { proposeRead } from '../model/propose-read.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { RunDeps, Talk } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { citedIds, keepResolved } from './cite.ts';
import { keepSightings } from './keep-sightings.ts';
import { devicesOfResource } from './remediation.ts';
import { writeReport } from './report.ts';
import { sayFinding } from './say-finding.ts';

const AGENT = 'troubleshooter';
/** Ids that one call looks up. */
const MAX_IDS = 100;

/** Empties what an earlier task left, and makes the idempotency keys. */
export function beginStep(deps: RunDeps, state: Conversation): ConversationUpdate {
  const task = currentTask(state);
  return {
    finding: '',
    symptoms: '',
    drift: '',
    grounds: [],
    incident: task.incident ?? '',
    approval: '',
    outcome: '',
    suspect: '',
    phase: 'looking',
    proposal: task.kind === 'change' ? task.detail : '',
    incidentIntent: deps.ids('int'),
    changeIntent: deps.ids('int'),
  };
}

/** Reads of a diagnosis as calls of the troubleshooter. */
const readThrough =
  (talk: Talk): ReadTool =>
  ({ domain, tool, devices, input }) =>
    talk.read({ agent: AGENT, domain, tool, devices, input });

const questionOf = (state: Conversation): Question => {
  const { devices, service } = currentTask(state);
  return { devices, ...(service === '' ? {} : { service }) };
};

/** Looks at all that the question of the task at hand is about. */
export const lookAt = (talk: Talk, state: Conversation, advise?: AdviseRead): Promise<View> =>
  lookAround(readThrough(talk), questionOf(state), CODEBOOK, READ_BUDGET, advise);

/** Where the program would not decide, a language model may name one read that is still open, within the same budget. */
const adviseBy =
  (counsel: Counsel | undefined, talk: Talk, state: Conversation): AdviseRead =>
  async (view, open) => {
    const { verdict, finding } = diagnoseView(view, questionOf(state));
    if (verdict !== 'inconclusive') return undefined;
    return proposeRead(counsel, talk, AGENT, writeReport(finding, nameScope(state)), open);
  };

/** The finding with what the broker does not bear out left out. */
async function proveFinding(talk: Talk, finding: Finding): Promise<Finding> {
  const ids = citedIds(finding).slice(0, MAX_IDS);
  if (ids.length === 0) return finding;
  const answer = await talk.read({
    agent: AGENT,
    domain: 'inventory',
    tool: 'evidence.get',
    input: { ids: [...ids] },
  });
  const borne: readonly Evidence[] = 'evidence' in answer ? answer.evidence : [];
  return keepResolved(finding, new Set(borne.map(({ id }) => id)));
}

/** What the question was about, in words. */
function nameScope(state: Conversation): string {
  const { devices } = currentTask(state);
  return devices.length === 0 ? 'the network' : devices.join(', ');
}

/** Diagnoses, proves and says it. */
export async function diagnoseStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const view = await lookAt(talk, state, deps.counsel && adviseBy(deps.counsel, talk, state));
  const { finding: drawn, symptoms } = diagnoseView(view, questionOf(state));
  const finding = await proveFinding(talk, drawn);
  const inventory = parseInventory(state.inventory);
  const concerned = finding.rootCauses.flatMap(({ resource }) => devicesOfResource(resource, inventory));
  await sayFinding(deps.counsel, talk, finding, nameScope(state));
  return {
    events: talk.told(),
    finding: JSON.stringify(finding),
    symptoms: JSON.stringify(symptoms),
    phase: finding.verdict === 'root-cause' ? 'found' : 'answered',
    suspect: concerned[0] ?? currentTask(state).devices[0] ?? '',
    drift: keepSightings(
      view.drift.filter(({ resource }) => concerned.some((device) => resource === `node/${device}`)),
    ),
  };
}
