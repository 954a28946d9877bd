/** The OpenAPI document has every route that exists and no other, and the console's types are those of the document. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAgentsApp } from '../../../agents/http.ts';
import { emitTypes } from '../../../apps/openapi/emit-types.ts';
import { OPERATIONS } from '../../../apps/openapi/operations.ts';
import { controlRoutes } from '../../../broker/http/control-routes.ts';
import { identityRoutes } from '../../../broker/http/identity-routes.ts';
import { importRoutes } from '../../../broker/http/import-routes.ts';
import { narrowingRoutes } from '../../../broker/http/narrowing-routes.ts';
import { scheduleRoutes } from '../../../broker/http/schedule-routes.ts';
import { upstreamRoutes } from '../../../broker/http/upstream-routes.ts';
import { hookRoutes, webhookRoutes } from '../../../broker/http/webhook-routes.ts';
import { workerRoutes } from '../../../broker/http/worker-routes.ts';
import { ROOT } from '../../repository/source-files.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const form = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const document: unknown = JSON.parse(read('broker/http/openapi.json'));

/** Routes as the document writes them; what is for machines only is not in it. */
function routesOf(prefix: string, app: { readonly routes: Hono['routes'] }): readonly string[] {
  return app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path: route }) => `${method} ${prefix}${route === '/' ? '' : route}`.replace(/:(\w+)/g, '{$1}'))
    .filter((route) => route !== 'GET /healthz');
}

describe('the OpenAPI document', () => {
  it('has an operation for every route, and none besides (add it to apps/openapi, then npm run openapi)', () => {
    // Nothing is asked of them: routes are there once the application is made.
    const none = {} as never;
    const routes = [
      ...routesOf('/api', controlRoutes(none)),
      ...routesOf('/api/identity', identityRoutes(none)),
      ...routesOf('/api/policy/narrowing', narrowingRoutes(none)),
      ...routesOf('/api/upstreams', upstreamRoutes(none)),
      ...routesOf('/api/schedules', scheduleRoutes({ scheduleDesk: {} } as never)),
      ...routesOf('/api/webhooks', webhookRoutes(none)),
      ...routesOf('/hooks', hookRoutes(none)),
      ...routesOf('/api/inventory/import', importRoutes(none)),
      ...routesOf('/api/worker', workerRoutes(none)),
      ...routesOf('', createAgentsApp(none)),
    ];
    const operations = Object.keys(OPERATIONS);
    expect(operations.toSorted()).toEqual([...new Set(routes)].toSorted());
    const written = Object.entries(form.parse(document).paths).flatMap(([route, methods]) =>
      Object.keys(methods)
        .filter((method) => method !== 'servers' && method !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${route}`),
    );
    expect(written.toSorted()).toEqual(operations.toSorted());
  });

  it('is what the types of the console are made from', () => {
    expect(read('console/api/schema.ts')).toBe(emitTypes(document));
  });

  it('resolves every reference within itself', () => {
    const text = JSON.stringify(document);
    const names = new Set([...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
    const { components } = z
      .object({ components: z.object({ schemas: z.record(z.string(), z.unknown()) }) })
      .parse(document);
    expect([...names].filter((name) => components.schemas[name ?? ''] === undefined)).toEqual([]);
    expect(names.size).toBeGreaterThan(20);
  });
});
