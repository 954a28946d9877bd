/** A whole diagnosis: reads what tells most through the port it is given, explains it, and says what is broken, with evidence. */
import type { Finding, Verdict } from '../events.ts';
import { attachAlarms } from './attach.ts';
import { concernOf } from './concern.ts';
import { conclude } from './conclusion.ts';
import { lookAround, type ReadTool, type View } from './look-around.ts';
import { CODEBOOK, type Codebook } from './patterns.ts';
import { ruleOut } from './rule-out.ts';
import { liveSymptoms, type Symptom } from './symptoms.ts';
import { tellFinding } from './tell.ts';

export type { ReadTool, ToolCall } from './look-around.ts';

/** What is asked; nothing named is the whole tenant. */
export interface Question {
  /** Devices that the question names, or that stand for the sites, people and circuits it names. */
  readonly devices?: readonly string[];
  /** Application that it names. */
  readonly service?: string;
}

export interface Cause {
  readonly resource: string;
  readonly fault_type: string;
  readonly confidence: number;
  readonly evidence: readonly string[];
}

export interface Diagnosis {
  readonly verdict: Verdict;
  readonly causes: readonly Cause[];
  /** Ids of all evidence that the verdict rests on. */
  readonly evidence: readonly string[];
  /** Calls made, the two of the inventory not counted. */
  readonly reads: number;
  readonly finding: Finding;
  /** What must be gone when it is mended. */
  readonly symptoms: readonly Symptom[];
}

export interface Options {
  /** Most calls (preset 12). */
  readonly budget?: number;
  readonly codebook?: Codebook;
}

/** Reads of one diagnosis. */
export const READ_BUDGET = 12;

/** Reads and concludes. */
export async function runDiagnosis(
  read: ReadTool,
  question: Question = {},
  { budget = READ_BUDGET, codebook = CODEBOOK }: Options = {},
): Promise<Diagnosis> {
  return diagnoseView(await lookAround(read, question, codebook, budget), question);
}

/** The conclusion from what was seen. Pure. */
export function diagnoseView(view: View, question: Question): Diagnosis {
  const { map, observations, weighed, places, explained, unread, now, calls, alarms } = view;
  const concern = concernOf(map, question);
  const drawn = conclude(weighed, explained, concern);
  const conclusion = {
    ...drawn,
    ruledOut: ruleOut(weighed, places, drawn.faults),
    attached: drawn.verdict === 'root-cause' ? attachAlarms(map, alarms, drawn.faults) : undefined,
  };
  const finding = tellFinding(conclusion, observations.filter(concern.thing), unread, now);
  return {
    verdict: conclusion.verdict,
    causes: conclusion.causes,
    evidence: [
      ...new Set([
        ...finding.because.flatMap(({ evidence }) => evidence),
        ...conclusion.causes.flatMap(({ evidence }) => evidence),
      ]),
    ],
    reads: calls,
    finding,
    symptoms: liveSymptoms(conclusion.shown),
  };
}
