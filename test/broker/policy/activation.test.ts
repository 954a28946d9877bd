/** What may become the deciding policy set, and what is refused with which finding. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeRevision } from '../../../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../broker/policy/load-policies.ts';
import { activate } from '../../../broker/policy/referee/cedar.ts';
import { buildSchema } from '../../../broker/policy/schema.ts';
import { EXAMPLE_TOOLS } from './example-tools.ts';

const schema = buildSchema(EXAMPLE_TOOLS);
const activateText = (text: string) => activate({ schema, policies: [{ name: 'test.cedar', text }] });
const head = '@id("a") @because("b") permit (principal, action, resource)';

describe('activation', () => {
  it('accepts the shipped policies without one warning', async () => {
    const activation = activate({ schema, policies: await loadPolicies(DEFAULT_POLICIES) });
    expect(activation).toMatchObject({ ok: true });
  });

  it.each([
    ['no policy', '', /there is no policy/],
    ['broken text', 'permit (principal', /unexpected/],
    ['no id', '@because("b") permit (principal, action, resource);', /no @id/],
    ['no reason', '@id("a") permit (principal, action, resource);', /no @because/],
    ['an id twice', `${head}; ${head};`, /used twice/],
    ['an unknown annotation', `@aproval("1") ${head};`, /unknown annotation @aproval/],
    [
      'a forbid that obliges',
      '@id("a") @because("b") @obligations("rehearse") forbid (principal, action, resource);',
      /cannot oblige/,
    ],
    ['a template', '@id("a") @because("b") permit (principal == ?principal, action, resource);', /templates/],
    ['a parameter that does not exist', `${head} when { context.input.asNumber == 1 };`, /asNumber/],
    [
      'a tool that does not exist',
      '@id("a") @because("b") permit (principal, action == Action::"bgp.reset", resource);',
      /bgp\.reset/,
    ],
    [
      'a role that does not exist',
      '@id("a") @because("b") permit (principal in Role::"root", action, resource);',
      /root/,
    ],
    [
      'an agent that does not exist',
      '@id("a") @because("b") permit (principal == Agent::"trobleshooter", action, resource);',
      /trobleshooter/,
    ],
    ['a policy that can never apply', `${head} when { context.risk == 1 && false };`, /impossible/],
  ])('refuses %s', (_, text, finding) => {
    const activation = activateText(text);
    expect(activation.ok).toBe(false);
    expect(activation.ok ? '' : activation.errors.join('; ')).toMatch(finding);
  });
});

describe('the policy folder', () => {
  it('must be readable and must hold policies', async () => {
    const empty = await mkdtemp(path.join(os.tmpdir(), 'wayleave-policy-'));
    await expect(loadPolicies(empty)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await rm(empty, { recursive: true });
    await expect(loadPolicies(empty)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('the revision', () => {
  const a = { name: '1.cedar', text: 'a' };
  const b = { name: '2.cedar', text: 'b' };
  it('does not depend on the order of files, but on every character and on the schema', () => {
    const revision = computeRevision({ policies: [a, b], schema });
    expect(revision).toMatch(/^[0-9a-f]{64}$/);
    expect(computeRevision({ policies: [b, a], schema })).toBe(revision);
    expect(computeRevision({ policies: [a, { ...b, text: 'b ' }], schema })).not.toBe(revision);
    expect(computeRevision({ policies: [a, b], schema: buildSchema(EXAMPLE_TOOLS.slice(1)) })).not.toBe(revision);
  });
});
