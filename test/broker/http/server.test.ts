/** Listening: where it is refused, and what a request meets before the application. */
import { createServer } from 'node:net';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../broker/http/server.ts';

const createApp = () => new Hono<{ Bindings: HttpBindings }>().get('/', (c) => c.text('hello'));

describe('startHttpServer', () => {
  it('serves on loopback and tells its URL', async () => {
    const server = await startHttpServer({ createApp, host: '127.0.0.1', port: 0 });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(server.url)).text()).toBe('hello');
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', '127.example.net', ''])(
    'refuses to listen on %j without TLS',
    async (host) => {
      await expect(startHttpServer({ createApp, host, port: 0 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    },
  );

  it('says that a port is in use', async () => {
    const first = await startHttpServer({ createApp, host: '127.0.0.1', port: 0 });
    const port = Number(new URL(first.url).port);
    await expect(startHttpServer({ createApp, host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    await first.close();
  });

  it('frees the port when the application cannot be made', async () => {
    let port = 0;
    const failing = startHttpServer({
      createApp: (url) => {
        port = Number(new URL(url).port);
        throw new Error('no application');
      },
      host: '127.0.0.1',
      port: 0,
    });
    await expect(failing).rejects.toThrow('no application');
    const again = createServer();
    await new Promise<void>((resolve, reject) => again.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => again.close(resolve));
  });
});
