/** What was measured and told, over days: readings, their hourly summaries and events, by resource and window. */
import type { Evidence } from '../contract.ts';
import type { ReceivedEvent } from './received-event.ts';

/** One number that a device or controller gave for a signal of a resource. */
export interface Reading {
  readonly tenant: string;
  readonly resource: string;
  readonly signal: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly value: number;
}

/** One hour of a signal. */
export interface HourOfReadings {
  readonly resource: string;
  readonly signal: string;
  /** Its beginning, ISO-8601 UTC. */
  readonly at: string;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

/** A port or a tunnel as it was read or told at a moment. */
export interface StateSeen {
  readonly resource: string;
  readonly up: boolean;
  /** ISO-8601 UTC, by the broker's clock where the device told it. */
  readonly at: string;
  /** `read`, or how the device told it. */
  readonly how: 'read' | ReceivedEvent['channel'];
}

/** `from` is in the window, `to` is not; ISO-8601 UTC. */
export interface Window {
  readonly tenant: string;
  /** A resource, or a device by `node/NAME`, which stands for everything that it told. */
  readonly resource: string;
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

export interface History {
  /** All or none; resolves when durable. */
  append(readings: readonly Reading[]): Promise<void>;
  /** Newest first; every signal of the resource, or one. */
  readings(window: Window, signal?: string): Promise<readonly Reading[]>;
  hours(window: Window, signal?: string): Promise<readonly HourOfReadings[]>;
  events(window: Window): Promise<readonly ReceivedEvent[]>;
  /**
   * Every port and tunnel of the tenant whose state was read or told in the window: the first, and each that differs from
   * the one before, oldest first; at most `limit` told and `limit` read, the newest of them.
   */
  states(window: Omit<Window, 'resource'>): Promise<readonly StateSeen[]>;
  /** Summarises the hours that are over, and drops what is older than the tenant keeps. */
  tend(): Promise<Tended>;
  /** Days for which a tenant's readings and events are kept, and its summaries. */
  keeps(tenant: string): { readonly days: number; readonly hourlyDays: number };
}

export interface Tended {
  /** Hours of signals that were summarised. */
  readonly hours: number;
  /** Partitions that were dropped as a whole, and rows of tenants that keep less. */
  readonly dropped: readonly string[];
  readonly deleted: number;
}

/** Days for which readings and events are kept, by tenant; and summaries of all. */
export interface Retention {
  readonly days: number;
  readonly tenants: { readonly [tenant: string]: number };
  readonly hourlyDays: number;
}

/** 13 months: the same weeks of the year before can be compared. */
export const HOURLY_DAYS = 400;

/** `7` or `7,acme=3`: days, and those of tenants that keep less or more. The form was checked with the configuration. */
export function parseRetention(text: string): Retention {
  const [days = '7', ...tenants] = text.split(',');
  const own = tenants.map((one): [string, number] => {
    const [name = '', count = '0'] = one.split('=');
    return [name, Number(count)];
  });
  return { days: Number(days), tenants: Object.fromEntries(own), hourlyDays: HOURLY_DAYS };
}

/** A device's own time counts when it is no further off than this; a wrong clock would file a reading under a wrong day. */
const BELIEVED_MS = 3_600_000;
/** What the broker reads of its own records says nothing new. */
const OWN = /^(records|history|evidence)\b/;

/** Signals whose words `up` and `down` are kept as 1 and 0: their mean over an hour is how much of it they were up. */
export const STATE_SIGNALS: readonly string[] = ['bfd.state', 'if.oper'];
const WORDS: Readonly<Record<string, number>> = { up: 1, down: 0 };

/** The numbers among what a call collected, and the states that are kept as numbers. */
export const readingsOf = (evidence: readonly Evidence[]): readonly Reading[] =>
  evidence.flatMap(({ tenant, resource, signal, value: told, observedAt, collectedAt, source }) => {
    const value = typeof told === 'string' && STATE_SIGNALS.includes(signal) ? WORDS[told] : told;
    if (typeof value !== 'number' || !Number.isFinite(value) || OWN.test(source)) return [];
    const off = Date.parse(collectedAt) - Date.parse(observedAt);
    return [{ tenant, resource, signal, value, at: off >= 0 && off <= BELIEVED_MS ? observedAt : collectedAt }];
  });
