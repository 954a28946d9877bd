/** The agents' HTTP surface: a chat that streams what happens, for the human who asked. No approval ever passes here. */
import type { Context } from 'hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { ERRORS, WayleaveError } from '../broker/errors.ts';
import type { BrokerPort } from './broker-port.ts';
import { toProblem } from './broker-port.ts';
import type { Conversations, Turn } from './conversations.ts';
import type { ChatEvent } from './events.ts';
import type { MakeId } from './ids.ts';

/** Who asks, proven; `token` is what the broker port exchanges for its own. */
export interface Caller {
  readonly human: string;
  readonly tenant: string;
  readonly token: string;
}

export interface HttpDeps {
  readonly conversations: Conversations;
  /** Rejects with a `WayleaveError` when the request proves nobody. */
  readonly authenticate: (request: Request) => Promise<Caller>;
  readonly brokerFor: (token: string) => BrokerPort;
  readonly ids: MakeId;
  /** Origins of the console: no other page hears an answer (CORS). */
  readonly consoleOrigins?: readonly string[];
}

const MAX_BODY = 64 * 1024;
const threadId = z.string().regex(/^thr_[a-z0-9]{1,40}$/);
// How long a question may be is for the router to say: the body is limited anyway.
export const chatBody = z.strictObject({ thread: threadId.optional(), text: z.string().min(1) });

/** The last event that the reader has: what follows it is sent. */
export const followQuery = z.object({
  after: z
    .string()
    .regex(/^e\d{6}$/)
    .optional(),
});

/** Events wait for their reader here, in order. */
function createQueue(): { push(event: ChatEvent): void; end(): void; next(): Promise<ChatEvent | undefined> } {
  const waiting: (ChatEvent | undefined)[] = [];
  let wake: (() => void) | undefined;
  const push = (event: ChatEvent | undefined): void => {
    waiting.push(event);
    wake?.();
  };
  return {
    push,
    end: () => push(undefined),
    async next() {
      while (waiting.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return waiting.shift();
    },
  };
}

/** The app, ready for `app.request()` or a server. A run goes on when its reader goes away; its events stay readable. */
export function createAgentsApp({ conversations, authenticate, brokerFor, ids, consoleOrigins = [] }: HttpDeps): Hono {
  const app = new Hono();

  const stream = (context: Context, thread: string, start: (emit: Turn['emit']) => Promise<void>) => {
    context.header('Wayleave-Thread', thread);
    return streamSSE(context, async (out) => {
      const queue = createQueue();
      const run = start(queue.push)
        .catch((error: unknown) => {
          queue.push({ type: 'error', id: 'error', ...toProblem(error) });
          queue.push({ type: 'done', id: 'done' });
        })
        .finally(queue.end);
      for (let event = await queue.next(); event !== undefined; event = await queue.next()) {
        await out.writeSSE({ event: event.type, id: event.id, data: JSON.stringify(event) });
      }
      await run;
    });
  };
  const turnOf = ({ human, tenant, token }: Caller, thread: string, emit: Turn['emit']): Turn => ({
    human,
    tenant,
    thread,
    broker: brokerFor(token),
    emit,
  });
  const ownThread = async (context: Context): Promise<{ readonly caller: Caller; readonly thread: string }> => {
    const caller = await authenticate(context.req.raw);
    const thread = threadId.safeParse(context.req.param('id'));
    const shown = thread.success ? await conversations.show(caller, thread.data) : undefined;
    if (!thread.success || !shown) throw new WayleaveError('NOT_FOUND');
    return { caller, thread: thread.data };
  };

  app.onError((error, context) => {
    const { code, message, hint } = toProblem(error);
    const status = Object.entries(ERRORS).find(([name]) => name === code)?.[1].status ?? 500;
    return context.newResponse(JSON.stringify({ error: { code, message, hint } }), {
      status,
      headers: { 'content-type': 'application/json' },
    });
  });
  app.notFound(() => {
    throw new WayleaveError('NOT_FOUND');
  });
  app.use(
    cors({
      origin: [...consoleOrigins],
      allowMethods: ['GET', 'POST'],
      allowHeaders: ['Authorization', 'Content-Type', 'DPoP'],
      exposeHeaders: ['Wayleave-Thread'],
      maxAge: 600,
    }),
  );
  app.use(
    bodyLimit({
      maxSize: MAX_BODY,
      onError: () => {
        throw new WayleaveError('TOO_LARGE');
      },
    }),
  );

  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.post('/chat', async (context) => {
    const caller = await authenticate(context.req.raw);
    const body = chatBody.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) throw new WayleaveError('USAGE', 'Send JSON: {"thread"?: "thr_…", "text": "…"}.');
    const thread = body.data.thread ?? ids('thr');
    if (body.data.thread !== undefined && !(await conversations.show(caller, thread)))
      throw new WayleaveError('NOT_FOUND');
    const { text } = body.data;
    return stream(context, thread, (emit) => conversations.chat({ ...turnOf(caller, thread, emit), text }));
  });
  app.post('/threads/:id/resume', async (context) => {
    const { caller, thread } = await ownThread(context);
    return stream(context, thread, (emit) => conversations.resume(turnOf(caller, thread, emit)));
  });
  app.get('/threads', async (context) => {
    const caller = await authenticate(context.req.raw);
    if (Object.keys(context.req.query()).length > 0) throw new WayleaveError('USAGE', 'The list takes no parameters.');
    return context.json(await conversations.list(caller));
  });
  app.get('/threads/:id/events', async (context) => {
    const { caller, thread } = await ownThread(context);
    const query = followQuery.safeParse(context.req.query());
    if (!query.success) throw new WayleaveError('USAGE', 'after must be the id of an event, e000012.');
    return streamSSE(context, async (out) => {
      const gone = new AbortController();
      out.onAbort(() => gone.abort());
      for await (const event of conversations.follow(caller, thread, query.data.after ?? '', gone.signal))
        await out.writeSSE({ event: event.type, id: event.id, data: JSON.stringify(event) });
    });
  });
  app.post('/threads/:id/stop', async (context) => {
    const { caller, thread } = await ownThread(context);
    return context.json({ stopped: conversations.stop(caller, thread) });
  });
  app.get('/threads/:id', async (context) => {
    const { caller, thread } = await ownThread(context);
    return context.json({ ...(await conversations.show(caller, thread)) });
  });
  return app;
}
