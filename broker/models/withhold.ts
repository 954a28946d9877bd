/**
 * Takes the words of people and the contents of configurations out of what agents are answered, for tenants whose texts no
 * model may read. Pure.
 *
 * States, figures, addresses and names of the inventory stay, so that a diagnosis goes on. Words are kept by a list and not
 * withheld by one: what nobody thought of is withheld.
 */
import type { Answer, ChangeSummary, Evidence, Receipt } from '../contract.ts';
import { STATE_WORDS } from './state-words.ts';

/** Stands where something was. */
export const WITHHELD = '[withheld]';

/** Signals that carry what people wrote, or configuration, from the first letter to the last. */
const WHOLE = new Set(['config', 'if.description', 'incident.note']);
/** `path: running X, intended Y` and `path = X (line 3)`: which leaf it is stays. */
const LEAF = /^(\S{1,200}?)(?:: running | = )/;
const LEAVES = new Set(['cfg.diff', 'cfg.leaf']);
/** Members of a record that people fill in. */
const PROSE = new Set(['summary', 'title', 'note', 'detail', 'reason', 'human', 'implementer', 'description']);
/** Depth to which a record is looked into; what lies deeper is withheld. */
const DEEPEST = 6;

/** Figures with units, times, addresses and prefixes, MAC addresses, ports, error codes: nothing that could be a name. */
const FIGURE =
  /^(?:[-+]?\d[\d.,:/%-]*(?:ms|s|%|kb|mb|gb|kbps|mbps|gbps|m|h|d|w)?|\d{4}-\d\d-\d\dt[\d:.]+z|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7}(?:\/\d+)?|(?:ge|wan|cell|lan|tun|lo)\d+(?:\/\d+)*)$/i;
/** Ids of the broker. */
const ID = /^(?:evd|inc|int|apr|sch|mdl|ses|dec|thr)_[A-Za-z0-9]{1,64}$/;

type Names = ReadonlySet<string>;

const isPlain = (word: string, names: Names): boolean => {
  const bare = word.toLowerCase();
  return bare === '' || STATE_WORDS.has(bare) || FIGURE.test(bare) || ID.test(word) || names.has(bare);
};

/** A word with its punctuation; a compound (`node/br2_edge`, `in-sync`) is as plain as its parts. */
function withholdWord(word: string, names: Names): string {
  const bare = word.replace(/^[("'[{<]+|[)"'\]}>,;.:!?]+$/g, '');
  if (isPlain(bare, names)) return word;
  const parts = bare.split(/--|[/:=>@]/);
  return parts.length > 1 && parts.every((part) => isPlain(part, names)) ? word : word.replace(bare, WITHHELD);
}

/** A text with everything withheld that is neither a figure, a state word nor a name of the inventory. */
export function withholdText(text: string, names: Names): string {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.stringify(withholdJson(JSON.parse(text), names, 0));
    } catch {
      return WITHHELD;
    }
  }
  const words = text.split(/(\s+)/);
  return words.map((word) => (/^\s*$/.test(word) ? word : withholdWord(word, names))).join('');
}

function withholdJson(value: unknown, names: Names, depth: number): unknown {
  if (typeof value === 'string') return value === '' ? value : withholdText(value, names);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return WITHHELD;
  if (Array.isArray(value)) return value.map((one) => withholdJson(one, names, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, PROSE.has(key) ? WITHHELD : withholdJson(one, names, depth + 1)]),
  );
}

/** One record as an agent may see it. */
export function withholdEvidence(record: Evidence, names: Names): Evidence {
  const { value, signal } = record;
  if (typeof value !== 'string') return record;
  if (WHOLE.has(signal)) return { ...record, value: WITHHELD };
  if (!LEAVES.has(signal)) return { ...record, value: withholdText(value, names) };
  const leaf = LEAF.exec(value)?.[1];
  return { ...record, value: leaf === undefined ? WITHHELD : `${leaf}: ${WITHHELD}` };
}

const withholdSummary = (summary: ChangeSummary): ChangeSummary => ({ ...summary, diff: WITHHELD });

const withholdReceipt = (receipt: Receipt, names: Names): Receipt => ({
  ...receipt,
  approvals: receipt.approvals.map((vote) => ({ ...vote, reason: WITHHELD })),
  operations: receipt.operations.map((one) =>
    one.protocol === 'netconf' && one.kind === 'edit-config' ? { ...one, config: WITHHELD } : one,
  ),
  steps: receipt.steps.map((step) => ({ ...step, detail: withholdText(step.detail, names) })),
  devices: receipt.devices.map(({ after, ...one }) => ({
    ...one,
    ...{ before: WITHHELD, detail: withholdText(one.detail, names) },
    ...(after === undefined ? {} : { after: WITHHELD }),
  })),
  detail: withholdText(receipt.detail, names),
});

/** The whole answer as an agent may see it. */
export function withholdAnswer(answer: Answer, names: Names): Answer {
  if (answer.status === 'pending') return { ...answer, summary: withholdSummary(answer.summary) };
  return {
    ...answer,
    evidence: answer.evidence.map((record) => withholdEvidence(record, names)),
    ...(answer.receipt === undefined ? {} : { receipt: withholdReceipt(answer.receipt, names) }),
  };
}
