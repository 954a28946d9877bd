/** Syslog of RFC 5424: its own examples, everything back that was written, and a reader that only ever says SyslogError. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkEvent } from '../../../protocols/device/state.ts';
import { eventFromSyslog, eventToSyslog } from '../../../protocols/syslog/event.ts';
import { decodeSyslog, encodeSyslog, SyslogError } from '../../../protocols/syslog/message.ts';

const read = (text: string) => decodeSyslog(Buffer.from(text));

describe('syslog', () => {
  it('reads the examples of RFC 5424 §6.5', () => {
    expect(
      read(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick on /dev/pts/8",
      ),
    ).toEqual({
      ...{ facility: 4, severity: 2, at: Date.UTC(2003, 9, 11, 22, 14, 15, 3), host: 'mymachine.example.com' },
      ...{ app: 'su', process: '', messageId: 'ID47', elements: [] },
      text: "'su root' failed for lonvick on /dev/pts/8",
    });
    expect(
      read(
        '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 evntslog 8710 ID47 [exampleSDID@32473 iut="3" eventSource="A\\"\\]\\\\"][examplePriority@32473 class="high"]',
      ),
    ).toMatchObject({
      at: Date.UTC(2003, 7, 24, 12, 14, 15),
      elements: [
        {
          id: 'exampleSDID@32473',
          parameters: [
            { name: 'iut', value: '3' },
            { name: 'eventSource', value: 'A"]\\' },
          ],
        },
        { id: 'examplePriority@32473', parameters: [{ name: 'class', value: 'high' }] },
      ],
      text: '',
    });
  });

  it.each([
    ['', 'nothing'],
    ['<192>1 - - - - - -', 'a priority above 191'],
    ['<34>2 - - - - - -', 'another version'],
    ['<34>1 - - - - -', 'a cut header'],
    ['<34>1 yesterday - - - - -', 'no time'],
    ['<34>1 - - - - - [a b="c]', 'an open value'],
    ['<34>1 - - - - - [a b="c"', 'an open element'],
    [`<34>1 - ${'h'.repeat(256)} - - - -`, 'a host too long'],
    [`<34>1 - - - - - ${'[a]'.repeat(17)}`, 'too many elements'],
    [`<34>1 - - - - - - ${'x'.repeat(9_000)}`, 'a text too long'],
  ])('refuses %s (%s)', (text) => {
    expect(() => read(text)).toThrow(SyslogError);
  });

  it('carries every event, by the clock of the device', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 80 }).filter((value) => !value.startsWith('\ufeff'));
    const events: fc.Arbitrary<NetworkEvent> = fc.record({
      seq: fc.nat(),
      at: fc.integer({ min: 0, max: 2_000_000_000_000 }),
      name: fc.constantFrom('trap.bfd_state', 'aaa.login'),
      device: fc.constant('br1_edge'),
      resource: text,
      severity: fc.constantFrom('critical', 'major', 'minor', 'warning', 'info', 'cleared'),
      detail: text,
    });
    fc.assert(
      fc.property(events, fc.integer({ min: -60_000, max: 60_000 }), (event, offset) => {
        const at = Math.max(0, event.at + offset);
        const message = decodeSyslog(encodeSyslog(eventToSyslog(event, at, false)));
        expect(eventFromSyslog(message)).toEqual({ ...event, at });
        expect(message.elements[1]?.parameters).toContainEqual({ name: 'isSynced', value: '0' });
      }),
    );
  });

  it('throws SyslogError or reads, whatever the bytes', () => {
    const pieces = fc.constantFrom(
      '<34>1 ',
      '- ',
      '[',
      ']',
      '"',
      '\\',
      '=',
      'a',
      ' ',
      '\ufeff',
      '2026-01-01T00:00:00Z ',
    );
    const noise = fc.oneof(
      fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.from(`<34>1 - - - - - ${parts.join('')}`)),
      fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''))),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(noise, (bytes) => {
        try {
          eventFromSyslog(decodeSyslog(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(SyslogError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
