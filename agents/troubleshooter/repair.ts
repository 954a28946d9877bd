/** The acting half of the troubleshooter: record the incident, propose, wait for people, verify. It decides nothing. */
import { z } from 'zod';
import type { AgentName, Severity } from '../../broker/contract.ts';
import type { Sighting } from '../diagnosis/observation.ts';
import type { Finding } from '../events.ts';
import { fileIncident } from '../file-incident.ts';
import { parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { RunDeps, Talk } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { citedIds } from './cite.ts';
import { readSightings } from './keep-sightings.ts';
import { chooseRemediation, unreadDrift } from './remediation.ts';
import { isMended } from './verify.ts';

const AGENT = 'troubleshooter';
/** Evidence ids that an incident or intent cites. */
const MAX_CITED = 40;

const findingText = z.object({
  verdict: z.literal('root-cause'),
  rootCauses: z.array(z.object({ resource: z.string(), faultType: z.string(), confidence: z.number() })).min(1),
  because: z.array(z.object({ text: z.string(), evidence: z.array(z.string()) })),
  ruledOut: z.array(z.object({ faultType: z.string(), because: z.string(), evidence: z.array(z.string()) })),
  unread: z.array(z.string()),
});

const readFinding = (state: Conversation): Finding => findingText.parse(JSON.parse(state.finding));

/** One circuit lost with another left is major; the rest cuts people off. */
const SEVERITY: { readonly [faultType: string]: Severity } = {
  link_down: 'major',
  if_admin_shutdown: 'major',
  acl_blocks_app: 'major',
  bgp_port_blocked: 'major',
};

/** Opens the incident that the change will have as its purpose, or finds the one that is open about the same cause. Idempotent by its intent id. */
export async function incidentStep(
  deps: RunDeps,
  state: Conversation,
  agent: AgentName = AGENT,
): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const finding = readFinding(state);
  const [cause] = finding.rootCauses;
  const evidence = citedIds(finding).slice(0, MAX_CITED);
  const incident = await fileIncident(talk, {
    ...{ agent, intent: state.incidentIntent, evidence, finding },
    title: `${cause?.faultType} at ${cause?.resource}`,
    severity: SEVERITY[cause?.faultType ?? ''] ?? 'critical',
    resources: [
      ...new Set([
        ...finding.rootCauses.map(({ resource }) => resource),
        ...(state.suspect === '' ? [] : [`node/${state.suspect}`]),
      ]),
    ],
  });
  return { events: talk.told(), incident };
}

/** Chooses the remediation and says it; the change itself is asked for in the next step, under the id made before. */
export async function proposeStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const finding = readFinding(state);
  const sightings = readSightings(state.drift);
  const known = { causes: finding.rootCauses, sightings, inventory: parseInventory(state.inventory) };
  const devices = unreadDrift(known);
  const more = devices.length === 0 ? [] : await readDrift(talk, devices);
  const remedy = chooseRemediation({ ...known, sightings: [...sightings, ...more] });
  if (remedy.kind === 'ticket') {
    talk.tell({ type: 'text', text: `No change proposed. ${remedy.text}` });
    return { events: talk.told(), proposal: '' };
  }
  talk.tell({ type: 'proposal', ...remedy.proposal });
  return {
    events: talk.told(),
    proposal: JSON.stringify(remedy.proposal),
    grounds: [...new Set([...remedy.evidence, ...citedIds(finding)])].slice(0, MAX_CITED),
  };
}

/** How the devices differ from their intended configuration; nothing when nobody says. */
async function readDrift(talk: Talk, devices: readonly string[]): Promise<readonly Sighting[]> {
  const answer = await talk.read({ agent: AGENT, domain: 'diagnostics', tool: 'config.diff', devices });
  return 'evidence' in answer ? answer.evidence : [];
}

/** Reads whether the change helped, and writes the end into the incident. */
export async function verifyStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const isMade = state.outcome === 'succeeded';
  const isDiagnosed = currentTask(state).kind === 'diagnose';
  // Of a change that was handed over the broker has verified all that there is to verify: its post-conditions.
  const isGone = isMade && (!isDiagnosed || (await isMended(talk, state, readFinding(state))));
  if (isGone && isDiagnosed) talk.tell({ type: 'text', text: 'Verified: the symptoms are gone from the live state.' });
  if (state.incident) {
    await talk.read({
      agent: AGENT,
      domain: 'inventory',
      tool: 'incident.update',
      input: {
        incident: state.incident,
        state: isGone ? 'resolved' : 'open',
        note: `Change ${state.knownIntent}: ${state.outcome}.`,
      },
    });
  }
  return { events: talk.told() };
}
