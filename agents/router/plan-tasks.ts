/** Turns a person's text into tasks for the specialists; what the router answers itself is a task too. Pure. */
import type { Inventory } from '../inventory.ts';
import type { Task } from '../state.ts';
import { parseChange } from './parse-change.ts';
import type { Reading } from './reading.ts';
import { MAX_TEXT, routeText } from './route.ts';

export const HELP = [
  'Ask in plain words, in English, about this network, for example:',
  '"Why can\'t branch 2 reach the ERP?" finds the cause and proposes a repair; people approve it, not I. Then: "And branch 3?"',
  '"Is everything healthy?" sweeps all devices; "how is br1 doing?" looks at one place.',
  '"Voice is choppy at branch 3" looks at how well applications run for people.',
  '"Any config drift?", "who changed br2 yesterday?" and "were changes approved without review?" audit configurations and the log.',
  '"Anything suspicious since monday?" looks for attacks and for changes made outside of Wayleave.',
  '"List devices", "list incidents", "remove entry e90 from acl-lan-in on br1_edge".',
].join('\n');

const list = (names: readonly string[]): string => (names.length > 0 ? names.join(', ') : 'none');

/** Sites of the tenant that people ask about. */
export function knownSites(inventory: Inventory): readonly string[] {
  return [...new Set(inventory.devices.filter(({ role }) => role !== 'controller').map(({ site }) => site))];
}

function describeList(question: string, inventory: Inventory): string {
  if (/\b(?:sites?|branch(?:es)?|locations?|offices?|stores?|shops?)\b/i.test(question))
    return `Sites: ${list(knownSites(inventory))}.`;
  if (/\b(?:hosts?|services?|applications?|apps?)\b/i.test(question)) {
    const hosts = inventory.hosts.map(({ name, services }) =>
      services.length > 0
        ? `${name} (${services.map((service) => `${service.name}:${service.port}`).join(', ')})`
        : name,
    );
    return `Hosts: ${list(hosts)}.`;
  }
  if (/\b(?:circuits?|links?|transports?|providers?|carriers?)\b/i.test(question)) {
    return `Circuits: ${list(inventory.circuits.map(({ name, provider }) => `${name} (${provider})`))}.`;
  }
  return `Devices: ${list(inventory.devices.map(({ name, role, site }) => `${name} (${role}, ${site})`))}.`;
}

type Plan = Pick<Task, 'agent' | 'kind' | 'detail'>;
const speak = (detail: string): Plan => ({ agent: 'none', kind: 'say', detail });
/** How much of a question that was not understood is repeated. */
const SHOWN = 80;

function planReading({ wish, question, devices, ask }: Reading, inventory: Inventory): Plan {
  if (ask !== undefined) return speak(ask);
  switch (wish) {
    case 'help':
      return speak(HELP);
    case 'change': {
      const proposal = parseChange(question, devices);
      return proposal
        ? { agent: 'troubleshooter', kind: 'change', detail: JSON.stringify(proposal) }
        : speak(
            'I can only propose changes that say exactly what to change and on which one device. "help" has examples.',
          );
    }
    case 'list':
      return speak(describeList(question, inventory));
    case 'incidents':
      return { agent: 'none', kind: 'list', detail: 'incidents' };
    case 'compliance':
      return { agent: 'compliance-auditor', kind: 'drift', detail: '' };
    case 'security':
      return { agent: 'threat-watcher', kind: 'watch', detail: '' };
    case 'experience':
      return { agent: 'experience-optimizer', kind: 'experience', detail: '' };
    case 'status':
      return { agent: 'health-monitor', kind: 'sweep', detail: '' };
    case 'repair':
    case 'diagnose':
      return { agent: 'troubleshooter', kind: 'diagnose', detail: '' };
    case 'unclear':
      return speak(`I did not understand "${question.slice(0, SHOWN)}". ${HELP}`);
  }
}

/** Application that a diagnosis tries when none is named, or one that nobody here serves. */
const USUAL_SERVICE = 'erp';

/** What a text was understood as, and the tasks of it in the order asked. */
export interface Planned {
  readonly tasks: readonly Task[];
  /** What a question after this one goes on from. */
  readonly last?: Reading | undefined;
  /** False when no part of the text meant anything to the router. */
  readonly understood: boolean;
  /** Some part of it asks for a change, whether or not it can be proposed. */
  readonly changes: boolean;
}

/** `turn` makes the ids unique in the conversation; `before` is what its last question was understood as. */
export function planTasks(
  text: string,
  inventory: Inventory,
  turn: number,
  { before, now }: { readonly before?: Reading | undefined; readonly now: number },
): Planned {
  const readings = routeText(text, inventory, { before, now });
  const served = new Set(inventory.hosts.flatMap(({ services }) => services.map(({ name }) => name)));
  const tasks = readings.map((reading, index) => ({
    id: `t${turn}.${index}`,
    question: reading.question,
    devices: reading.devices,
    service: served.has(reading.service) ? reading.service : USUAL_SERVICE,
    from: reading.time?.from ?? '',
    to: reading.time?.to ?? '',
    ...planReading(reading, inventory),
  }));
  const last = readings.filter(({ wish }) => wish !== 'help' && wish !== 'unclear').at(-1) ?? before;
  const understood =
    text.length > MAX_TEXT ||
    readings.some(({ wish, ask, foreign }) => foreign !== true && (wish !== 'unclear' || ask !== undefined));
  return { tasks, last, understood, changes: readings.some(({ wish }) => wish === 'change') };
}
