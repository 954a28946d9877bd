/** Finds servers for AI agents (MCP) that nobody registered, in the names that hosts ask for and in what devices log. Pure. */
import type { Evidence } from '../../broker/contract.ts';
import type { Statement } from '../events.ts';
import { quote } from '../events.ts';
import { citeTenet } from './tenets.ts';

/** Hosted servers are called so by convention: a label of the name is `mcp`, or begins or ends with it. */
const NAME = /(?:^|\.)(?:mcp|mcp-[a-z0-9-]+|[a-z0-9-]+-mcp)\.(?=.*[a-z])/i;
/** An address that ends in `/mcp`, or a header of the protocol (Model Context Protocol 2025-06-18, Streamable HTTP). */
const URL_OF_SERVER = /https?:\/\/([a-z0-9.:[\]-]+)(?:\/[\w.~%-]+)*\/mcp\b/i;
const HEADER = /\bmcp-(?:session-id|protocol-version)\b/i;
const MAX_CITED = 20;

interface Seen {
  readonly server: string;
  readonly who: string;
  readonly id: string;
}

function readFlow({ id, resource, value }: Evidence): readonly Seen[] {
  const who = resource.replace(/^address\//, '');
  return String(value)
    .split(' ')
    .filter((name) => NAME.test(name))
    .map((server) => ({ server: server.toLowerCase().replace(/\.$/, ''), who, id }));
}

function readLog({ id, resource, value }: Evidence): readonly Seen[] {
  const text = String(value);
  const server = URL_OF_SERVER.exec(text)?.[1]?.toLowerCase();
  if (server !== undefined) return [{ server, who: resource, id }];
  return HEADER.test(text) ? [{ server: 'an address that the log does not name', who: resource, id }] : [];
}

/** Names that people registered as known sources, and what they wrote about them. */
const isRegistered = (server: string, known: readonly Evidence[]): boolean =>
  known.some(({ resource, value }) => resource === `source/${server}` || String(value).toLowerCase().includes(server));

/** One statement for each server that was used and that no record of known sources names. */
export function findShadowServers(evidence: readonly Evidence[]): readonly Statement[] {
  const known = evidence.filter(({ signal }) => signal === 'list.known_source');
  const seen = evidence.flatMap((one) =>
    one.signal === 'flow.dns_query' ? readFlow(one) : /^(?:trap|log|syslog)\./.test(one.signal) ? readLog(one) : [],
  );
  return [...new Set(seen.map(({ server }) => server))]
    .filter((server) => !isRegistered(server, known))
    .map((server) => {
      const own = seen.filter((one) => one.server === server);
      const who = [...new Set(own.map((one) => one.who))];
      const more = who.length > 3 ? ` and ${who.length - 3} more` : '';
      return {
        text: `${who.slice(0, 3).join(', ')}${more} used an MCP server that nobody registered: "${quote(server)}" ${citeTenet(1)}`,
        evidence: [...new Set(own.map(({ id }) => id))].slice(0, MAX_CITED),
      };
    });
}
