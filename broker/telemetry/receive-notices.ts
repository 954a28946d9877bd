/**
 * Makes events of NETCONF notifications. The session proves who tells it; what is told is data of the device. A change of
 * the configuration under another name than the broker's is a foreign one and says so.
 */
import { BASE_EVENTS_NS, type Notification, STREAMS_NS } from '../../protocols/netconf/notification.ts';
import { child, childText, type XmlNode } from '../../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../../protocols/yang/namespaces.ts';
import { SEVERITIES } from '../contract.ts';
import type { ReceivedEvent } from './received-event.ts';

/** Longest text of an event that is kept, characters; and edits of one change that are named. */
const MAX_TEXT = 1_000;
const MAX_EDITS = 10;

type Told = Pick<ReceivedEvent, 'name' | 'resource' | 'severity' | 'detail'>;

/** Undefined for what says nothing about the device: marks of a replay, and the broker's own sessions. */
export function readNotice(
  { at, content }: Notification,
  from: { readonly tenant: string; readonly device: string; readonly user: string },
  receivedAt: number,
): ReceivedEvent | undefined {
  const told = describe(content, from.device, from.user);
  if (told === undefined) return undefined;
  return {
    ...{ tenant: from.tenant, device: from.device, channel: 'notification' },
    name: printable(told.name, 64),
    resource: printable(told.resource, 200),
    severity: told.severity,
    detail: printable(told.detail, MAX_TEXT),
    ...{ observedAt: new Date(at).toISOString(), receivedAt: new Date(receivedAt).toISOString() },
  };
}

function describe(content: XmlNode, device: string, user: string): Told | undefined {
  const resource = `node/${device}`;
  if (content.ns === STREAMS_NS) return undefined;
  if (content.ns === SDWAN_NS && content.name === 'device-event') {
    const read = (leaf: string): string => childText(content, leaf, SDWAN_NS) ?? '';
    const severity = SEVERITIES.find((word) => word === read('severity')) ?? 'info';
    return { name: read('name'), resource: read('resource'), severity, detail: read('detail') };
  }
  if (content.ns !== BASE_EVENTS_NS)
    return { name: content.name, resource, severity: 'info', detail: flatten(content) };
  const who = whoOf(child(content, 'changed-by', BASE_EVENTS_NS) ?? content);
  const isOwn = who.user === user;
  switch (content.name) {
    case 'netconf-config-change':
      return {
        ...{ name: isOwn ? 'config.change' : 'config.foreign-change', resource },
        severity: isOwn ? 'info' : 'warning',
        detail: `${who.text} changed ${editsOf(content)}`,
      };
    case 'netconf-session-start':
    case 'netconf-session-end':
      // The broker reads all the time: its own sessions would bury what others do.
      if (isOwn) return undefined;
      return { name: content.name, resource, severity: 'info', detail: flatten(content) };
    default:
      return { name: content.name, resource, severity: 'info', detail: flatten(content) };
  }
}

/** RFC 6470 §2.2: a user with his session, or the server itself. */
function whoOf(holder: XmlNode): { readonly user: string | undefined; readonly text: string } {
  const user = childText(holder, 'username', BASE_EVENTS_NS);
  if (user === undefined) return { user, text: 'the device itself' };
  const session = childText(holder, 'session-id', BASE_EVENTS_NS) ?? '?';
  return { user, text: `${user} (session ${session})` };
}

function editsOf(content: XmlNode): string {
  const edits = content.children.filter(({ name }) => name === 'edit');
  const said = edits.slice(0, MAX_EDITS).map((edit) => {
    const target = childText(edit, 'target', BASE_EVENTS_NS) ?? '?';
    return `${target} (${childText(edit, 'operation', BASE_EVENTS_NS) ?? '?'})`;
  });
  const more = edits.length > MAX_EDITS ? ` and ${edits.length - MAX_EDITS} more` : '';
  const store = childText(content, 'datastore', BASE_EVENTS_NS) ?? 'running';
  return said.length === 0 ? store : `${store}: ${said.join(', ')}${more}`;
}

/** Leaves with their names, in order, no more of them than are kept. */
function flatten(node: XmlNode): string {
  const parts: string[] = [];
  let length = 0;
  const walk = ({ name, text, children }: XmlNode): void => {
    if (length > MAX_TEXT) return;
    if (children.length === 0) {
      const part = `${name} ${text.slice(0, MAX_TEXT)}`;
      parts.push(part);
      length += part.length;
    } else children.forEach(walk);
  };
  node.children.forEach(walk);
  return parts.join(', ');
}

const printable = (text: string, most: number): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, most);
