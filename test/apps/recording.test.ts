/** What is recorded of a network is played back as it was seen, without secrets and people; what cannot be read is said with its line. */
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openShippedPolicies } from '../../apps/compose/broker-policy.ts';
import { createModelBroker } from '../../apps/compose/model-broker.ts';
import { recordNetwork } from '../../apps/recording/record-network.ts';
import { redactReads } from '../../apps/recording/redact-reads.ts';
import { openPlayer, type Player } from '../../apps/replay/play-scored.ts';
import { setCase, TENANT } from '../../apps/replay/set-case.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { playBack } from '../../scenarios/recording/play-back.ts';
import { type RecordedRead, readRecording, writeRecording } from '../../scenarios/recording/recording.ts';
import { chooseCases } from '../../scenarios/replay/choose-cases.ts';

const LONG = 120_000;
const folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-recording-'));
const setting = { size: 's', network: 'refnet:s', seed: 5, baselines: false, wire: false, leaveOut: false };

/** Two looks at a network in which the AS of branch 2 is wrong, through its broker. */
async function recordBrokenNetwork(times: number): Promise<readonly RecordedRead[]> {
  const [given] = chooseCases({ names: ['R01'], settings: [setting] });
  if (given === undefined) throw new Error('no R01');
  const stage = setCase(given);
  if (typeof stage === 'string') throw new Error(stage);
  const { network, clock, onset, strikes } = stage;
  const decisionPoint = await openShippedPolicies();
  const broker = await createModelBroker({ network, clock, tenants: [TENANT], decisionPoint, wire: false });
  for (const { type, resource } of strikes) network.inject({ tenant: TENANT, type, resource, startAt: onset });
  clock.advanceTo(onset + 120_000);
  const port = broker.identity.portFor(`operator@${TENANT}`, broker.broker, {
    before: () => undefined,
    after: () => undefined,
  });
  try {
    return await recordNetwork(
      {
        call: (domain, tool, args) => port.call('troubleshooter', domain, tool, args),
        now: clock.now,
        pause: async (ms) => clock.advanceTo(clock.now() + ms),
        progress: () => undefined,
        stop: new AbortController().signal,
      },
      { times, everyMs: 60_000, probes: true },
    );
  } finally {
    await decisionPoint.close();
  }
}

function keep(name: string, reads: readonly RecordedRead[], more = ''): string {
  writeFileSync(path.join(folder, `${name}.jsonl`), writeRecording('2026-01-06T10:02:00.000Z', reads));
  const file = path.join(folder, `${name}.yaml`);
  writeFileSync(file, `id: Z01\ntitle: what was seen\nrecorded: ${name}.jsonl\n${more}`);
  return file;
}

describe('a recorded network', { timeout: LONG }, () => {
  let player: Player;
  let reads: readonly RecordedRead[];
  beforeAll(async () => {
    player = await openPlayer();
    reads = redactReads(await recordBrokenNetwork(2));
  }, LONG);
  afterAll(() => player.close());
  const play = async (file: string) => {
    const [given] = chooseCases({ names: [file], settings: [setting] });
    if (given === undefined) throw new Error('no case');
    return player.play(given);
  };

  it('is diagnosed and scored as the network would have been', async () => {
    const cause = 'causes: [{ resource: node/br2_edge, fault_type: bgp_asn_mismatch }]';
    const { played, score } = await play(keep('known', reads, `expect: { verdict: root-cause, ${cause} }\n`));
    expect(played.root_causes).toEqual([{ resource: 'node/br2_edge', fault_type: 'bgp_asn_mismatch' }]);
    expect(played.evidence.cited).toBeGreaterThan(0);
    expect(played.evidence.resolved).toBe(played.evidence.cited);
    expect(score?.right).toBe(true);
    const wrong = await play(keep('wrong', reads, 'expect: { verdict: healthy }\n'));
    expect(wrong.score?.right).toBe(false);
  });

  it('is played and not scored as long as nobody says what was so', async () => {
    const { played, score } = await play(keep('open', reads));
    expect(score).toBeUndefined();
    expect(played.not_applicable).toMatch(
      /^It says root-cause · bgp_asn_mismatch at node\/br2_edge\. It is not scored/,
    );
  });

  it('answers of other devices, tools and inputs are not made up', async () => {
    const answers = playBack(
      reads.filter(({ moment }) => moment === 0),
      TENANT,
    );
    const ask = (tool: string, devices: readonly string[], input = {}) =>
      answers({ domain: 'diagnostics', tool, devices, input });
    expect(await ask('bgp.read', ['br9_edge'])).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ask('routes.read', ['br1_edge'], { vrf: 99 })).toMatchObject({ code: 'NOT_FOUND' });
    const one = await ask('bgp.read', ['br1_edge']);
    const sources = 'evidence' in one ? one.evidence.map(({ source }) => source) : [];
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.every((source) => source.endsWith(':br1_edge'))).toBe(true);
  });
});

describe('redaction', () => {
  const at = { observedAt: '2026-01-06T10:02:00.000Z', collectedAt: '2026-01-06T10:02:00.000Z', source: 'netconf:a' };
  const seen = (...values: readonly string[]): readonly RecordedRead[] => [
    {
      ...{ moment: 0, tool: 'x.read', devices: ['a'], input: {} },
      evidence: values.map((value, id) => ({ id: `evd_${id}`, resource: 'node/a', signal: 'x', value, ...at })),
    },
  ];
  const values = (reads: readonly RecordedRead[]) =>
    reads.flatMap(({ evidence = [] }) => evidence.map((one) => one.value));

  it('marks people and secrets, the same one the same, and leaves what a diagnosis needs', () => {
    const [login, commit, ticket, key, xml, plain, program] = values(
      redactReads(
        seen(
          'ok anna.smith from 10.1.10.5',
          'commit 3 by anna.smith',
          '{"device":"br1_edge","implementer":"anna.smith"}',
          'ipsec/identity-key: running c2VjcmV0LXNlY3JldA==, intended YW5vdGhlcg==',
          '<snmp><auth-password>hunter22</auth-password></snmp>',
          'bgp/local-as: running 65099, intended 65002',
          'commit 4 by broker',
        ),
      ),
    );
    expect(login).toBe('ok person-1 from 10.1.10.5');
    expect(commit).toBe('commit 3 by person-1');
    expect(ticket).toBe('{"device":"br1_edge","implementer":"person-1"}');
    expect(key).toMatch(/^ipsec\/identity-key: running \[redacted \S+\], intended \[redacted \S+\]$/);
    expect(xml).not.toContain('hunter22');
    expect(plain).toBe('bgp/local-as: running 65099, intended 65002');
    expect(program).toBe('commit 4 by broker');
  });
});

describe('an unreadable recording', () => {
  const line = JSON.stringify({ moment: 0, tool: 'x.read', devices: [], input: {}, evidence: [] });
  const head = '{"wayleave":"recording","version":1,"at":"2026-01-06T10:02:00.000Z"}';
  it.each([
    ['empty', '', /:1: not JSON/],
    ['no recording', '{"a":1}\n', /:1: wayleave: /],
    ['another version', head.replace('1,', '2,'), /:1: version: /],
    ['cut off', `${head}\n${line}\n`, /:2: it was cut off/],
    ['cut within a line', `${head}\n${line}\n{"mom\n{"reads":2}\n`, /:3: not JSON/],
    ['a line lost', `${head}\n${line}\n{"reads":2}\n`, /:3: it counts 2 reads, and there are 1/],
    ['nothing in it', `${head}\n{"reads":0}\n`, /:2: nothing was recorded/],
    ['something else in it', `${head}\n${line.replace('"x.read"', '7')}\n{"reads":1}\n`, /:2: tool: /],
  ])('%s', (name, text, why) => {
    const file = path.join(folder, `${name.replaceAll(' ', '-')}.jsonl`);
    writeFileSync(file, text);
    expect(() => readRecording(file)).toThrowError(why);
    expect(() => readRecording(file)).toThrowError(expect.objectContaining({ code: 'REPLAY_UNREADABLE' }));
  });

  it('is one that is not there, or leads elsewhere', () => {
    expect(() => readRecording(path.join(folder, 'nowhere.jsonl'))).toThrowError(WayleaveError);
    const elsewhere = path.join(mkdtempSync(path.join(os.tmpdir(), 'wayleave-elsewhere-')), 'secret.jsonl');
    writeFileSync(elsewhere, 'secret');
    const link = path.join(folder, 'link.jsonl');
    symlinkSync(elsewhere, link);
    expect(() => readRecording(link)).toThrowError(/leads out of the folder/);
    expect(readFileSync(elsewhere, 'utf8')).toBe('secret');
  });

  it('a story that contradicts itself, or names a file elsewhere, is refused with its line', () => {
    const story = (text: string) => () => {
      const file = path.join(folder, 'bad.yaml');
      writeFileSync(file, text);
      return chooseCases({ names: [file], settings: [setting] });
    };
    const begin = 'id: Z01\ntitle: x\nrecorded: ';
    expect(story(`${begin}../../etc/passwd.jsonl\n`)).toThrowError(
      /bad\.yaml:3: recorded: give the name of a file beside/,
    );
    expect(
      story(
        `${begin}a.jsonl\nexpect:\n  verdict: root-cause\n  causes: [{ resource: node/a, fault_type: gremlins }]\n`,
      ),
    ).toThrowError(/bad\.yaml:6: expect\.causes\.0\.fault_type: there is no fault type gremlins/);
    expect(story(`${begin}a.jsonl\nexpect: { verdict: root-cause }\n`)).toThrowError(
      /bad\.yaml:4: expect\.verdict: a root cause/,
    );
  });
});
