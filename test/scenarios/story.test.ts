/** Stories and the catalogue: what ships is sound, and what is malformed is refused with the place and the reason. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { WayleaveError } from '../../broker/errors.ts';
import { holds } from '../../scenarios/assert.ts';
import { loadCatalogue } from '../../scenarios/catalogue.ts';
import { loadStory, parseStory, STORY_IDS } from '../../scenarios/story.ts';
import { findTool } from '../../tools/registry.ts';

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
    expect(story.fault.type).toBe(incident?.fault_type);
    expect({ resource: story.expect.resource, fault_type: story.expect.fault_type }).toEqual(incident?.root_causes[0]);
    expect(catalogue.fault_types).toEqual(expect.arrayContaining(story.expect.ruled_out));
  });

  it.each(STORY_IDS)('%s reads with tools that exist, at any branch', (id) => {
    for (const branch of [1, 4]) {
      const story = loadStory(id, branch);
      for (const assertion of [...story.symptoms, ...story.stays_healthy])
        expect(findTool(assertion.tool)?.name).toBe(assertion.tool);
      expect(JSON.stringify(story)).not.toContain('{N}');
      if (story.expect.repair !== 'none') expect(findTool(story.expect.repair)?.effect).toBe('change');
    }
  });
});

describe('a malformed story', () => {
  const sound = [
    'id: X01',
    'title: t',
    'branch: 1',
    'fault: { type: link_down, resource: "link/a" }',
    'question: why is it down?',
    'symptoms: [{ says: s, tool: bgp.read, signal: bgp.state, every: { equals: idle } }]',
    'stays_healthy: [{ says: s, tool: bgp.read, signal: bgp.state, none: { equals: idle } }]',
    'expect: { resource: r, fault_type: link_down, ruled_out: [], repair: none }',
  ];
  it('is accepted when it is sound', () => {
    expect(parseStory(sound.join('\n'), 'x').branch).toBe(1);
  });
  it.each([
    ['a missing field', (lines: string[]) => lines.filter((line) => !line.startsWith('question')), 'question'],
    ['an unknown field', (lines: string[]) => [...lines, 'colour: red'], 'colour'],
    [
      'two comparisons',
      (lines: string[]) =>
        lines.map((line) => line.replace('every: { equals: idle }', 'every: { equals: idle, not: up }')),
      'symptoms.0',
    ],
    [
      'no quantifier',
      (lines: string[]) => lines.map((line) => line.replace(', every: { equals: idle }', '')),
      'symptoms.0',
    ],
    [
      'no symptom',
      (lines: string[]) => lines.map((line) => (line.startsWith('symptoms') ? 'symptoms: []' : line)),
      'symptoms',
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
  const row = (value: string) => ({ resource: 'node/a', signal: 's', value, observedAt: '', source: '' });
  const base = { says: '', tool: '', input: {}, signal: 's', within: 0 };
  it('need something to look at', () => {
    expect(holds({ ...base, every: { equals: 'x' } }, [])).toBe(false);
    expect(holds({ ...base, some: { equals: 'x' } }, [])).toBe(false);
    expect(holds({ ...base, none: { equals: 'x' } }, [])).toBe(true);
  });
  it('compare by quantifier and resource', () => {
    expect(holds({ ...base, every: { equals: 'x' } }, [row('x'), row('y')])).toBe(false);
    expect(holds({ ...base, some: { matches: '^y' } }, [row('x'), row('yy')])).toBe(true);
    expect(holds({ ...base, none: { not: 'x' } }, [row('x')])).toBe(true);
    expect(holds({ ...base, resource: 'b$', some: { equals: 'x' } }, [row('x')])).toBe(false);
  });
});
