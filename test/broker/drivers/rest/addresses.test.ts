/** Which addresses the REST driver dials: literals and every answer of a resolver are judged alike. */
import { describe, expect, it } from 'vitest';
import { createAddresses } from '../../../../broker/drivers/rest/addresses.ts';

const outcomeOf = (literal: string, loopback = false): string => {
  try {
    createAddresses(loopback).demandAllowed(new URL(`https://${literal}/`));
    return 'allowed';
  } catch (error) {
    return error instanceof Error ? error.message : 'thrown';
  }
};

describe('addresses of controllers', () => {
  it.each(['10.0.0.1', '192.168.3.4', '198.51.100.7', '[fd12::1]', '[2001:db8::1]', 'director.example'])(
    'are %s',
    (host) => expect(outcomeOf(host)).toBe('allowed'),
  );
  it.each(['0.0.0.0', '169.254.169.254', '224.0.0.1', '[::]', '[fe80::1]', '[ff02::1]', '[::ffff:169.254.1.1]'])(
    'are not %s, whoever is on loopback',
    (host) => expect(outcomeOf(host, true)).toBe('a controller cannot have this address'),
  );
  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])('are %s only of a laboratory', (host) => {
    expect(outcomeOf(host)).toBe('a controller cannot have this address');
    expect(outcomeOf(host, true)).toBe('allowed');
  });

  it('are what the resolver said, all of it, or nothing', () => {
    const look = (...addresses: readonly string[]): unknown[] => {
      const heard: unknown[] = [];
      const { lookup } = createAddresses(false, (_host, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      );
      lookup('director.example', { all: false }, (error, address) => heard.push(error?.message ?? address));
      return heard;
    };
    expect(look('10.0.0.1', '10.0.0.2')).toEqual(['10.0.0.1']);
    expect(look('10.0.0.1', '127.0.0.1')).toEqual(['a controller cannot have this address']);
    expect(look()).toEqual(['a controller cannot have this address']);
  });
});
