/** Stories and the catalogue: what ships is sound, and what is malformed is refused with the place and the reason. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { WayleaveError } from '../../broker/errors.ts';
import { holds } from '../../scenarios/assert.ts';
import { loadCatalogue } from '../../scenarios/catalogue.ts';
import { checkStory } from '../../scenarios/check-story.ts';
import { chooseCases } from '../../scenarios/replay/choose-cases.ts';
import { SIGNALS } from '../../scenarios/signals/signals.ts';
import { loadStory, loadTourStory, META_IDS, parseStory, STORY_IDS, TOUR_IDS } from '../../scenarios/story.ts';
import { writeStorySchema } from '../../scenarios/story-form.ts';
import { toolRead } from '../../scenarios/tool-reads.ts';
import { findTool } from '../../tools/registry.ts';
import { readGolden } from '../repository/golden.ts';

const refusal = (work: () => unknown): { readonly code: string; readonly message: string } => {
  try {
    work();
  } catch (error) {
    if (error instanceof WayleaveError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('the stories that ship', () => {
  const catalogue = loadCatalogue();
  it.each(STORY_IDS)('%s tells the incident of the catalogue', (id) => {
    const story = loadStory(id);
    const incident = catalogue.incidents.find((one) => one.id === id);
    const roots = story.faults.filter((one) => !one.neutral);
    expect(roots.map(({ type, resource }) => ({ resource, fault_type: type }))).toEqual(incident?.root_causes);
    expect(story.title).toBe(incident?.title);
    if (story.tour === undefined) return;
    expect({ resource: story.tour.resource, fault_type: story.tour.fault_type }).toEqual(incident?.root_causes[0]);
    expect(catalogue.fault_types).toEqual(expect.arrayContaining(story.tour.ruled_out));
  });

  it.each(STORY_IDS)('%s reads signals that exist, at any branch', (id) => {
    for (const branch of [1, 4]) {
      const story = loadStory(id, branch);
      for (const ask of [...story.symptoms, ...story.stays_healthy]) expect(SIGNALS).toHaveProperty([ask.signal]);
      expect(JSON.stringify(story)).not.toContain('{N}');
    }
  });

  it('can read every signal of the catalogue', () => {
    const signals = catalogue['signals'] as Readonly<Record<string, unknown>>;
    expect(Object.keys(SIGNALS).sort()).toEqual(Object.keys(signals).sort());
  });

  it.each(TOUR_IDS)('%s can be told by the tour: a tool shows each signal, another repairs it', (id) => {
    const story = loadTourStory(id, 1);
    for (const ask of [...story.symptoms, ...story.stays_healthy]) {
      const call = toolRead(ask);
      const tool = findTool(call?.tool ?? '');
      expect(tool?.name, ask.says).toBe(call?.tool);
      expect(tool?.input.safeParse(call?.input).success, ask.says).toBe(true);
      if (tool?.targets !== 'none') expect(call?.devices, ask.says).not.toEqual([]);
    }
    if (story.tour.repair !== 'none') expect(findTool(story.tour.repair)?.effect).toBe('change');
  });
});

describe('every story that ships', () => {
  it.each([...STORY_IDS, ...META_IDS])('%s can be read as documentation, and names only what is there', (id) => {
    const story = checkStory(id);
    expect(story.about?.length).toBeGreaterThan(60);
    expect(story.expect).toBeDefined();
    for (const step of story.script) expect(step.says).not.toBe('');
  });
  it('names the equivalent answers of the catalogue', () => {
    for (const incident of loadCatalogue().incidents) {
      const { expect: told } = loadStory(incident.id);
      expect([...(told?.as_good ?? [])].sort(), incident.id).toEqual([...incident.accept_equivalent].sort());
    }
  });
  it('is of the form that is published', () => {
    const text = `${JSON.stringify(writeStorySchema(), null, 2)}\n`;
    expect(readGolden('docs/story.schema.json', text)).toBe(text);
  });
});

describe('what is wrong with a story is said with its line', () => {
  const lines = [
    'id: X01', // 1
    'title: t',
    'branch: 2',
    'faults:', // 4
    "  - { type: link_down, resource: 'link/br{N}_edge:ge0/0--isp1_core:br{N}', after: 10 }",
    'question: why is it down?', // 6
    'asks: [60, 600]',
    'symptoms: []', // 8
    'stays_healthy:',
    '  - { says: s, signal: bgp.state, at: node/a, none: { is: idle } }', // 10
    'expect: { verdict: root-cause }',
  ];
  const folder = mkdtempSync(path.join(os.tmpdir(), 'story-'));
  it.each([
    [
      'a fault type that there is not',
      5,
      'type: link_down',
      'type: gremlins',
      'faults.0.type: there is no fault type gremlins',
    ],
    ['a resource that there is not', 5, 'ge0/0--isp1_core', 'ge9/9--isp1_core', 'faults.0.resource'],
    ['a kind that cannot bear it', 5, /'link[^']+'/, 'host/hub1_dns', 'faults.0.resource'],
    ['a signal that there is not', 10, 'bgp.state', 'bgp.mood', 'stays_healthy.0.signal: there is no signal bgp.mood'],
    ['an unknown key', 5, 'after: 10', 'color: red', 'faults.0.color'],
    ['a fault after the last question', 5, 'after: 10', 'after: 700', 'nobody asks after 600 s'],
    [
      'the same fault twice',
      6,
      'question',
      "  - { type: link_down, resource: 'link/br{N}_edge:ge0/0--isp1_core:br{N}' }\nquestion",
      'faults.1: link_down at',
    ],
    [
      'health although something is broken',
      11,
      'root-cause',
      'healthy',
      'expect.verdict: healthy is expected although',
    ],
    ['work that nobody planned', 11, 'root-cause', 'planned, causes: []', 'nothing is planned'],
    ['questions that go back in time', 7, '[60, 600]', '[600, 60]', 'asks: the times must rise'],
    [
      'a repair that nobody approves',
      11,
      'root-cause }',
      'root-cause, repair: fixed }\npeople: away',
      'a repair is expected that nobody approves',
    ],
    [
      'a tool that there is not',
      11,
      'root-cause }',
      'root-cause }\nscript: [{ says: s, by: operator@acme, tool: magic, gives: done }]',
      'script.0.tool',
    ],
    ['broken YAML', 4, 'faults:', 'faults: {', ''],
  ] as const)('%s', (what, line, from, to, says) => {
    const file = path.join(folder, `${what}.yaml`.replaceAll(' ', '-'));
    writeFileSync(file, lines.map((text, at) => (at === line - 1 ? text.replace(from, to) : text)).join('\n'));
    const { code, message } = refusal(() => checkStory(file));
    expect(code).toBe('SCENARIO_INVALID');
    expect(message).toContain(says);
    const said = Number(/\.yaml:(\d+):/.exec(message)?.[1]);
    expect([line, line + 1]).toContain(said);
  });
  it('also of a fault after the last of the preset questions', () => {
    const file = path.join(folder, 'preset.yaml');
    const late = lines
      .filter((text) => !text.startsWith('asks'))
      .map((text) => text.replace('after: 10', 'after: 15001'));
    writeFileSync(file, late.join('\n'));
    expect(refusal(() => checkStory(file)).message).toContain(
      'preset.yaml:5: faults.0.after: it begins 15001 s after the onset, and nobody asks after 15000 s',
    );
  });
  it('also where it is replayed, of a device that is nowhere; one of the network that is played is none', () => {
    const file = path.join(folder, 'nowhere.yaml');
    const setting = { size: 's', seed: 1, baselines: false, wire: false, leaveOut: false };
    const told = (resource: string, network: string) => () => {
      writeFileSync(
        file,
        lines.join('\n').replace(/type: link_down, resource: '[^']+'/, `type: c2_beacon, resource: ${resource}`),
      );
      return chooseCases({ names: [file], settings: [{ ...setting, network }] });
    };
    const { code, message } = refusal(told('host/nowhere_pc1', 'refnet:s'));
    expect(code).toBe('SCENARIO_INVALID');
    expect(message).toMatch(/nowhere\.yaml:\d+: faults\.0\.resource: .*nowhere_pc1/);
    expect(refusal(told('host/shop-1_corp_pc1', 'refnet:s')).message).toContain('shop-1_corp_pc1');
    expect(told('host/shop-1_corp_pc1', 'shops')()).toHaveLength(1);
  });
  it('is nothing for a sound one', () => {
    const file = path.join(folder, 'sound.yaml');
    writeFileSync(file, lines.join('\n'));
    expect(checkStory(file).id).toBe('X01');
  });
});

describe('a malformed story', () => {
  const sound = [
    'id: X01',
    'title: t',
    'branch: 1',
    'faults: [{ type: link_down, resource: "link/a" }]',
    'question: why is it down?',
    'symptoms: [{ says: s, signal: bgp.state, at: node/a, every: { is: idle } }]',
    'stays_healthy: [{ says: s, signal: bgp.state, at: node/a, none: { is: idle } }]',
    'tour: { resource: r, fault_type: link_down, ruled_out: [], repair: none }',
  ];
  it('is accepted when it is sound', () => {
    expect(parseStory(sound.join('\n'), 'x').branch).toBe(1);
  });
  it.each([
    ['a missing field', (lines: string[]) => lines.filter((line) => !line.startsWith('question')), 'question'],
    ['an unknown field', (lines: string[]) => [...lines, 'colour: red'], 'colour'],
    [
      'two comparisons',
      (lines: string[]) => lines.map((line) => line.replace('every: { is: idle }', 'every: { is: idle, not: up }')),
      'symptoms.0',
    ],
    [
      'no quantifier',
      (lines: string[]) => lines.map((line) => line.replace(', every: { is: idle }', '')),
      'symptoms.0',
    ],
    [
      'nothing that stays healthy',
      (lines: string[]) => lines.map((line) => (line.startsWith('stays') ? 'stays_healthy: []' : line)),
      'stays_healthy',
    ],
    ['no YAML', () => ['{ id: [}'], ''],
    ['an alias', (lines: string[]) => [...lines.slice(1), 'id: &a X01', 'x: *a'], ''],
  ])('is refused for %s', (_, change, place) => {
    const { code, message } = refusal(() => parseStory(change([...sound]).join('\n'), 'story.yaml'));
    expect(code).toBe('SCENARIO_INVALID');
    expect(message).toContain('story.yaml');
    expect(message).toContain(place);
  });
  it('is refused when there is none', () => {
    expect(refusal(() => loadStory('no-such-file.yaml'))).toMatchObject({ code: 'SCENARIO_INVALID' });
  });
});

describe('the catalogue', () => {
  it('is missed with a way out', () => {
    const { code, message } = refusal(() => loadCatalogue('/nonexistent/catalogue.json'));
    expect(code).toBe('CATALOGUE_MISSING');
    expect(message).toContain('/nonexistent/catalogue.json');
  });
  it('is refused in another form', () => {
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'catalogue-')), 'c.json');
    writeFileSync(file, '{"incidents": []}');
    expect(refusal(() => loadCatalogue(file))).toMatchObject({ code: 'SCENARIO_INVALID' });
  });
});

describe('assertions', () => {
  const row = (value: string | number, device = 'a') => ({ resource: 'node/a', signal: 's', value, device });
  const base = { says: '', signal: 's', at: 'node/*', within: 0 };
  it('need something to look at', () => {
    expect(holds({ ...base, every: { is: 'x' } }, [])).toBe(false);
    expect(holds({ ...base, some: { is: 'x' } }, [])).toBe(false);
    expect(holds({ ...base, none: { is: 'x' } }, [])).toBe(true);
  });
  it('compare by quantifier and resource', () => {
    expect(holds({ ...base, every: { is: 'x' } }, [row('x'), row('y')])).toBe(false);
    expect(holds({ ...base, some: { matches: '^y' } }, [row('x'), row('yy')])).toBe(true);
    expect(holds({ ...base, none: { not: 'x' } }, [row('x')])).toBe(true);
    expect(holds({ ...base, at: 'node/b*', some: { is: 'x' } }, [row('x')])).toBe(false);
    expect(holds({ ...base, except: 'node/a', some: { is: 'x' } }, [row('x')])).toBe(false);
    expect(holds({ ...base, seen_by: ['b'], some: { is: 'x' } }, [row('x')])).toBe(false);
    expect(holds({ ...base, count: { is: 2 } }, [row('x'), row('y')])).toBe(true);
  });
  it('compare numbers, also with what was before at the same place and reporter', () => {
    const before = [row(10, 'a'), row(3, 'b')];
    expect(holds({ ...base, every: { rises: 5 } }, [row(15, 'a'), row(8, 'b')], before)).toBe(true);
    expect(holds({ ...base, every: { rises: 5 } }, [row(15, 'a'), row(7, 'b')], before)).toBe(false);
    expect(holds({ ...base, some: { falls: 2 } }, [row(10, 'a'), row(1, 'b')], before)).toBe(true);
    expect(holds({ ...base, every: { rises: 5 } }, [row(5, 'c')], before)).toBe(true);
    expect(holds({ ...base, every: { between: [1, 2] } }, [row(1), row(2)])).toBe(true);
    expect(holds({ ...base, every: { above: 1 } }, [row('timeout')])).toBe(false);
    expect(holds({ ...base, every: { answers: false } }, [row('timeout')])).toBe(true);
  });
});
