/** Whether a repair helped: the symptoms of the finding are read again from the live state, and the cause is looked for anew. */
import { z } from 'zod';
import { diagnoseView } from '../diagnosis/run-diagnosis.ts';
import { type Symptom, stillShown } from '../diagnosis/symptoms.ts';
import { sayAll } from '../diagnosis/tell.ts';
import type { Finding } from '../events.ts';
import type { Conversation } from '../state.ts';
import type { Talk } from '../talk.ts';
import { lookAt } from './diagnose.ts';

const AGENT = 'troubleshooter';

const symptomsText = z.array(z.object({ feature: z.string(), value: z.string(), resource: z.string() }));

/** The live symptoms that the conversation keeps. */
const readSymptoms = ({ symptoms }: Conversation): readonly Symptom[] =>
  symptoms === '' ? [] : symptomsText.parse(JSON.parse(symptoms));

/** After a repair sessions come back one after the other: so often is looked before something is said to be still so. */
const LOOKS = 5;
/** Seconds from one look to the next, unless something is announced before: a control session needs the most of that. */
const WAIT_SECONDS = 10;

/** Waits for an announcement, or for some time; false where the broker hears none, so that nothing can be waited for. */
async function waitForNews(talk: Talk): Promise<boolean> {
  // Nothing comes after this cursor: what is announced meanwhile ends the waiting, and is read by the next look.
  const input = { last: 1, since: Number.MAX_SAFE_INTEGER, waitSeconds: WAIT_SECONDS };
  const answer = await talk.read({ agent: AGENT, domain: 'diagnostics', tool: 'events.read', input });
  return 'evidence' in answer;
}

/** True when no symptom of the finding is left and nothing names its causes any more; tells each that stays. */
export async function isMended(talk: Talk, state: Conversation, finding: Finding): Promise<boolean> {
  let view = await lookAt(talk, state);
  const shown = () => stillShown(readSymptoms(state), view.observations);
  for (let look = 1; look < LOOKS && shown().length > 0 && (await waitForNews(talk)); look += 1)
    view = await lookAt(talk, state);
  const { causes, verdict } = diagnoseView(view, {});
  const left = sayAll(shown(), view.now);
  for (const { text } of left) talk.tell({ type: 'text', text: `Still so: ${text}.` });
  if (verdict === 'blind' || left.length > 0) return false;
  return finding.rootCauses.every((was) =>
    causes.every((now) => now.resource !== was.resource || now.fault_type !== was.faultType),
  );
}
