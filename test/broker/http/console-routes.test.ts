/** The console is served under a policy that lets nothing in from elsewhere, and every view of it is one page. */
import { describe, expect, it } from 'vitest';
import { type ConsoleFiles, consoleRoutes } from '../../../broker/http/console-routes.ts';

const files: ConsoleFiles = new Map([
  ['index.html', new TextEncoder().encode('<!doctype html>')],
  ['assets/index-abc.js', new TextEncoder().encode('export {}')],
]);
const app = consoleRoutes({ files, agentsUrl: () => 'http://127.0.0.1:7421' });

describe('the console', () => {
  it('answers any view with the page, under a strict policy', async () => {
    for (const view of ['', 'acme/chat', 'acme/network/interface%2Fbr1_edge%2Fge0%2F0.100']) {
      const response = await app.request(`/console/${view}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("connect-src 'self' http://127.0.0.1:7421;");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toContain('unsafe');
    }
  });

  it('answers files by their name, for ever, and no other ones', async () => {
    const script = await app.request('/console/assets/index-abc.js');
    expect(script.headers.get('content-type')).toContain('text/javascript');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect((await app.request('/console/assets/other.js')).status).toBe(404);
    expect(await (await app.request('/console/assets/../../../etc/passwd')).text()).not.toContain('root:');
  });

  it('is where the root leads, and says where the agents are', async () => {
    expect((await app.request('/')).headers.get('location')).toBe('/console/');
    expect(await (await app.request('/console/where.json')).json()).toEqual({ agentsUrl: 'http://127.0.0.1:7421' });
  });
});
