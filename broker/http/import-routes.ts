/** `/api/inventory/import`: devices of another inventory for the tenant of the person; demands the control audience. */
import { Hono } from 'hono';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { type ImportDesk, wantedImport } from '../inventory/import-devices.ts';
import type { Authenticate } from '../stages/authenticate.ts';
import { parseBody, readCredential, readJson } from './request.ts';

export interface ImportRoutesDeps {
  readonly url: string;
  readonly authenticate: Authenticate;
  readonly importDesk: ImportDesk;
}

export function importRoutes({ url, authenticate, importDesk }: ImportRoutesDeps): Hono {
  const api = new Hono();
  api.post('/', async (c) => {
    const subject = await authenticate(await readCredential(c, url), CONTROL_AUDIENCE);
    return c.json(await importDesk.importDevices(subject, parseBody(wantedImport, await readJson(c))));
  });
  return api;
}
