/** A real HTTP server that speaks the protocols of language models: scripted, and able to behave as badly as one can. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server was asked: path, headers, and the parsed body. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: {
    readonly model?: string;
    readonly messages?: readonly { readonly role: string; readonly content: unknown }[];
    readonly [name: string]: unknown;
  };
  /** Text of the last message: the fenced data. */
  readonly data: string;
  /** Text of everything that was sent. */
  readonly whole: string;
}

/** Answers one request; the socket is its own to break. */
export type Behave = (asked: Asked, response: ServerResponse) => void;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

/** An answer in the form of the protocol that was asked by. */
export const say =
  (text: string | ((asked: Asked) => string), tokens = { in: 120, out: 40 }): Behave =>
  (asked, response) => {
    const content = typeof text === 'string' ? text : text(asked);
    if (asked.path.endsWith('/v1/messages')) {
      const usage = { input_tokens: tokens.in, output_tokens: tokens.out };
      json(response, 200, {
        ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: content }] },
        ...{ stop_reason: 'end_turn', usage },
      });
      return;
    }
    if (asked.path.endsWith('/api/chat')) {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      const line = { model: 'm', created_at: '2026-01-05T09:00:00Z', message: { role: 'assistant', content } };
      response.write(`${JSON.stringify({ ...line, done: false })}\n`);
      const end = { ...line, message: { role: 'assistant', content: '' } };
      response.end(
        `${JSON.stringify({ ...end, done: true, done_reason: 'stop', prompt_eval_count: tokens.in, eval_count: tokens.out })}\n`,
      );
      return;
    }
    json(response, 200, {
      ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm' },
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: tokens.in, completion_tokens: tokens.out, total_tokens: tokens.in + tokens.out },
    });
  };

/** A call of a tool that nobody offered, in the form of the OpenAI protocol. */
export const callTool =
  (name: string, args: object): Behave =>
  (_asked, response) => {
    const call = { id: 'call_1', type: 'function', function: { name, arguments: JSON.stringify(args) } };
    json(response, 200, {
      ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm' },
      choices: [
        { index: 0, message: { role: 'assistant', content: null, tool_calls: [call] }, finish_reason: 'tool_calls' },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  };

/** A status with a body that quotes a secret, as servers do. */
export const refuse =
  (status: number, headers: { readonly [name: string]: string } = {}): Behave =>
  (_asked, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ error: { message: 'Incorrect key: sk-secret', type: 'error' } }));
  };

export const send =
  (body: string): Behave =>
  (_asked, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(body);
  };

/** Ends the connection in the middle of the answer. */
export const drop: Behave = (_asked, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"id":"chatcmpl-1"');
  response.socket?.destroy();
};

/** Writes for ever, until the other side has had enough. */
export const flood: Behave = (_asked, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = 'x'.repeat(65_536);
  response.write('{"choices":[{"message":{"role":"assistant","content":"');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  response.on('error', () => undefined);
  more();
};

/** Says nothing; `onAsked` hears of it. */
export const hang =
  (onAsked: () => void): Behave =>
  () =>
    onAsked();

export interface ModelServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  close(): Promise<void>;
}

/** Behaves by the list, one entry a request; the last one for all that follow. */
export async function startModelServer(...behaviour: readonly Behave[]): Promise<ModelServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const body = text === '' ? {} : JSON.parse(text);
      const content: unknown = body.messages?.at(-1)?.content;
      const data = typeof content === 'string' ? content : JSON.stringify(content ?? '');
      const one = { path: request.url ?? '', headers: request.headers, body, data, whole: text };
      const behave = behaviour[Math.min(asked.length, behaviour.length - 1)];
      asked.push(one);
      behave?.(one, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The report inside of the fence, as the model is shown it. */
export const fenced = ({ data }: Asked): string => /<<<data \S+\n([\s\S]*)\ndata \S+>>>/.exec(data)?.[1] ?? '';
