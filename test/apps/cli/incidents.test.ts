/** The report of an incident out of the real pipeline: what happened, what was done, how long it took, and no live text of a device. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Bench, createBench, OPERATOR } from '../../broker/pipeline/bench.ts';
import { type Fakes, wayleave } from './fake-io.ts';

const AS = ['--as', 'operator@acme'];

/** An incident of br2_edge, opened, repaired under approval, and resolved. */
async function repaired(): Promise<{ readonly bench: Bench; readonly id: string }> {
  const bench = await createBench();
  bench.inject();
  const shown = await bench.call(OPERATOR, 'diagnostics', 'bgp.read', {
    target: { devices: ['br2_edge'] },
    input: {},
    purpose: 'chat:1',
  });
  if (shown.status !== 'done') throw new Error('not read');
  const evidence = shown.evidence.slice(0, 3).map(({ id }) => id);
  const resources = ['node/br2_edge'];
  const title = 'bgp_asn_mismatch at node/br2_edge <img src=x onerror=alert(1)> | `x`';
  const opened = await bench.call(OPERATOR, 'inventory', 'incident.open', {
    input: { title, severity: 'critical', resources, evidence },
    purpose: 'chat:1',
    evidence,
  });
  if (opened.status !== 'done') throw new Error('not opened');
  const id = opened.evidence[0]?.resource.replace('incident/', '') ?? '';
  bench.advance(60_000);
  const asked = await bench.change(OPERATOR, { purpose: id });
  if (asked.status !== 'pending') throw new Error('not pending');
  await bench.vote('admin@acme', asked.approval, 'approve', 'looks right');
  bench.advance(30_000);
  await bench.change(OPERATOR, { purpose: id });
  bench.advance(30_000);
  await bench.call(OPERATOR, 'inventory', 'incident.update', {
    input: { incident: id, state: 'resolved', note: '' },
    purpose: 'chat:1',
  });
  return { bench, id };
}

function controlOf(bench: Bench, human = 'admin@acme'): NonNullable<Fakes['control']> {
  const subject = bench.subjectOf({ human });
  return {
    incident: (id) => bench.desk.incident(subject, id),
  };
}

describe('wayleave incidents', () => {
  it('reports timeline, evidence, impact, fix and time to repair', async () => {
    const { bench, id } = await repaired();
    const said = await wayleave(['incidents', 'report', id, '--json', ...AS], { control: controlOf(bench) });
    expect(said.exit).toBe(0);
    const report = JSON.parse(said.out);
    expect(report).toMatchObject({ id, severity: 'critical', state: 'resolved', missing: [], refused: [] });
    expect(report.evidence).toHaveLength(3);
    expect(report.impact.devices).toContain('br2_edge');
    expect(report.fixes).toMatchObject([{ tool: 'bgp.set-local-as', outcome: 'succeeded' }]);
    expect(report.fixes[0].diff).toContain('+  local-as 65002');
    const what = report.timeline.map((one: { readonly what: string }) => one.what);
    for (const [earlier, later] of [
      ['opened the incident', 'asked for bgp.set-local-as'],
      ['asked for bgp.set-local-as', 'approve: looks right'],
      ['approve: looks right', 'lock'],
      ['confirm', 'incident resolved'],
    ] as const) {
      const at = (text: string): number => what.findIndex((one: string) => one.startsWith(text));
      expect([earlier, at(earlier)]).not.toEqual([earlier, -1]);
      expect(at(earlier)).toBeLessThan(at(later));
    }
    expect(report.repairedAfterSeconds).toBeGreaterThanOrEqual(120);
  });

  it('prints it as Markdown and as a page in which text of others is no markup', async () => {
    const { bench, id } = await repaired();
    const control = controlOf(bench);
    const markdown = await wayleave(['incidents', 'report', id, ...AS], { control });
    expect(markdown.out).toMatch(/^# inc\\_/);
    expect(markdown.out).toContain('\\<img src=x');
    expect(markdown.out).toContain('```diff');
    const page = await wayleave(['incidents', 'report', id, '--format', 'html', ...AS], { control });
    expect(page.out).toContain("default-src 'none'");
    expect(page.out).not.toContain('<img');
    const shown = await wayleave(['incidents', 'show', id, ...AS], { control });
    expect(shown.out).toMatch(/repaired after \d+ min/);
  });

  it('writes each form into a file that only its owner reads', async () => {
    const { bench, id } = await repaired();
    const control = controlOf(bench);
    const folder = mkdtempSync(join(tmpdir(), 'wl-report-'));
    try {
      for (const [format, begins] of [
        ['markdown', '# inc'],
        ['html', '<!doctype html>'],
        ['json', `{\n  "id": "${id}"`],
      ] as const) {
        const out = join(folder, format);
        const said = await wayleave(['incidents', 'report', id, '--format', format, '--out', out, ...AS], { control });
        expect(said).toMatchObject({ exit: 0, out: '' });
        expect(readFileSync(out, 'utf8').startsWith(begins)).toBe(true);
        expect(statSync(out).mode & 0o777).toBe(0o600);
      }
      const away = join(folder, 'none', 'report');
      const said = await wayleave(['incidents', 'report', id, '--out', away, ...AS], { control });
      expect(said.exit).toBe(2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what it could not read, and that there is no such incident', async () => {
    const { bench, id } = await repaired();
    const control = controlOf(bench, 'operator@acme');
    const said = await wayleave(['incidents', 'report', id, '--json', ...AS], { control });
    expect(JSON.parse(said.out).missing).toEqual([expect.stringContaining('refused requests')]);
    const none = await wayleave(['incidents', 'show', 'inc_none', ...AS], { control: controlOf(bench) });
    expect(none).toMatchObject({ exit: 1 });
    expect(none.err).toContain('NOT_FOUND');
  });
});
