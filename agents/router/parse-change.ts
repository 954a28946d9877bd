/** Reads a change that a person asks for in words; only forms that say everything the tool needs are taken. */
import type { Proposal } from '../events.ts';

/** A proposal, or undefined when the words do not say exactly one change. The broker decides about it like about any other. */
export function parseChange(question: string, devices: readonly string[]): Proposal | undefined {
  const [device, second] = devices;
  if (!device || second) return undefined;
  const propose = (tool: string, input: Proposal['input']): Proposal => ({
    tool,
    target: [device],
    input,
    why: 'Asked for in this conversation.',
  });
  const asn = /\b(?:local[- ]as|as number|asn|as)\b.*?\bto\s+(?:as\s*)?(\d{1,10})\b/i.exec(question)?.[1];
  if (asn) return propose('bgp.set-local-as', { localAs: Number(asn) });
  const entry =
    /\b(?:remove|delete)\s+(?:the\s+)?(?:entry|rule)\s+([\w.-]{1,64})\s+(?:from|of|in)\s+(?:the\s+)?(?:list\s+)?([\w.-]{1,64})/i.exec(
      question,
    );
  if (entry?.[1] && entry[2]) return propose('acl.remove-entry', { list: entry[2], entry: entry[1] });
  const text = /\bdescription\b.*?\b(ge\d+\/\d+|cell\d+)\b.*?\bto\s+["“]([^"”]{1,120})["”]/i.exec(question);
  if (text?.[1] && text[2]) return propose('interface.set-description', { interface: text[1], description: text[2] });
  const port = /\b(ge\d+\/\d+|cell\d+)\b/i.exec(question)?.[1]?.toLowerCase();
  if (port && /\b(?:shut|disable)\b/i.test(question))
    return propose('interface.set-enabled', { interface: port, enabled: false });
  if (port && /\b(?:enable|bring up)\b/i.test(question))
    return propose('interface.set-enabled', { interface: port, enabled: true });
  return undefined;
}
