/** What the director answers at each path of its REST API, from what it knows of the devices of one tenant. */
import { type ControllerView, createDirector, type DirectorOptions } from './director.ts';
import type { Endpoint, Query } from './endpoint.ts';
import { AGENT_ENDPOINTS } from './endpoints/agents.ts';
import { DEVICE_ENDPOINTS } from './endpoints/device.ts';
import { INTERFACE_ENDPOINTS } from './endpoints/interfaces.ts';
import { OVERLAY_ENDPOINTS } from './endpoints/overlay.ts';
import { ROUTING_ENDPOINTS } from './endpoints/routing.ts';
import { SITE_ENDPOINTS } from './endpoints/site.ts';
import { TENANT_ENDPOINTS } from './endpoints/tenant.ts';

/** Rows of `{"data": […]}`. Throws `QueryError` when the query cannot be answered. */
export type Route = (query: Query) => readonly object[];

/** All paths, with the forms of their rows. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...DEVICE_ENDPOINTS,
  ...INTERFACE_ENDPOINTS,
  ...OVERLAY_ENDPOINTS,
  ...ROUTING_ENDPOINTS,
  ...SITE_ENDPOINTS,
  ...TENANT_ENDPOINTS,
  ...AGENT_ENDPOINTS,
];

/** Routes by path, over one director that remembers. */
export function controllerRoutes(
  view: ControllerView,
  tenant: string,
  options?: DirectorOptions,
): ReadonlyMap<string, Route> {
  const director = createDirector(view, tenant, options);
  return new Map(
    ENDPOINTS.map(({ path, rows }) => [path, (query: Query) => rows(director, query) as readonly object[]]),
  );
}
