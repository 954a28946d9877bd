/** Personas of simulated devices: the ways in which a device can be trouble to who manages it, each in one sentence. */

export const PERSONAS = [
  { name: 'slow', protocol: 'netconf', does: 'Answers each rpc two seconds late.' },
  { name: 'hung', protocol: 'netconf', does: 'Says hello, takes every rpc and never answers one.' },
  { name: 'garbage-banner', protocol: 'netconf', does: 'Sends noise where SSH has its version line, and hangs up.' },
  { name: 'wrong-host-key', protocol: 'netconf', does: 'Shows another host key, as after a replacement.' },
  {
    name: 'drops-session',
    protocol: 'netconf',
    does: 'Does the rpc at step k of a session and cuts the line instead of answering.',
  },
  { name: 'ok-and-nothing', protocol: 'netconf', does: 'Answers ok to every write and does nothing.' },
  {
    name: 'no-rollback-while-locked',
    protocol: 'netconf',
    does: 'Forgets to roll a confirmed commit back when a datastore is locked.',
  },
  {
    name: 'loses-candidate',
    protocol: 'netconf',
    does: 'Forgets the candidate just before it commits, and answers ok.',
  },
  {
    name: 'reboots-during-commit',
    protocol: 'netconf',
    does: 'Commits, loses power before it answers, and rolls a confirmed commit back as it starts.',
  },
  { name: 'broken-xml', protocol: 'netconf', does: 'Leaves the end of each reply out.' },
  { name: 'truncated-chunk', protocol: 'netconf', does: 'Announces a longer chunk than it sends, and hangs up.' },
  { name: 'wrong-message-id', protocol: 'netconf', does: 'Answers with the message-id of nothing that was asked.' },
  { name: 'duplicate-message-id', protocol: 'netconf', does: 'Sends each reply twice.' },
  { name: 'huge-reply', protocol: 'netconf', does: 'Pads each reply with eight megabytes of blanks.' },
  {
    name: 'xml-bomb',
    protocol: 'netconf',
    does: 'Declares entities that expand to billions of characters in each reply.',
  },
  { name: 'warns', protocol: 'netconf', does: 'Does what it is asked and answers with a warning.' },
  {
    name: 'no-confirmed-commit',
    protocol: 'netconf',
    does: 'Has a candidate and no confirmed commit: what is committed stays.',
  },
  {
    name: 'only-running',
    protocol: 'netconf',
    does: 'Has neither candidate nor validation: running is edited directly.',
  },
  {
    name: 'engine-boots-change',
    protocol: 'snmp',
    does: 'Counts one more boot of its SNMP engine and begins its time again.',
  },
  { name: 'counter-reset', protocol: 'snmp', does: 'Begins its counters at zero again.' },
  { name: 'wrong-clock', protocol: 'snmp', does: 'Tells SNMP engine times that are not in the time window.' },
] as const satisfies readonly { readonly name: string; readonly protocol: 'netconf' | 'snmp'; readonly does: string }[];

export type PersonaName = (typeof PERSONAS)[number]['name'];
export type NetconfPersona = Extract<(typeof PERSONAS)[number], { readonly protocol: 'netconf' }>['name'];
export type SnmpPersona = Exclude<PersonaName, NetconfPersona>;

export const PERSONA_NAMES: readonly PersonaName[] = PERSONAS.map(({ name }) => name);
export const NETCONF_PERSONAS: readonly NetconfPersona[] = PERSONAS.flatMap((one) =>
  one.protocol === 'netconf' ? [one.name] : [],
);
export const SNMP_PERSONAS: readonly SnmpPersona[] = PERSONAS.flatMap((one) =>
  one.protocol === 'snmp' ? [one.name] : [],
);
