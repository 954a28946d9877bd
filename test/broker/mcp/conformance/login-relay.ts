/** A server on loopback that adds a person's login to what it passes on, for MCP clients that know none. */
import { randomUUID } from 'node:crypto';
import { createServer, request } from 'node:http';
import { z } from 'zod';
import type { ClientSession } from '../../../../apps/client/session.ts';
import { DOMAINS } from '../../../../broker/contract.ts';
import { mcpAudience } from '../../../../protocols/oauth/access-token.ts';
import { createProof } from '../../../../protocols/oauth/dpop.ts';
import { importSigningKey } from '../../../../protocols/oauth/jwk.ts';

export interface LoginRelay {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** `upstream` is the broker. Its own name is put for the relay's; other names in `Host` and `Origin` stay as they are. */
export async function startLoginRelay(upstream: string, session: ClientSession): Promise<LoginRelay> {
  const target = new URL(upstream);
  let own = '';
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers };
    // Any spelling of loopback is the relay's own name; the port tells whether it is meant.
    const rename = (value: string): string =>
      value.replace(/^(https?:\/\/)?(127\.0\.0\.1|localhost):\d+$/, (all, scheme = '') => {
        const port = all.split(':').at(-1);
        return port === own ? `${scheme}${target.host}` : all;
      });
    if (headers.host !== undefined) headers.host = rename(headers.host);
    if (headers.origin !== undefined) headers.origin = rename(headers.origin);
    const pass = async (): Promise<void> => {
      const authorized = await proveLogin(session, `${upstream}${incoming.url ?? ''}`, incoming.method ?? 'GET');
      const onward = request(
        `${upstream}${incoming.url ?? ''}`,
        { method: incoming.method, headers: { ...headers, ...authorized } },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.writeHead(502).end());
      incoming.pipe(onward);
    };
    pass().catch(() => outgoing.writeHead(502).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  own = String(address.port);
  return {
    url: `http://127.0.0.1:${own}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A fresh credential of the session for such a request to a domain's server. */
async function proveLogin(
  session: ClientSession,
  url: string,
  method: string,
): Promise<Readonly<Record<string, string>>> {
  const domain = z.enum(DOMAINS).parse(new URL(url).pathname.split('/')[2]);
  const accessToken = await session.token(mcpAudience(session.issuer, domain));
  const key = importSigningKey(session.keep().key);
  const proof = createProof(key, { method, url, accessToken }, Date.now(), randomUUID());
  return { authorization: `DPoP ${accessToken}`, dpop: proof };
}
