/** What a person types about risk and notifications: what is shown, what the log is asked, and the exit code that a script reads. */
import { describe, expect, it } from 'vitest';
import type { RiskOverview } from '../../../broker/http/control-desk.ts';
import type { NoticeView } from '../../../broker/notify/notices-desk.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { createRiskLedger } from '../../../broker/risk/risk-ledger.ts';
import { createStanding } from '../../../broker/risk/standing.ts';
import { type Fakes, NOW, wayleave } from './fake-io.ts';

const AS = ['--as', 'admin@acme'];
const AT = new Date(NOW).toISOString();

/** Five names that do not exist, as the log has them. */
const LOG: readonly StoredAuditEntry[] = Array.from({ length: 5 }, (_, index) => ({
  ...{ index, at: new Date(NOW - 60_000 + index).toISOString(), tenant: 'acme', kind: 'refused' },
  ...{ human: 'operator@acme', agent: 'troubleshooter', session: 'ses_1' },
  content: { error: 'NOT_FOUND', tool: 'bgp.read', requested: [`br${index}\u001b[31m_edge`] },
}));

function overviewOf(log: readonly StoredAuditEntry[]): RiskOverview {
  const standing = createStanding();
  for (const entry of log) standing.apply(entry);
  const ledger = createRiskLedger(standing, { now: () => NOW });
  return { at: AT, tenant: 'acme', people: ledger.people('acme'), profiles: ledger.profiles('acme') };
}
const control = (inForce: RiskOverview): NonNullable<Fakes['control']> => ({
  risk: async () => inForce,
  auditEntries: async (from, limit) => LOG.filter(({ index }) => index >= from).slice(0, Math.min(limit, 2)),
});

describe('wayleave risk', () => {
  it('shows the score, the band and every reason, without the control characters that a caller chose', async () => {
    const said = await wayleave(['risk', ...AS], { control: control(overviewOf(LOG)) });
    expect(said.exit).toBe(0);
    expect(said.out).toMatch(/^WHO +SCORE +BAND +POINTS +WHY\noperator@acme via troubleshooter +\d+ +\S+ +\d+ /);
    expect(said.out.match(/does not exist here/g)).toHaveLength(5);
    expect(said.out).not.toContain('\u001b');
    const json = await wayleave(['risk', 'show', '--json', ...AS], { control: control(overviewOf(LOG)) });
    expect(JSON.parse(json.out).people[0]).toMatchObject({ human: 'operator@acme', agent: 'troubleshooter' });
  });

  it('plays the whole log back, page by page, to the same score', async () => {
    const said = await wayleave(['risk', 'replay', ...AS], { control: control(overviewOf(LOG)) });
    expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('5 entries,') });
    expect(said.out).toContain('the same scores');
    const json = await wayleave(['risk', 'replay', '--json', ...AS], { control: control(overviewOf(LOG)) });
    expect(JSON.parse(json.out)).toMatchObject({ same: true, entries: 5, at: AT });
  });

  it('says with its exit code that the score in force is not what the log says', async () => {
    const said = await wayleave(['risk', 'replay', ...AS], { control: control(overviewOf(LOG.slice(0, 3))) });
    expect(said).toMatchObject({ exit: 20, out: expect.stringContaining('the scores differ') });
    const json = await wayleave(['risk', 'replay', '--json', ...AS], { control: control(overviewOf([])) });
    expect(json.exit).toBe(20);
    expect(JSON.parse(json.out)).toMatchObject({ same: false, people: [] });
  });
});

describe('wayleave notifications', () => {
  const sent: NoticeView = {
    ...{ notice: 'evt_1', tenant: 'acme', channel: 'security', type: 'risk.changed', attempts: 2 },
    ...{ state: 'waiting', createdAt: AT, nextAt: AT, error: 'it answers 500' },
  };
  const channels = [{ tenant: 'acme', name: 'security', origin: 'https://hooks.example', events: ['risk.changed'] }];

  it('lists channels and what became of the latest', async () => {
    const given = { control: { notices: async () => ({ channels, notices: [sent] }) } };
    const said = await wayleave(['notifications', ...AS], given);
    expect(said.exit).toBe(0);
    expect(said.out).toMatch(/^CHANNEL +TENANT +TO +EVENTS\nsecurity +acme +https:\/\/hooks\.example +risk\.changed\n/);
    expect(said.out).toMatch(/evt_1 +risk\.changed +security +\S+ +waiting +2 +it answers 500/);
    const json = await wayleave(['notifications', 'list', '--json', ...AS], given);
    expect(JSON.parse(json.out)).toEqual({ channels, notices: [sent] });
  });

  it('says with its exit code whether a test arrived', async () => {
    const asked: string[] = [];
    const test = (state: NoticeView['state']) => ({
      control: {
        testChannel: async (name: string) => {
          asked.push(name);
          return { ...sent, state };
        },
      },
    });
    const lost = await wayleave(['notifications', 'test', 'security', ...AS], test('waiting'));
    expect(lost).toMatchObject({ exit: 1, out: 'security did not take evt_1: it answers 500.\n' });
    const taken = await wayleave(['notifications', 'test', 'security', ...AS], test('delivered'));
    expect(taken).toMatchObject({ exit: 0, out: 'security took evt_1.\n' });
    expect(asked).toEqual(['security', 'security']);
    expect((await wayleave(['notifications', 'test', ...AS])).exit).toBe(2);
  });

  it('sends one again or all that failed, and asks which', async () => {
    const asked: unknown[] = [];
    const replay = {
      control: {
        replayNotices: async (which: unknown) => {
          asked.push(which);
          return 2;
        },
      },
    };
    expect((await wayleave(['notifications', 'replay', 'evt_1', ...AS], replay)).exit).toBe(0);
    const all = await wayleave(['notifications', 'replay', '--failed', '--json', ...AS], replay);
    expect(JSON.parse(all.out)).toEqual({ replayed: 2 });
    expect(asked).toEqual([{ notice: 'evt_1' }, { failed: true }]);
    expect((await wayleave(['notifications', 'replay', ...AS], replay)).exit).toBe(2);
    expect((await wayleave(['notifications', 'replay', 'evt_1', '--failed', ...AS], replay)).exit).toBe(2);
  });
});
