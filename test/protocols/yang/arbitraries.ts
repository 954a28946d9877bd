/** Generators of the values that device configurations and reports are made of. */
import fc from 'fast-check';

export const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,11}$/);
export const address = fc.tuple(...Array.from({ length: 4 }, () => fc.nat(255))).map((octets) => octets.join('.'));
export const prefix = fc.tuple(address, fc.nat(32)).map(([base, length]) => `${base}/${length}`);
export const color = fc.constantFrom('mpls' as const, 'biz-internet' as const, 'lte' as const);
export const slaClass = fc.constantFrom('voice' as const, 'video' as const, 'critical' as const, 'bulk' as const);
export const trafficClass = fc.oneof(slaClass, fc.constantFrom('control' as const, 'best-effort' as const));
export const upDown = fc.constantFrom('up' as const, 'down' as const);
export const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
export const uint8 = fc.nat(0xff);
export const uint32 = fc.nat(0xffff_ffff);
export const counter = fc.maxSafeNat();
export const signed = fc.maxSafeInteger();
/** Thousandths: what `decimal64` holds and a double prints alike. */
export const decimal = fc.integer({ min: -1e9, max: 1e9 }).map((value) => value / 1000);
export const time = fc.nat(4_000_000_000_000);
export const asNumber = fc.integer({ min: 1, max: 0xffff_ffff });
export const vrf = fc.constantFrom(0, 10, 20, 30, 40);
export const mac = fc.oneof(
  fc.constant(''),
  fc
    .uint8Array({ minLength: 6, maxLength: 6 })
    .map((bytes) => Buffer.from(bytes).toString('hex').match(/../g)?.join(':') ?? ''),
);
export const text = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter((value) => /^[^\p{Cc}\p{Cs}\ufffe\uffff]*$/u.test(value));

/** Drops members that are undefined: absence is absence. */
const clean = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

type Required<T> = { [K in keyof T]: fc.Arbitrary<T[K]> };

/** A record whose members in `more` may be absent. */
export const partly = <A extends object, B extends object>(always: Required<A>, more: Required<B>) =>
  fc
    .tuple(fc.record(always, { noNullPrototype: true }), fc.record(more, { requiredKeys: [], noNullPrototype: true }))
    .map(([one, two]) => ({ ...one, ...clean(two) }));

export const uniqueBy = <T>(arbitrary: fc.Arbitrary<T>, selector: (value: T) => unknown) =>
  fc.uniqueArray(arbitrary, { maxLength: 3, selector });
export const named = <T extends { readonly name: string }>(arbitrary: fc.Arbitrary<T>) =>
  uniqueBy(arbitrary, ({ name }) => name);
export const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.uniqueArray(arbitrary, { maxLength: 3 });
