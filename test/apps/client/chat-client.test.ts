/** The stream of a conversation over a real connection: its end, its loss, and hearing the rest. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ChatItem, createChatClient } from '../../../apps/client/chat-client.ts';
import type { ClientSession } from '../../../apps/client/session.ts';

const event = (id: string): string => `data: ${JSON.stringify({ type: 'text', id, text: `said ${id}` })}\n\n`;

let server: Server;
let asked: string[] = [];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === '/threads/thr_1/stop') return void response.end('{"stopped":true}');
    response.setHeader('Content-Type', 'text/event-stream');
    if (request.url?.startsWith('/threads/') === true)
      return void response.end(`${event('e000002')}data: {"type":"done","id":"done"}\n\n`);
    response.setHeader('Wayleave-Thread', 'thr_1');
    response.write(event('e000001'), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const session: Pick<ClientSession, 'fetch'> = { fetch: () => fetch };
const client = () =>
  createChatClient(session as ClientSession, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

it('says that the connection was lost, after all that came, and hears the rest', async () => {
  const heard: ChatItem[] = [];
  const listening = async (): Promise<void> => {
    for await (const item of client().ask('why?')) heard.push(item);
  };
  await expect(listening()).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('lost') });
  expect(heard).toEqual([{ thread: 'thr_1' }, { type: 'text', id: 'e000001', text: 'said e000001' }]);
  const rest: ChatItem[] = [];
  for await (const item of client().follow('thr_1', 'e000001')) rest.push(item);
  expect(rest).toMatchObject([{ thread: 'thr_1' }, { id: 'e000002' }, { type: 'done' }]);
  expect(asked).toEqual(['POST /chat', 'GET /threads/thr_1/events?after=e000001']);
});

it('stops a run', async () => {
  expect(await client().stop('thr_1')).toBe(true);
  expect(asked).toEqual(['POST /threads/thr_1/stop']);
});
