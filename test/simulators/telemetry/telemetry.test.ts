/** What devices send unasked: by their own clock, while they are alive, through a way that is as bad as it is told to be. */
import { describe, expect, it } from 'vitest';
import { createIpfixDecoder } from '../../../protocols/ipfix/decode.ts';
import { createSalts } from '../../../protocols/snmp/usm.ts';
import { decodeSyslog } from '../../../protocols/syslog/message.ts';
import { type Imperfections, PERFECT } from '../../../simulators/model/imperfection.ts';
import { createTelemetry, type TelemetrySource } from '../../../simulators/protocols/telemetry.ts';
import { AT, EDGE_ENGINE, EVENT, USER } from '../../broker/telemetry/lab.ts';

const TO = { host: '127.0.0.1', port: 9 };

function stage(imperfections: Imperfections, overrides: Partial<TelemetrySource> = {}) {
  let now = AT;
  const sent: Buffer[] = [];
  const waits: number[] = [];
  const due: (() => void)[] = [];
  const telemetry = createTelemetry({
    source: {
      ...{ now: () => now, alive: () => true, port: () => undefined },
      clock: () => ({ upTimeMs: 5_000, offsetMs: -90_000 }),
      flows: (_tenant, after, until) => [
        {
          ...{
            device: 'br1_edge',
            start: after + 1,
            end: until,
            vrf: 10,
            source: '10.1.10.5',
            destination: '10.0.0.1',
          },
          ...{
            sourcePort: 1,
            destinationPort: 2,
            protocol: 6,
            octets: 3,
            packets: 1,
            tcpFlags: 2,
            dscpIn: 0,
            dscpOut: 0,
          },
          ...{ application: 'erp', egress: 'ge0/0' },
        },
      ],
      ...overrides,
    },
    ...{ imperfections, seed: 1, speed: 10, salt: createSalts((bytes) => Buffer.alloc(bytes, 1)) },
    timers: {
      set: (ms, run) => {
        waits.push(ms);
        due.push(run);
        return () => undefined;
      },
    },
  });
  telemetry.add({
    ...{ tenant: 'acme', device: 'br1_edge', engineId: EDGE_ENGINE, user: USER },
    ...{ engineBoots: () => 1, engineTime: () => 5, send: (bytes: Buffer) => sent.push(bytes) },
  });
  /** Sends what was told, and lets all of it arrive. */
  const flush = (): void => {
    telemetry.flush();
    for (const run of due.splice(0)) run();
  };
  return { telemetry, flush, sent, waits, move: (ms: number) => (now += ms) };
}

describe('telemetry', () => {
  it('sends nothing without a collector, and syslog and flows by the clock of the device', () => {
    const { telemetry, flush, sent, move } = stage(PERFECT);
    telemetry.tell('acme', EVENT);
    flush();
    expect(sent).toEqual([]);
    telemetry.setCollectors({ syslog: TO, flows: TO });
    telemetry.tell('acme', EVENT);
    telemetry.tell('globex', EVENT);
    flush();
    expect(sent.map((bytes) => decodeSyslog(bytes).at)).toEqual([AT - 90_000]);
    move(60_000);
    flush();
    expect(createIpfixDecoder().decode(sent[1] ?? Buffer.alloc(0))).toMatchObject({
      exportTime: (AT - 30_000) / 1_000,
      records: [expect.anything()],
    });
  });

  it('hands a notification to a device that informs instead of sending a trap, and only while it is alive', () => {
    for (const alive of [true, false]) {
      const { telemetry, flush, sent } = stage({ ...PERFECT, lost: 1 }, { alive: () => alive });
      const informed: unknown[] = [];
      telemetry.add({
        ...{ tenant: 'acme', device: 'br1_edge', engineId: EDGE_ENGINE, user: USER, engineBoots: () => 1 },
        ...{ engineTime: () => 5, send: (bytes: Buffer) => sent.push(bytes) },
        inform: (varbinds, to) => informed.push({ varbinds, to }),
      });
      telemetry.setCollectors({ traps: TO });
      telemetry.tell('acme', EVENT);
      flush();
      expect(sent).toEqual([]);
      expect(informed).toEqual(alive ? [{ varbinds: expect.any(Array), to: TO }] : []);
    }
  });

  it('sends nothing from a device that is not alive', () => {
    const { telemetry, flush, sent } = stage(PERFECT, { alive: () => false });
    telemetry.setCollectors({ traps: TO, syslog: TO });
    telemetry.tell('acme', EVENT);
    flush();
    expect(sent).toEqual([]);
  });

  it('loses, doubles and delays as the knobs say, in the time of the network', () => {
    const run = (knobs: Partial<Imperfections>) => {
      const { telemetry, flush, sent, waits } = stage({ ...PERFECT, ...knobs });
      telemetry.setCollectors({ traps: TO });
      telemetry.tell('acme', EVENT);
      flush();
      return { sent, waits };
    };
    expect(run({ lost: 1 }).sent).toEqual([]);
    const [first, second] = run({ duplicated: 1 }).sent;
    expect(first?.equals(second ?? Buffer.alloc(0))).toBe(true);
    // Ten seconds of the network are one second here.
    const [wait = 0] = run({ late: 1, lateMs: 10_000 }).waits;
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThan(1_000);
  });
});
