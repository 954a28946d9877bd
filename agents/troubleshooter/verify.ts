/** Whether a repair helped: the symptoms of the finding are read again from the live state, and the cause is looked for anew. */
import { z } from 'zod';
import { diagnoseView } from '../diagnosis/run-diagnosis.ts';
import { type Symptom, stillShown } from '../diagnosis/symptoms.ts';
import { sayAll } from '../diagnosis/tell.ts';
import type { Finding } from '../events.ts';
import type { Conversation } from '../state.ts';
import type { Talk } from '../talk.ts';
import { lookAt } from './diagnose.ts';

const symptomsText = z.array(z.object({ feature: z.string(), value: z.string(), resource: z.string() }));

/** The live symptoms that the conversation keeps. */
const readSymptoms = ({ symptoms }: Conversation): readonly Symptom[] =>
  symptoms === '' ? [] : symptomsText.parse(JSON.parse(symptoms));

/** True when no symptom of the finding is left and nothing names its causes any more; tells each that stays. */
export async function isMended(talk: Talk, state: Conversation, finding: Finding): Promise<boolean> {
  const view = await lookAt(talk, state);
  const { causes, verdict } = diagnoseView(view, {});
  const left = sayAll(stillShown(readSymptoms(state), view.observations), view.now);
  for (const { text } of left) talk.tell({ type: 'text', text: `Still so: ${text}.` });
  if (verdict === 'blind' || left.length > 0) return false;
  return finding.rootCauses.every((was) =>
    causes.every((now) => now.resource !== was.resource || now.fault_type !== was.faultType),
  );
}
