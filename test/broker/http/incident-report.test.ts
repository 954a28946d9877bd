/** The report of an incident as it leaves the broker: what a person keeps as a file, in which text of others does nothing. */
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { WayleaveError } from '../../../broker/errors.ts';
import { controlRoutes } from '../../../broker/http/control-routes.ts';
import { printPage } from '../../../broker/incidents/print-page.ts';
import { type Bench, createBench, OPERATOR } from '../pipeline/bench.ts';

const HOSTILE = '</style><script>alert(1)</script><img src=x onerror=alert(1)> " onload=\' \u202egpj.exe';

/** An incident with a hostile title and finding, repaired under approval through the real pipeline. */
async function repaired(): Promise<{ readonly bench: Bench; readonly id: string }> {
  const bench = await createBench();
  bench.inject();
  const seen = await bench.call(OPERATOR, 'diagnostics', 'bgp.read', {
    ...{ target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:1' },
  });
  if (seen.status !== 'done') throw new Error('not read');
  const evidence = seen.evidence.slice(0, 3).map(({ id }) => id);
  const finding = {
    rootCauses: [{ resource: 'node/br2_edge', faultType: HOSTILE.slice(0, 80), percent: 93 }],
    because: [{ text: `rejected ${HOSTILE}`, evidence }],
    ruledOut: [{ faultType: 'link_down', because: `the port is up ${HOSTILE}`, evidence: evidence.slice(0, 1) }],
    unread: [HOSTILE],
  };
  const opened = await bench.call(OPERATOR, 'inventory', 'incident.open', {
    input: { title: HOSTILE, severity: 'critical', resources: ['node/br2_edge'], evidence, finding },
    ...{ purpose: 'chat:1', evidence },
  });
  if (opened.status !== 'done') throw new Error('not opened');
  const id = opened.evidence[0]?.resource.replace('incident/', '') ?? '';
  const asked = await bench.change(OPERATOR, { purpose: id });
  if (asked.status !== 'pending') throw new Error('not pending');
  await bench.vote('admin@acme', asked.approval, 'approve', `fine ${HOSTILE}`);
  bench.advance(90_000);
  await bench.change(OPERATOR, { purpose: id });
  await bench.call(OPERATOR, 'inventory', 'incident.update', {
    ...{ input: { incident: id, state: 'resolved', note: HOSTILE }, purpose: 'chat:1' },
  });
  return { bench, id };
}

async function ask(bench: Bench, human: string, path: string): Promise<Response> {
  const routes = controlRoutes({
    url: 'http://127.0.0.1',
    authenticate: async () => bench.subjectOf({ human }),
    controlDesk: bench.desk,
    sessions: bench.sessions,
  });
  const app = new Hono().route('/api', routes).onError((error) => {
    const refusal = error instanceof WayleaveError ? error : new WayleaveError('INTERNAL');
    return new Response(refusal.code, { status: refusal.status });
  });
  return app.request(`http://127.0.0.1/api${path}`, { headers: { authorization: 'Bearer x' } });
}

const TAGS =
  /^(!doctype|html|head|meta|title|style|body|header|main|section|footer|h[1-3]|p|div|span|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|th|td|time|i|b|a|code|pre|strong)$/;

describe('GET /api/incidents/{id}/report', () => {
  it('answers Markdown, or one page to keep that is no page of the console’s origin', async () => {
    const { bench, id } = await repaired();
    for (const path of [`/incidents/${id}/report`, `/incidents/${id}/report?format=markdown`]) {
      const answer = await ask(bench, 'admin@acme', path);
      expect(answer.headers.get('content-type')).toContain('text/markdown');
      expect(await answer.text()).toContain('## Timeline');
    }
    const page = await ask(bench, 'admin@acme', `/incidents/${id}/report?format=html`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-disposition')).toBe(`attachment; filename="${id}.html"`);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*sandbox$/);
    expect(await page.text()).toBe(printPage(await bench.desk.incident(bench.subjectOf({ human: 'admin@acme' }), id)));
  });

  it('tells cause, evidence, impact, timeline, fix and time to repair, each claim with the record that shows it', async () => {
    const { bench, id } = await repaired();
    const page = await (await ask(bench, 'admin@acme', `/incidents/${id}/report?format=html`)).text();
    const titles = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual(['Cause', 'Impact', 'Timeline', 'Fix', 'Evidence (3 records)']);
    expect(page).toMatch(/<b>1 min \d+ s<\/b>time to repair \(MTTR\)/);
    expect(page).toContain('<dt>Sites</dt><dd>br1, br2, hub1, hub2</dd>');
    expect(page).toContain('<span class="add">+  local-as 65002</span>');
    expect(page).toContain('bgp.set-local-as: <span class="good">succeeded</span>');
    const cited = new Set([...page.matchAll(/href="#(r\d+)"/g)].map(([, to]) => to));
    const listed = new Set([...page.matchAll(/<tr id="(r\d+)"/g)].map(([, at]) => at));
    expect([...cited].sort()).toEqual([...listed].sort());
    expect(listed.size).toBe(3);
  });

  it('holds no markup, script, address or reordering that somebody else’s text brought in', async () => {
    const { bench, id } = await repaired();
    const page = await (await ask(bench, 'admin@acme', `/incidents/${id}/report?format=html`)).text();
    const tags = [...page.matchAll(/<\/?([!a-z][a-z0-9]*)/gi)].map(([, tag = '']) => tag);
    expect(tags.filter((tag) => !TAGS.test(tag))).toEqual([]);
    expect(tags.filter((tag) => tag === 'style')).toHaveLength(2);
    expect([...page.matchAll(/<[^>]*\s(on\w+|src)\s*=/gi)]).toEqual([]);
    expect([...page.matchAll(/href="(?!#r\d+")/g)]).toEqual([]);
    expect(page).not.toContain('\u202e');
    expect(page).toContain('\\u202egpj.exe');
    expect(page).not.toMatch(/https?:/);
  });

  it('refuses a format that it does not know, and says nothing to another tenant', async () => {
    const { bench, id } = await repaired();
    const odd = await ask(bench, 'admin@acme', `/incidents/${id}/report?format=pdf`);
    expect([odd.status, await odd.text()]).toEqual([400, 'USAGE']);
    for (const format of ['markdown', 'html']) {
      const foreign = await ask(bench, 'operator@globex', `/incidents/${id}/report?format=${format}`);
      expect([foreign.status, await foreign.text()]).toEqual([404, 'NOT_FOUND']);
    }
  });
});
