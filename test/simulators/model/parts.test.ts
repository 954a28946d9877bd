/** The small parts of the model: addresses, filters, the queue. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccessListEntry } from '../../../protocols/device/config.ts';
import { matchEntry, permits } from '../../../simulators/model/access-list.ts';
import { formatAddress, parseAddress, parsePrefix, prefixContains } from '../../../simulators/model/address.ts';
import { EventQueue } from '../../../simulators/model/event-queue.ts';
import { acmeTopology } from './reference.ts';

describe('addresses', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => parseAddress(formatAddress(value)) === value),
    );
    for (const bad of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d']) expect(parseAddress(bad)).toBeNaN();
  });

  it('belong to prefixes', () => {
    const prefix = parsePrefix('10.100.20.77/24');
    expect(prefix).toEqual({ network: parseAddress('10.100.20.0'), length: 24 });
    expect(prefix !== undefined && prefixContains(prefix, parseAddress('10.100.20.255'))).toBe(true);
    expect(prefix !== undefined && prefixContains(prefix, parseAddress('10.100.21.0'))).toBe(false);
    expect(parsePrefix('0.0.0.0/0')).toEqual({ network: 0, length: 0 });
    for (const bad of ['10.0.0.0/33', '10.0.0/8', '10.0.0.0/x']) expect(parsePrefix(bad)).toBeUndefined();
  });
});

describe('access lists', () => {
  const config = acmeTopology(1).devices[0]?.config;
  const withEntries = (...entries: AccessListEntry[]) => {
    if (config === undefined) throw new Error('no device');
    return { ...config, accessLists: [{ name: 'l', entries }] };
  };
  const web = { protocol: 'tcp', source: '10.1.10.1', destination: '10.100.20.10', port: 443 } as const;

  it('take the first match and permit what none matches', () => {
    const deny: AccessListEntry = { name: 'a', action: 'deny', protocol: 'tcp', destinationPort: 443 };
    const permit: AccessListEntry = { name: 'b', action: 'permit', protocol: 'any' };
    expect(matchEntry(withEntries(deny, permit), 'l', web)?.name).toBe('a');
    expect(matchEntry(withEntries(permit, deny), 'l', web)?.name).toBe('b');
    expect(permits(withEntries(deny), 'l', { protocol: 'icmp' })).toBe(true);
    expect(permits(withEntries(deny), 'other', web)).toBe(true);
    expect(permits(withEntries(deny), undefined, web)).toBe(true);
  });

  it('match addresses, and an unknown address matches no filter that names one', () => {
    const entry: AccessListEntry = { name: 'a', action: 'deny', protocol: 'any', destination: '10.100.20.0/24' };
    expect(permits(withEntries(entry), 'l', web)).toBe(false);
    expect(permits(withEntries(entry), 'l', { ...web, destination: '10.100.21.10' })).toBe(true);
    expect(permits(withEntries(entry), 'l', { protocol: 'tcp', port: 443 })).toBe(true);
  });
});

describe('event queue', () => {
  it('runs in order of time, then of arrival, without the cancelled', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(20), keep: fc.boolean() })), (plans) => {
        const queue = new EventQueue();
        const seen: number[] = [];
        plans.forEach(({ at, keep }, index) => {
          const cancel = queue.schedule(at, () => seen.push(index));
          if (!keep) cancel();
        });
        for (let next = queue.take(100); next !== undefined; next = queue.take(100)) next.run();
        const expected = plans
          .map((plan, index) => ({ ...plan, index }))
          .filter((plan) => plan.keep)
          .sort((a, b) => a.at - b.at || a.index - b.index)
          .map((plan) => plan.index);
        expect(seen).toEqual(expected);
      }),
    );
  });
});
