/** Answers the reads of a diagnosis from one moment of a recording, as the broker answered them then. */
import type { ReadTool, ToolCall } from '../../agents/diagnosis/run-diagnosis.ts';
import type { Evidence } from '../../broker/contract.ts';
import type { RecordedEvidence, RecordedRead } from './recording.ts';

/** Input that says how much or when, not what: a recording has what it has. */
const VOLATILE: ReadonlySet<string> = new Set(['last', 'from', 'until']);

/** `tenant` is that of the evidence it gives out. */
export function playBack(moment: readonly RecordedRead[], tenant: string): ReadTool {
  return async (call) => {
    const asked = moment.filter((one) => one.tool === call.tool && same(one.input, call.input));
    const fitting = asked.filter(
      ({ devices }) => call.devices.length === 0 || devices.some((one) => call.devices.includes(one)),
    );
    const refused = fitting.find((one) => one.refused !== undefined)?.refused;
    if (fitting.length === 0)
      return { code: 'NOT_FOUND', message: `The recording has no ${call.tool} of these devices.` };
    const found = fitting.flatMap(({ evidence = [], devices }) => evidence.filter(isOf(call, devices)));
    if (found.length === 0 && refused !== undefined) return refused;
    return { evidence: found.map((one): Evidence => ({ ...one, tenant, intent: 'int_recorded' })) };
  };
}

function same(a: RecordedRead['input'], b: ToolCall['input']): boolean {
  const rest = (input: object): string =>
    JSON.stringify(
      Object.entries(input)
        .filter(([name]) => !VOLATILE.has(name))
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  return rest(a) === rest(b);
}

/** Of a read of more devices than are asked for now: what came from them, or tells of them. */
function isOf({ devices: wanted }: ToolCall, recorded: readonly string[]): (one: RecordedEvidence) => boolean {
  if (wanted.length === 0 || recorded.every((one) => wanted.includes(one))) return () => true;
  const others = new Set(recorded.filter((one) => !wanted.includes(one)));
  return ({ resource, source }) => {
    const from = source.slice(source.indexOf(':') + 1);
    if (wanted.includes(from)) return true;
    if (others.has(from)) return false;
    const parts = resource.split(/\/|--|:| /);
    return parts.some((part) => wanted.includes(part)) || !parts.some((part) => others.has(part));
  };
}
