/** Notifications of a device as XML: the envelope of RFC 5277 §4 and the base notifications of RFC 6470. */
import { BASE_EVENTS_NS, NOTIFICATION_NS } from '../../../protocols/netconf/notification.ts';
import { el, renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import type { Caller, DatastoreEvent } from './datastores.ts';

/** Why a session ended (RFC 6470 §2.2). */
export type Termination = 'closed' | 'killed' | 'dropped' | 'timeout' | 'bad-hello' | 'other';

const leaf = (name: string, text: string): XmlNode => el(BASE_EVENTS_NS, name, text);
const who = ({ user, session }: Caller): readonly XmlNode[] => [
  leaf('username', user),
  leaf('session-id', String(session)),
];

/** RFC 3339 in UTC, as yang:date-and-time. */
export const dateTimeOf = (epochMs: number): string => new Date(epochMs).toISOString();

export const buildNotification = (at: number, content: XmlNode): XmlNode =>
  el(NOTIFICATION_NS, 'notification', [el(NOTIFICATION_NS, 'eventTime', dateTimeOf(at)), content]);

export const buildSessionStart = (by: Caller): XmlNode => el(BASE_EVENTS_NS, 'netconf-session-start', who(by));

export const buildSessionEnd = (by: Caller, reason: Termination, killedBy?: number): XmlNode =>
  el(BASE_EVENTS_NS, 'netconf-session-end', [
    ...who(by),
    ...(killedBy === undefined ? [] : [leaf('killed-by', String(killedBy))]),
    leaf('termination-reason', reason),
  ]);

export function buildDatastoreNotice(event: DatastoreEvent): XmlNode {
  if (event.kind === 'config-change')
    return el(BASE_EVENTS_NS, 'netconf-config-change', [
      el(BASE_EVENTS_NS, 'changed-by', who(event.by)),
      leaf('datastore', 'running'),
      ...changesOf(event.before, event.after),
    ]);
  return el(BASE_EVENTS_NS, 'netconf-confirmed-commit', [
    // RFC 6470 §2.2: nobody's session made it time out.
    ...(event.event === 'timeout' ? [] : who(event.by)),
    leaf('confirm-event', event.event),
    ...(event.timeoutSeconds === undefined ? [] : [leaf('timeout', String(event.timeoutSeconds))]),
  ]);
}

/** Top-level nodes that differ. */
function changesOf(before: XmlNode, after: XmlNode): readonly XmlNode[] {
  const old = new Map(before.children.map((node) => [`{${node.ns}}${node.name}`, node]));
  const now = new Map(after.children.map((node) => [`{${node.ns}}${node.name}`, node]));
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [a, b] = [old.get(key), now.get(key)];
    const node = b ?? a;
    if (node === undefined || (a !== undefined && b !== undefined && renderXml(a) === renderXml(b))) return [];
    const operation = a === undefined ? 'create' : b === undefined ? 'delete' : 'merge';
    return [
      el(BASE_EVENTS_NS, 'edit', [
        el(BASE_EVENTS_NS, 'target', `/d:${node.name}`, { 'xmlns:d': node.ns }),
        leaf('operation', operation),
      ]),
    ];
  });
}
