/** Turns a person's text into tasks for the specialists; asks back when the text could mean several things. Pure. */
import type { Inventory } from '../inventory.ts';
import type { Task } from '../state.ts';
import { parseChange } from './parse-change.ts';
import type { Wish } from './parse-intent.ts';
import { parseWish, splitQuestions } from './parse-intent.ts';
import type { Entities } from './resolve-entities.ts';
import { resolveEntities } from './resolve-entities.ts';

export const HELP = [
  'Ask in plain words, for example:',
  '"Why can\'t branch 2 reach the ERP?" diagnoses one place and proposes a repair; people approve it, not I.',
  '"Is everything healthy?" sweeps all devices. "Any config drift?" compares all devices with what is intended.',
  '"Anything suspicious?" looks for changes made outside of Wayleave. "How is the quality?" compares paths with the SLA classes.',
  '"List devices", "list incidents", "remove entry e90 from acl-lan-in on br1_edge".',
].join('\n');

const list = (names: readonly string[]): string => (names.length > 0 ? names.join(', ') : 'none');

/** Sites of the tenant that people ask about. */
export function knownSites(inventory: Inventory): readonly string[] {
  return [...new Set(inventory.devices.filter(({ role }) => role !== 'controller').map(({ site }) => site))];
}

/** What to answer when the question cannot be taken as it is; undefined when it can. */
function askBack({ unknown, ambiguous }: Entities, inventory: Inventory): string | undefined {
  const [unclear] = ambiguous;
  if (unclear) return `Which one do you mean by "${unclear.word}": ${unclear.options.join(', ')}?`;
  if (unknown.length === 0) return undefined;
  return `I do not know ${list(unknown)} here. The sites I know are ${list(knownSites(inventory))}; "list devices" shows all devices.`;
}

function describeList(question: string, inventory: Inventory): string {
  if (/\b(?:sites?|branch(?:es)?|locations?)\b/i.test(question)) return `Sites: ${list(knownSites(inventory))}.`;
  if (/\b(?:hosts?|services?|applications?|apps?)\b/i.test(question)) {
    const hosts = inventory.hosts.map(({ name, services }) =>
      services.length > 0
        ? `${name} (${services.map((service) => `${service.name}:${service.port}`).join(', ')})`
        : name,
    );
    return `Hosts: ${list(hosts)}.`;
  }
  if (/\b(?:circuits?|links?|transports?)\b/i.test(question)) {
    return `Circuits: ${list(inventory.circuits.map(({ name, provider }) => `${name} (${provider})`))}.`;
  }
  return `Devices: ${list(inventory.devices.map(({ name, role, site }) => `${name} (${role}, ${site})`))}.`;
}

type Plan = Pick<Task, 'agent' | 'kind' | 'detail'>;
const speak = (detail: string): Plan => ({ agent: 'none', kind: 'say', detail });

function planWish(wish: Wish, question: string, entities: Entities, inventory: Inventory): Plan {
  switch (wish) {
    case 'help':
      return speak(HELP);
    case 'change': {
      const proposal = parseChange(question, entities.devices);
      return proposal
        ? { agent: 'troubleshooter', kind: 'change', detail: JSON.stringify(proposal) }
        : speak(
            'I can only propose changes that say exactly what to change and on which one device. "help" has examples.',
          );
    }
    case 'list':
      return /\b(?:incidents?|tickets?)\b/i.test(question)
        ? { agent: 'none', kind: 'list', detail: 'incidents' }
        : speak(describeList(question, inventory));
    case 'drift':
      return { agent: 'compliance-auditor', kind: 'drift', detail: '' };
    case 'watch':
      return { agent: 'threat-watcher', kind: 'watch', detail: '' };
    case 'experience':
      return { agent: 'experience-optimizer', kind: 'experience', detail: '' };
    case 'status':
      return entities.devices.length > 0
        ? { agent: 'troubleshooter', kind: 'diagnose', detail: '' }
        : { agent: 'health-monitor', kind: 'sweep', detail: '' };
    case 'diagnose':
      return { agent: 'troubleshooter', kind: 'diagnose', detail: '' };
    case 'unclear':
      return entities.devices.length > 0
        ? { agent: 'troubleshooter', kind: 'diagnose', detail: '' }
        : speak(`I did not understand "${question.slice(0, 80)}". ${HELP}`);
  }
}

/** Tasks of a text, in the order asked. `turn` makes their ids unique in the conversation. */
export function planTasks(text: string, inventory: Inventory, turn: number): readonly Task[] {
  const questions = splitQuestions(text);
  return (questions.length > 0 ? questions : ['help']).map((question, index) => {
    const entities = resolveEntities(question, inventory);
    const wish = parseWish(question);
    const needsPlace = wish !== 'help' && wish !== 'list';
    const back = needsPlace ? askBack(entities, inventory) : undefined;
    const plan = back === undefined ? planWish(wish, question, entities, inventory) : speak(back);
    return {
      id: `t${turn}.${index}`,
      question,
      devices: entities.devices,
      service: entities.service || 'erp',
      ...plan,
    };
  });
}
