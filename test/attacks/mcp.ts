/** Attacks on the MCP servers: requests that tell two stories, and other people's web pages. */
import { request } from 'node:http';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import { type FrontUnderAttack, MCP_PATH, openSteadyFront } from './front.ts';

const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'bgp.read', arguments: {} } };

/** Sent past `fetch`, which sets `Host` by itself. Refused means 4xx and no call of the broker. */
async function sendRaw(lab: FrontUnderAttack, headers: Readonly<Record<string, string>>): Promise<Attempt> {
  const calls = lab.front.calls.length;
  const token = lab.forge();
  const status = await new Promise<number>((resolve, reject) => {
    const sent = request(
      `${lab.url}${MCP_PATH}`,
      {
        method: 'POST',
        headers: {
          Authorization: `DPoP ${token}`,
          DPoP: lab.prove(token),
          Accept: 'application/json, text/event-stream',
          'Content-Type': 'application/json',
          ...headers,
        },
      },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(CALL));
  });
  const refused = status >= 400 && status < 500 && lab.front.calls.length === calls;
  return { refused, how: `answered ${status}` };
}

export const MCP_ATTACKS: readonly Attack[] = [
  {
    id: 'MCP-07',
    guard: 'mirrored-headers',
    attempt: async () => {
      const lab = await openSteadyFront();
      const lies = [
        { 'Mcp-Method': 'tools/list' },
        { 'Mcp-Method': 'TOOLS/CALL' },
        { 'Mcp-Name': 'inventory.read' },
        { 'Mcp-Name': '=?base64?aW52ZW50b3J5LnJlYWQ=?=' },
        { 'Mcp-Method': 'tools/call', 'Mcp-Name': '' },
      ];
      const honest = await lab.send({ body: CALL, headers: { 'Mcp-Method': 'tools/call', 'Mcp-Name': 'bgp.read' } });
      if (honest.status !== 200) throw new Error('headers that agree are refused');
      return attemptAll(
        lies.map((headers) => [
          JSON.stringify(headers),
          async (): Promise<Attempt> => {
            const calls = lab.front.calls.length;
            const answer = await lab.send({ body: CALL, headers });
            const refused = answer.status === 400 && /HeaderMismatch/.test(await answer.text());
            return { refused: refused && lab.front.calls.length === calls, how: `answered ${answer.status}` };
          },
        ]),
      );
    },
  },
  {
    id: 'MCP-08',
    guard: 'own-host',
    attempt: async () => {
      const lab = await openSteadyFront();
      const own = new URL(lab.url);
      if (!(await sendRaw(lab, { Origin: own.origin })).how.endsWith('200')) throw new Error('its own page is refused');
      return attemptAll(
        [
          { Host: `evil.example:${own.port}` },
          { Host: 'metadata.internal' },
          { Host: own.hostname },
          { Host: `${own.host}.evil.example` },
          { Origin: 'https://evil.example' },
          { Origin: 'null' },
          { Origin: `https://${own.host}` },
          { Origin: `${own.origin}.evil.example` },
        ].map((headers) => [JSON.stringify(headers), () => sendRaw(lab, headers)] as const),
      );
    },
  },
  {
    id: 'MCP-14',
    guard: 'every-message-authenticated',
    attempt: async () => {
      const lab = await openSteadyFront();
      const hello = (name: string) => ({
        ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name, version: '1' } },
      });
      if ((await lab.send({ body: hello('an honest client') })).status !== 200) throw new Error('nobody may begin');
      const stranger = lab.forge({ aud: `${lab.url}/mcp/security` });
      return attemptAll(
        ['admin-console', 'wayleave', 'broker', 'provider-admin'].map((name) => [
          name,
          async (): Promise<Attempt> => {
            const { status } = await lab.send({ token: stranger, body: hello(name) });
            return { refused: status === 401, how: `answered ${status}` };
          },
        ]),
      );
    },
  },
];
