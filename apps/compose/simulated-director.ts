/** Wires the simulated director of one tenant: its HTTPS server over the routes of the network model. */
import { randomBytes } from 'node:crypto';
import { describeController, OPENAPI_PATH } from '../../protocols/controller/openapi.ts';
import type { Route } from '../../protocols/controller/routes.ts';
import { type RestControllerOptions, startRestController } from '../../simulators/protocols/rest/controller.ts';
import type { ControllerCertificates } from '../controller-certificates.ts';
import { type Endpoint, type Running, USER } from './simulated-device.ts';

/** `index`: place of the tenant among all, which has its certificate. */
export async function startDirector(
  { clock, closers, aging = () => clock.present().now() }: Pick<Running, 'clock' | 'closers' | 'aging'>,
  routes: ReadonlyMap<string, Route>,
  index: number,
  { ca, controllers }: ControllerCertificates,
  limits: Pick<RestControllerOptions, 'requestsPerSecond' | 'pageRows'> = {},
): Promise<NonNullable<Endpoint['rest']>> {
  const tls = controllers[index];
  if (tls === undefined) throw new Error(`there is no certificate for the controller of tenant ${index}`);
  const password = randomBytes(18).toString('base64url');
  const server = await startRestController({
    host: tls.host,
    port: 0,
    tls,
    users: [{ name: USER, password }],
    routes: Object.fromEntries(
      [...routes].map(([path, rows]) => [
        path,
        (query: Readonly<Record<string, string>>) => {
          clock.present();
          return rows(query).map((row) => ({ ...row }));
        },
      ]),
    ),
    description: { path: OPENAPI_PATH, document: describeController },
    clock: aging,
    ...limits,
  });
  closers.push(() => server.close());
  return { baseUrl: server.baseUrl, ca, user: USER, password };
}
