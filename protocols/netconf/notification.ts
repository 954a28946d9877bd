/** Notifications as values: the request for them and their envelope (RFC 5277 §2.1.1, §4), and the names of the base notifications (RFC 6470). */
import { MessageError } from './messages.ts';
import { childText, el, type XmlNode } from './xml.ts';

export const NOTIFICATION_NS = 'urn:ietf:params:xml:ns:netconf:notification:1.0';
/** RFC 6470: what happened to configuration and sessions. */
export const BASE_EVENTS_NS = 'urn:ietf:params:xml:ns:yang:ietf-netconf-notifications';
/** RFC 5277 §3.2.5: the streams of a server, and the marks at the end of a replay. */
export const STREAMS_NS = 'urn:ietf:params:xml:ns:netmod:notification';

/** RFC 5277 §3.1.1. */
export const NOTIFICATION_CAPABILITY = 'urn:ietf:params:netconf:capability:notification:1.0';
/** RFC 5277 §6: rpcs are taken beside notifications. */
export const INTERLEAVE_CAPABILITY = 'urn:ietf:params:netconf:capability:interleave:1.0';

export interface Notification {
  /** `<eventTime>` by the device's clock, epoch milliseconds. */
  readonly at: number;
  readonly content: XmlNode;
}

/** A subscription to the default stream NETCONF; with `since` what the stream has kept from then on comes first. */
export const createSubscription = (since?: number): XmlNode =>
  el(
    NOTIFICATION_NS,
    'create-subscription',
    since === undefined ? [] : [el(NOTIFICATION_NS, 'startTime', new Date(since).toISOString())],
  );

export const isNotification = (node: XmlNode): boolean => node.ns === NOTIFICATION_NS && node.name === 'notification';

/** @throws {MessageError} when it has no time, or not exactly one content. */
export function parseNotification(node: XmlNode): Notification {
  const text = childText(node, 'eventTime', NOTIFICATION_NS) ?? '';
  // RFC 3339, as RFC 5277 §2.2.1 demands; Date.parse alone would take much more.
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  const [content, ...others] = node.children.filter(({ ns, name }) => ns !== NOTIFICATION_NS || name !== 'eventTime');
  if (!Number.isFinite(at) || content === undefined || others.length > 0)
    throw new MessageError('a notification has one time and one content');
  return { at, content };
}

/** Filter of the streams that a server offers. */
export const STREAMS_FILTER = `<netconf xmlns="${STREAMS_NS}"><streams/></netconf>`;

export interface NotificationStream {
  readonly name: string;
  readonly replay: boolean;
}

/** Streams in the data of a get with `STREAMS_FILTER`; none when the server does not list them. */
export function readStreams(nodes: readonly XmlNode[]): readonly NotificationStream[] {
  const lists = nodes
    .filter(({ ns, name }) => ns === STREAMS_NS && name === 'netconf')
    .flatMap(({ children }) => children.filter(({ name }) => name === 'streams'));
  return lists
    .flatMap(({ children }) => children.filter(({ name }) => name === 'stream'))
    .flatMap((stream) => {
      const name = childText(stream, 'name', STREAMS_NS);
      return name === undefined
        ? []
        : [{ name: name.slice(0, 64), replay: childText(stream, 'replaySupport', STREAMS_NS) === 'true' }];
    });
}
