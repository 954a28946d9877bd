/** Lines that show one device: what it is, why it is left alone, and what was learnt of it. */
import type { DeviceView } from '../../../broker/http/control-desk.ts';
import type { DeviceCertificate } from '../../../broker/standing.ts';
import { oneLine } from '../terminal.ts';

export function showDevice({ device, quarantine, certificate }: DeviceView): readonly string[] {
  return [
    `${oneLine(device.name)}  ${device.role} at ${oneLine(device.site)}, ${device.systemIp}`,
    ...quarantine.map(({ reason, since, detail }) => `  quarantine since ${since}: ${reason}: ${oneLine(detail)}`),
    ...(quarantine.length === 0 ? ['  not in quarantine'] : []),
    ...(certificate === undefined
      ? ['  not certified: changed by a confirmed commit or not at all']
      : showCertificate(certificate)),
  ];
}

/** What was promised and seen, one line each. */
export function showCertificate({ ladder, certifiedAt, certifiedBy, base, quirks, streams }: DeviceCertificate) {
  const yes = (value: boolean | undefined): string => (value === undefined ? 'not seen' : value ? 'yes' : 'no');
  const rows: readonly (readonly [string, string])[] = [
    ['ladder', ladder],
    ['base', base.join(', ')],
    ['candidate', yes(quirks.candidate)],
    ['confirmed commit', yes(quirks.confirmedCommit)],
    ['writable running', yes(quirks.writableRunning)],
    ['rollback on error', yes(quirks.rollbackOnError)],
    ['validate', yes(quirks.validate)],
    ['lock holds', yes(quirks.locks)],
    ['keeps a validated candidate', yes(quirks.keepsValidatedCandidate)],
    ['reverts when cancelled', yes(quirks.revertsOnCancel)],
    ['reverts on timeout', yes(quirks.revertsOnTimeout)],
    ['reverts on session loss', yes(quirks.revertsOnSessionLoss)],
    ['largest chunk taken', quirks.maxChunk === undefined ? 'not seen' : `${quirks.maxChunk} bytes`],
    [
      'notification streams',
      streams.map(({ name, replay }) => `${oneLine(name)}${replay ? ' (replay)' : ''}`).join(', ') || 'none',
    ],
  ];
  return [
    `  certified ${certifiedAt} by ${oneLine(certifiedBy)}`,
    ...rows.map(([name, value]) => `    ${name.padEnd(28)}${value}`),
  ];
}
