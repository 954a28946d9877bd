/** The agents' process shows the board of its embedded queue, which nobody else can open, to the command that has the folder's token. */
import type { WebApp } from '../../broker/http/server.ts';
import { BOARD_PATH } from '../jobs/board-path.ts';
import { isToken } from './operations.ts';

const say = (status: number, text: string): Response =>
  new Response(text, { status, headers: { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' } });

/**
 * The application with the board below `BOARD_PATH`. `token` empty: there is none. The board's own door (`apps/jobs/board.ts`)
 * asks who looks; here counts that it is the command of this installation.
 */
export const withBoard = (
  app: WebApp,
  token: string,
  pages: () => Promise<((request: Request) => Promise<Response>) | undefined>,
): WebApp => ({
  fetch: async (request, bindings) => {
    const url = new URL(request.url);
    if (token === '' || !url.pathname.startsWith(`${BOARD_PATH}/`)) return app.fetch(request, bindings);
    if (!isToken(request.headers.get('authorization') ?? '', token))
      return say(401, 'The token of the board is missing.');
    const show = await pages();
    if (show === undefined) return say(503, 'There is no queue yet: it is opened with the first schedule.');
    return show(
      new Request(new URL(url.pathname.slice(BOARD_PATH.length) + url.search, url), { method: request.method }),
    );
  },
});
