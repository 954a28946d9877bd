/** `wayleave route`: anybody can score the router, and a bad line is named. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { wayleave } from './fake-io.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'route-'));
function write(name: string, lines: readonly unknown[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}
const good = { text: 'why is br2 down', expect: { agent: 'troubleshooter', entities: ['br2'] } };
const bad = { text: 'why is br2 down', expect: { agent: 'threat-watcher', entities: ['br2'] } };

describe('wayleave route', () => {
  it('scores a file, and exits with 20 below the threshold', async () => {
    const file = write('half.jsonl', [good, bad]);
    const { exit, out } = await wayleave(['route', file, '--json', '--threshold', '0.6']);
    expect(exit).toBe(20);
    expect(JSON.parse(out)).toMatchObject({
      cases: [
        { line: 1, right: true },
        { line: 2, right: false, agent: false, entities: true },
      ],
      summary: { cases: 2, accuracy: 0.5, entity_accuracy: 1 },
    });
    expect((await wayleave(['route', file, '--threshold', '0.5'])).exit).toBe(0);
    expect((await wayleave(['route', file])).out).toContain('half.jsonl:2:');
  });
  it('knows the names of other networks and inventories', async () => {
    const line = { text: 'the depot is down', expect: { agent: 'troubleshooter', entities: ['depot'] } };
    const file = write('shops.jsonl', [line]);
    expect((await wayleave(['route', file, '--network', 'shops', '--threshold', '1'])).exit).toBe(0);
    expect((await wayleave(['route', file, '--threshold', '1'])).exit).toBe(20);
    const inventory = write('inventory.json', [
      {
        devices: [{ name: 'oslo-gw', role: 'edge', site: 'oslo' }],
        topology: { circuits: [{ device: 'oslo-gw', interface: 'wan0', color: 'mpls', provider: 'telco' }], hosts: [] },
      },
    ]);
    const oslo = write('oslo.jsonl', [
      { text: 'mpls in oslo is down', expect: { agent: 'troubleshooter', entities: ['circuit/oslo/mpls'] } },
    ]);
    expect((await wayleave(['route', oslo, '--inventory', inventory, '--threshold', '1'])).exit).toBe(0);
  });
  it('names the line that it does not understand', async () => {
    const { exit, err } = await wayleave(['route', write('bad.jsonl', [good, '{"text": 1}', 'no json'])]);
    expect(exit).toBe(2);
    expect(err).toContain('PHRASINGS_INVALID');
    expect(err).toMatch(/bad\.jsonl:2: text/);
    expect(err).toMatch(/bad\.jsonl:3: is no JSON/);
  });
  it.each([
    [['route']],
    [['route', 'a.jsonl', '--text', 'x']],
    [['route', '/nonexistent.jsonl']],
    [['route', '--text', 'x', '--threshold', '2']],
    [['route', '--text', 'x', '--network', 'nowhere']],
    [['route', '--text', 'x', '--inventory', '/nonexistent.json']],
  ])('%j says what is wrong', async (args) => {
    expect((await wayleave(args)).exit).toBe(2);
  });
  it('shows how one question is understood', async () => {
    const { exit, out } = await wayleave([
      'route',
      '--text',
      'and branch 3?',
      '--context',
      'why is br2 down',
      '--json',
    ]);
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ readings: [{ agent: 'troubleshooter', devices: ['br3_edge'] }] });
  });
});
