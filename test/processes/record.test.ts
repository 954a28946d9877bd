/** A running installation recorded by the command line, and the recording replayed without it. */
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readRecording } from '../../scenarios/recording/recording.ts';
import { runWayleave } from './command-line.ts';
import { openStage } from './fixture.ts';

it('keeps what the broker saw, and tells it again', { timeout: 240_000 }, async () => {
  const stage = await openStage({ tenants: 'acme:s' });
  const story = path.join(mkdtempSync(path.join(os.tmpdir(), 'wayleave-record-')), 'monday.yaml');
  const cause = ['--cause', 'bgp_asn_mismatch@node/br1_edge'];
  try {
    const made = await runWayleave(stage, 'record', story, ...cause, '--json', '--as', 'operator@acme');
    expect(made.exit).toBe(0);
    const told = JSON.parse(made.out);
    expect(told).toMatchObject({ moments: 1, refused: 0 });
    expect(told.evidence).toBeGreaterThan(200);

    const again = await runWayleave(stage, 'record', story, '--as', 'operator@acme');
    expect(again).toMatchObject({ exit: 2, err: expect.stringContaining('--force') });
    const nobody = await runWayleave(stage, 'record', `${story}.yaml`, '--as', 'nobody@acme');
    expect(nobody.exit).toBe(4);
  } finally {
    await stage.close();
  }
  const { moments } = readRecording(story.replace('.yaml', '.jsonl'));
  const tools = new Set(moments.flat().map(({ tool }) => tool));
  for (const tool of ['inventory.devices', 'system.read', 'config.diff', 'events.read', 'probe.http'])
    expect(tools).toContain(tool);
  expect(readFileSync(story, 'utf8')).toContain('fault_type: bgp_asn_mismatch');
  // Nothing runs any more.
  const check = await runWayleave(stage, 'scenarios', 'check', story);
  expect(check).toMatchObject({ exit: 0, out: expect.stringContaining('a recording of 1 moments') });
  const played = await runWayleave(stage, 'replay', story, '--json');
  // Nothing is broken: the diagnosis does not say what the person who recorded believed.
  expect(played.exit).toBe(20);
  const [one] = JSON.parse(played.out).cases;
  expect(one).toMatchObject({ id: 'Z01', size: 'recorded', expected: [{ fault_type: 'bgp_asn_mismatch' }] });
  expect(one.root_causes).not.toContainEqual(one.expected[0]);
  expect(one.reads).toBeGreaterThan(3);
});
