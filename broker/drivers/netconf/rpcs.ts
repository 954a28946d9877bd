/** The rpcs that the broker sends, as XML (RFC 6241 §7, §8). */
import { BASE_NS } from '../../../protocols/netconf/messages.ts';
import { el, parseXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import { DriverError } from '../driver.ts';

type Store = 'running' | 'candidate';

export const lock = (store: Store): XmlNode => base('lock', [pick('target', store)]);
export const unlock = (store: Store): XmlNode => base('unlock', [pick('target', store)]);
export const validate = (store: Store): XmlNode => base('validate', [pick('source', store)]);
export const discardChanges = (): XmlNode => base('discard-changes', []);
export const closeSession = (): XmlNode => base('close-session', []);

/** `filter` is the content of a subtree filter, '' for all. */
export const get = (filter: string): XmlNode => base('get', subtree(filter));
export const getConfig = (store: Store, filter: string): XmlNode =>
  base('get-config', [pick('source', store), ...subtree(filter)]);

/** `config` is the content of `<config>`. */
export const editCandidate = (config: string): XmlNode =>
  base('edit-config', [
    pick('target', 'candidate'),
    base('error-option', 'rollback-on-error'),
    base('config', parseContent(config, 'config')),
  ]);

/** Without rollback-on-error a device stops where it fails (RFC 6241 §7.2), and what it did before that stays. */
export const editRunning = (config: string, rollsBack: boolean): XmlNode =>
  base('edit-config', [
    pick('target', 'running'),
    base('error-option', rollsBack ? 'rollback-on-error' : 'stop-on-error'),
    base('config', parseContent(config, 'config')),
  ]);

export const commit = (): XmlNode => base('commit', []);
export const commitUntilClosed = (timeoutSeconds: number): XmlNode =>
  base('commit', [base('confirmed', []), base('confirm-timeout', String(timeoutSeconds))]);

/** A renewal names the commit and asks once more that it outlives the session, which not every server takes for granted. */
export const commitConfirmed = (timeoutSeconds: number, persistId: string, renews = false): XmlNode =>
  base('commit', [
    base('confirmed', []),
    base('confirm-timeout', String(timeoutSeconds)),
    base('persist', persistId),
    ...(renews ? [base('persist-id', persistId)] : []),
  ]);
export const confirmCommit = (persistId: string): XmlNode => base('commit', [base('persist-id', persistId)]);
export const cancelCommit = (persistId: string): XmlNode => base('cancel-commit', [base('persist-id', persistId)]);

/** An RPC of the device's own; those of NETCONF itself go through the methods above only, so that a probe cannot write. */
export function deviceRpc(request: string): XmlNode {
  const [node, ...others] = parseContent(request, 'rpc');
  if (node === undefined || others.length > 0 || node.ns === '' || node.ns === BASE_NS)
    throw new DriverError('UNSUPPORTED', 'a device rpc is one element outside the NETCONF namespace');
  return node;
}

/** Filters as they were parsed: tools ask with the same few again and again. The one that came first goes first. */
const FILTERS = new Map<string, readonly XmlNode[]>();
const MOST_FILTERS = 256;
const LONGEST_FILTER = 2_048;

function subtree(filter: string): readonly XmlNode[] {
  const known = FILTERS.get(filter);
  if (known !== undefined) return known;
  const content = parseContent(filter, 'filter');
  const parsed = content.length === 0 ? [] : [base('filter', content, { type: 'subtree' })];
  if (filter.length > LONGEST_FILTER) return parsed;
  const [oldest] = FILTERS.keys();
  if (FILTERS.size >= MOST_FILTERS && oldest !== undefined) FILTERS.delete(oldest);
  FILTERS.set(filter, parsed);
  return parsed;
}

/** Elements of a fragment. What we would send is held to the same limits as what we receive. */
function parseContent(fragment: string, holder: string): readonly XmlNode[] {
  let parsed: XmlNode | undefined;
  try {
    parsed = parseXml(`<${holder}>${fragment}</${holder}>`);
  } catch {
    // The error of the parser would say no more than the one below.
  }
  // Bare text must not pass for an empty filter, which reads everything.
  if (parsed === undefined || parsed.text.trim() !== '')
    throw new DriverError('UNSUPPORTED', `the ${holder} of the operation is not made of XML elements`);
  return parsed.children;
}

function pick(role: 'source' | 'target', store: Store): XmlNode {
  return base(role, [base(store, [])]);
}

function base(
  name: string,
  content: string | readonly XmlNode[],
  attrs: Readonly<Record<string, string>> = {},
): XmlNode {
  return el(BASE_NS, name, content, attrs);
}
