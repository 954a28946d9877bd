/** The experience optimizer: measures, asks for the adjustment that helps most, waits for people, and measures again. */
import { END, START, StateGraph } from '@langchain/langgraph';
import { z } from 'zod';
import { afterAsking, askForChange, awaitPeople } from '../ask-for-change.ts';
import { fileIncident, symptomsOnly } from '../file-incident.ts';
import { asksForCause, handOver } from '../hand-over.ts';
import { parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { ConversationState, currentTask } from '../state.ts';
import type { RunDeps } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { readApplications } from './measure.ts';
import type { Scores } from './optimise.ts';
import { measureExperience, readScores } from './optimise.ts';
import { AGENT } from './plan-calls.ts';
import { GOOD } from './score.ts';

/** Evidence ids that an incident or intent cites. */
const MAX_CITED = 40;
/** `detail` of a task that comes after a diagnosis: now for what steering can do. */
const ADJUST = 'adjust';
/** Lines of the difference of an adjustment, and resources of its incident, from measuring to asking. */
const about = z.object({ symptom: z.string(), resources: z.array(z.string()), diff: z.array(z.string()) });

/** Measures; what would help most is what the run goes on to ask for. Who asks why hears the cause first. */
async function measureStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const { update, adjustment, isBad } = await measureExperience(deps, state);
  const task = currentTask(state);
  const asksWhy = isBad && task.detail !== ADJUST && asksForCause(task);
  const { proposal, symptom, resources, diff, grounds } =
    adjustment === undefined || asksWhy ? { resources: [], diff: [], grounds: [] } : adjustment;
  return {
    ...update,
    ...(asksWhy ? { tasks: askWhy(state, adjustment !== undefined) } : {}),
    ...{ incident: '', approval: '', outcome: '', incidentIntent: deps.ids('int'), changeIntent: deps.ids('int') },
    proposal: proposal === undefined ? '' : JSON.stringify(proposal),
    finding: JSON.stringify({ symptom: symptom ?? '', resources, diff }),
    grounds: [...new Set(grounds)].slice(0, MAX_CITED),
  };
}

/** The task of the troubleshooter, and after it, where steering would help as well, one more of our own. */
function askWhy(state: Conversation, canHelp: boolean): Conversation['tasks'] {
  const { devices } = currentTask(state);
  const { tasks } = canHelp ? handOver(state, { agent: AGENT, kind: 'experience', detail: ADJUST, devices }) : state;
  return handOver({ ...state, tasks }, { agent: 'troubleshooter', kind: 'diagnose', detail: '', devices }).tasks;
}

/** Says what it will ask for, under an incident of its own or the one that is open about it. */
async function proposeStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const { symptom, resources, diff } = about.parse(JSON.parse(state.finding));
  const incident = await fileIncident(talk, {
    ...{ agent: AGENT, title: symptom, severity: 'major', intent: state.incidentIntent },
    resources: [...new Set(resources)],
    evidence: state.grounds,
    finding: symptomsOnly([{ text: symptom, evidence: [...state.grounds] }]),
  });
  talk.tell({ type: 'text', text: ['Adjustment:', ...diff.map((line) => `  ${line}`)].join('\n') });
  talk.tell({ type: 'proposal', ...JSON.parse(state.proposal) });
  return { events: talk.told(), incident };
}

/** Reads again what the change was for, and says what it did to each score. What did not get good stays an open incident. */
async function verifyStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  if (state.outcome !== 'succeeded') return {};
  const talk = createTalk(deps, state);
  const before = readScores(state);
  const { resources } = about.parse(JSON.parse(state.finding));
  const meant = resources.flatMap((one) => /^application\/(.+)$/.exec(one)?.[1] ?? []);
  const sites = new Set(meant.map((one) => one.split('/')[0]));
  const { devices } = parseInventory(state.inventory);
  // No test traffic again: what the change was for is told by the platform at once.
  const answer = await talk.read({
    ...{ agent: AGENT, domain: 'diagnostics', tool: 'statistics.read' },
    devices: devices.filter(({ role, site }) => role === 'edge' && sites.has(site)).map(({ name }) => name),
  });
  const now = readApplications('evidence' in answer ? answer.evidence : []);
  const scores: Scores = {
    ...before,
    ...Object.fromEntries(now.map(({ site, application, value }) => [`${site}/${application}`, value])),
  };
  const isRead = meant.every((one) => now.some(({ resource }) => resource === `application/${one}`));
  const isBetter = isRead && meant.every((one) => (scores[one] ?? 0) > (before[one] ?? 0));
  const isGood = isRead && meant.every((one) => (scores[one] ?? 0) >= GOOD);
  const lines = meant.map((one) => `${one} ${before[one] ?? 'unknown'} → ${scores[one] ?? 'unknown'}`).join(', ');
  const verdict = !isRead
    ? 'It could not be measured again.'
    : isGood
      ? 'Verified: it is good again.'
      : isBetter
        ? 'It is better, and not good yet.'
        : 'It did not help. Ask for the change back, or let the troubleshooter look for another cause.';
  talk.tell({ type: 'text', text: `Before and after: ${lines}. ${verdict}` });
  if (state.incident)
    await talk.read({
      ...{ agent: AGENT, domain: 'inventory', tool: 'incident.update' },
      input: {
        incident: state.incident,
        state: isGood ? 'resolved' : 'open',
        note: `Change ${state.knownIntent}: ${lines}.`,
      },
    });
  return { events: talk.told(), scores: JSON.stringify(scores) };
}

/** Compiled as a subgraph: its checkpoints belong to the conversation that runs it. */
export function createExperienceOptimizer(deps: RunDeps) {
  return new StateGraph(ConversationState)
    .addNode('measure', (state: Conversation) => measureStep(deps, state))
    .addNode('propose', (state: Conversation) => proposeStep(deps, state))
    .addNode('submit', (state: Conversation) => askForChange(deps, state, { agent: AGENT, domain: 'experience' }))
    .addNode('await', awaitPeople)
    .addNode('verify', (state: Conversation) => verifyStep(deps, state))
    .addEdge(START, 'measure')
    .addConditionalEdges('measure', ({ proposal }) => (proposal ? 'propose' : END), ['propose', END])
    .addEdge('propose', 'submit')
    .addConditionalEdges('submit', (state: Conversation) => afterAsking(state) ?? END, ['await', 'verify', END])
    .addEdge('await', 'submit')
    .addEdge('verify', END)
    .compile();
}
