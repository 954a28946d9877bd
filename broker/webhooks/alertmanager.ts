/** Alertmanager's webhook message, version 4, read within limits: which alerts fire or are over, and on what. Pure. */
import { z } from 'zod';
import type { Severity } from '../contract.ts';

/** Alerts of one message. Alertmanager groups them, and cuts at its `max_alerts`. */
const MOST_ALERTS = 100;
const MOST_LABELS = 64;
const text = z.string().max(4_096);
const labels = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), text)
  .refine((all) => Object.keys(all).length <= MOST_LABELS, `more than ${MOST_LABELS}`);

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config; fields that nothing here reads are let be. */
export const alertmanagerMessage = z.looseObject({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  alerts: z
    .array(
      z.looseObject({
        status: z.enum(['firing', 'resolved']),
        labels,
        annotations: labels.default({}),
        startsAt: z.iso.datetime({ offset: true }),
        /** Of the labels: the same alert has the same one each time. */
        fingerprint: z.string().regex(/^[0-9a-f]{8,64}$/),
      }),
    )
    .min(1)
    .max(MOST_ALERTS),
});

export interface Alert {
  readonly firing: boolean;
  /** The same for one occurrence of an alert, from its beginning to its end. */
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  /** What labels name as the device, in order of preference; whether one of them is known is for the inventory to say. */
  readonly named: readonly string[];
  /** All that it says, for people: one line a label or annotation. */
  readonly said: string;
}

/** Severities of common rules by the words that they use; a word that is not here is a warning. */
const SEVERITY: { readonly [word: string]: Severity } = {
  ...{ critical: 'critical', page: 'critical', emergency: 'critical' },
  ...{ major: 'major', error: 'major', high: 'major' },
  ...{ minor: 'minor', medium: 'minor' },
  ...{ warning: 'warning', info: 'info', none: 'info' },
};
/** Labels that exporters and scrape configurations use for what an alert is about. */
const DEVICE_LABELS = ['device', 'node', 'host', 'hostname', 'instance', 'target'];
const MAX_TITLE = 200;
const MAX_SAID = 4_000;

export const readAlerts = ({ alerts }: z.infer<typeof alertmanagerMessage>): readonly Alert[] =>
  alerts.map(({ status, labels: marks, annotations, startsAt, fingerprint }) => ({
    firing: status === 'firing',
    key: `${fingerprint} ${new Date(startsAt).toISOString()}`,
    title: plain([marks['alertname'] ?? 'alert', annotations['summary'] ?? ''].filter(Boolean).join(': ')).slice(
      0,
      MAX_TITLE,
    ),
    severity: SEVERITY[(marks['severity'] ?? '').toLowerCase()] ?? 'warning',
    named: DEVICE_LABELS.flatMap((name) => {
      const value = marks[name];
      return value === undefined ? [] : [value, value.replace(/:\d{1,5}$/, '')];
    }),
    said: Object.entries({ ...marks, ...annotations })
      .map(([name, value]) => `${name}: ${plain(value)}`)
      .join('\n')
      .slice(0, MAX_SAID),
  }));

/** One line without anything that moves a cursor or turns writing round. */
const plain = (value: string): string => value.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
