/** The troubleshooter's answer to a question that names no place: a whole diagnosis of the tenant, through the broker like every read. */
import type { Question, ReadTool } from '../diagnosis/run-diagnosis.ts';
import { runDiagnosis } from '../diagnosis/run-diagnosis.ts';
import type { Finding } from '../events.ts';
import { parseInventory } from '../inventory.ts';
import { phraseAnswer } from '../model.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { RunDeps, Talk } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { citedIds, keepResolved } from './cite.ts';
import { makeRead } from './diagnose.ts';
import { devicesOfResource } from './remediation.ts';
import { writeReport } from './report.ts';

const AGENT = 'troubleshooter';
/** Ids that one call looks up. */
const MAX_IDS = 100;

/** True when the question at hand is about the network as a whole. */
export const isOpen = (state: Conversation): boolean => {
  const { kind, devices } = currentTask(state);
  return kind === 'diagnose' && devices.length === 0;
};

/** Reads of a diagnosis as calls of the troubleshooter; what one device does not answer is asked of the others. */
function readThrough(talk: Talk): ReadTool {
  return async ({ domain, tool, devices, input }) => {
    if (domain === 'inventory' || devices.length === 0)
      return talk.read({ agent: AGENT, domain, tool, devices, input });
    const { evidence, missing } = await makeRead(talk, { key: tool, tool, devices, input, cost: 1, features: [] });
    return evidence.length > 0 ? { evidence } : { code: 'DEVICE_SILENT', message: missing.join('; ') };
  };
}

const ask = (talk: Talk, question: Question) => runDiagnosis(readThrough(talk), question);

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
  return keepResolved(finding, new Set('evidence' in answer ? answer.evidence.map(({ id }) => id) : []));
}

/** Diagnoses, proves and says it. */
export async function surveyStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const { finding: drawn } = await ask(talk, { service: currentTask(state).service });
  const finding = await proveFinding(talk, drawn);
  const [cause] = finding.rootCauses;
  const suspect =
    cause === undefined ? undefined : devicesOfResource(cause.resource, parseInventory(state.inventory))[0];
  talk.tell({ type: 'finding', ...finding });
  talk.tell({
    type: 'text',
    text: await phraseAnswer(deps.model, writeReport(finding, 'the network'), finding),
  });
  return {
    events: talk.told(),
    finding: JSON.stringify(finding),
    phase: finding.verdict === 'root-cause' ? 'found' : 'answered',
    ...(suspect === undefined ? {} : { suspect }),
  };
}

/** True when a new diagnosis no longer names what the finding named. */
export async function isFindingGone(talk: Talk, finding: Finding): Promise<boolean> {
  const { causes, verdict } = await ask(talk, {});
  if (verdict === 'blind') return false;
  return finding.rootCauses.every((was) =>
    causes.every((now) => now.resource !== was.resource || now.fault_type !== was.faultType),
  );
}
