/** Defences against text that wants to be obeyed. */
import type { Defence } from './defence.ts';

export const INJECTION_DEFENCES = {
  taint: {
    what: 'a parameter that text of others flowed into is known as such, and policy asks for more people',
    without: [
      {
        file: 'broker/stages/authorize.ts',
        find: 'findTaint(deps.untrusted, subject.tenant, freeInput(tool, intent.input), context.identifiers)',
        replace: '[]',
      },
    ],
  },
  'purpose-shown-on-target': {
    what: 'an incident that no human acknowledged is a purpose only on devices whose own records show it',
    without: [
      {
        file: 'broker/stages/resolve.ts',
        find: 'devices.every((device) => records.some((record) => mentions(record.resource, device)))',
        replace: 'records.length > 0',
      },
    ],
  },
  'agents-words-show-nothing': {
    what: 'what an agent or the inventory wrote down shows no symptom',
    without: [
      {
        file: 'broker/stages/resolve.ts',
        find: '(await deps.evidence.get(tenant, incident.evidence)).filter(isFromDevice)',
        replace: '[...(await deps.evidence.get(tenant, incident.evidence))]',
      },
    ],
  },
  'known-destinations': {
    what: 'probes go to hosts and devices of the tenant only',
    without: [{ file: 'tools/probes.ts', find: 'if (!known)', replace: 'if (!known && destination.length === 0)' }],
  },
  'quoted-text': {
    what: 'text of a device is quoted on one line, cut, without what a terminal or a model obeys',
    without: [
      {
        file: 'agents/events.ts',
        find: "const line = text.replace(/[^\\x20-\\x7e]+/g, ' ').trim();",
        replace: 'const line = text;',
      },
    ],
  },
  'state-of-texts': {
    what: 'what devices said is text in the state of a conversation, which checkpoints do not revive',
    without: [
      {
        file: 'agents/troubleshooter/keep-sightings.ts',
        find: '  JSON.stringify(\n    seen.slice',
        replace: '  ((kept) => kept as never)(\n    seen.slice',
      },
    ],
  },
  'closed-chat': {
    what: 'a request to the agents has a question and a thread of their own form, and nothing else',
    without: [
      {
        file: 'agents/http.ts',
        find: 'const chatBody = z.strictObject({',
        replace: 'const chatBody = z.looseObject({',
      },
    ],
  },
  'visible-text': {
    what: 'what hides or reorders text is replaced before a person sees it',
    without: [
      {
        file: 'apps/cli/terminal.ts',
        find: "export const printable = (text: string): string => text.replace(UNSAFE, '?');",
        replace: 'export const printable = (text: string): string => text;',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
