/** The conformance suite of `Driver`: what NETCONF, SNMP and REST drivers must all do, run against a peer that the caller starts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../broker/contract.ts';
import { type DeviceEndpoint, type Driver, DriverError, type ReplyBody } from '../../broker/drivers/driver.ts';

/** A driver and a peer that it can read. */
export interface Subject {
  readonly driver: Driver;
  readonly endpoint: DeviceEndpoint;
  readonly read: Operation;
  /** A part of what `read` brings. */
  readonly expected: string;
  /** The same device with a credential that it refuses, and the secret in it, or why no refusal can be heard. */
  readonly stranger: { readonly endpoint: DeviceEndpoint; readonly secret: string } | { readonly skip: string };
  /** The same device with another pinned identity, or why there is no such thing. */
  readonly otherPin: DeviceEndpoint | { readonly skip: string };
  setReachable(reachable: boolean): void;
  close(): Promise<void>;
}

const FOREIGN: Readonly<Record<Driver['protocol'], Operation>> = {
  netconf: { protocol: 'snmp', kind: 'get', device: 'x', oids: [] },
  snmp: { protocol: 'rest', kind: 'get', device: 'x', path: '/dataservice/device', query: {} },
  rest: { protocol: 'netconf', kind: 'get', device: 'x', filter: '' },
};

/** Rejects the test unless the run fails with a `DriverError`, which it gives. */
export async function failureOf(run: Promise<unknown>): Promise<DriverError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DriverError)) return expect.fail(`not a DriverError: ${String(error)}`);
  return error;
}

export function describeDriver(name: string, setUp: () => Promise<Subject>): void {
  describe(`the ${name} driver`, () => {
    let subject: Subject;
    beforeEach(async () => {
      subject = await setUp();
    });
    afterEach(async () => {
      await subject.driver.close();
      await subject.close();
    });
    const run = (endpoint = subject.endpoint, signal?: AbortSignal): Promise<ReplyBody> =>
      subject.driver.run(endpoint, subject.read, signal);

    it('reads, and many at once read the same', async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => run()));
      expect(new Set(all.map((body) => JSON.stringify(body))).size).toBe(1);
      expect(all[0]?.protocol).toBe(subject.driver.protocol);
      expect(JSON.stringify(all[0])).toContain(subject.expected);
    });

    it('refuses what it has no words for, and devices that it has no way to', async () => {
      const edit: Operation = { protocol: 'netconf', kind: 'edit-config', device: 'x', config: '<x xmlns="urn:x"/>' };
      for (const operation of [FOREIGN[subject.driver.protocol], edit])
        expect((await failureOf(subject.driver.run(subject.endpoint, operation))).code).toBe('UNSUPPORTED');
      expect((await failureOf(run({ tenant: 'acme', device: 'x' }))).code).toBe('UNSUPPORTED');
    });

    it('gives up when told to, before and during a read, and loses no other read by it', async () => {
      expect(['UNREACHABLE', 'TIMEOUT']).toContain((await failureOf(run(undefined, AbortSignal.abort()))).code);
      const abort = new AbortController();
      const mine = failureOf(run(undefined, abort.signal));
      const others = [run(), run()];
      abort.abort();
      expect(['UNREACHABLE', 'TIMEOUT']).toContain((await mine).code);
      expect(await Promise.all(others)).toHaveLength(2);
    });

    it('says AUTHENTICATION, and never the credential', async (context) => {
      if ('skip' in subject.stranger) return context.skip(subject.stranger.skip);
      const { endpoint, secret } = subject.stranger;
      const error = await failureOf(run(endpoint));
      expect(error.code).toBe('AUTHENTICATION');
      expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain(secret);
    });

    it('says HOST_KEY when the identity is not the pinned one', async (context) => {
      const { otherPin } = subject;
      if ('skip' in otherPin) return context.skip(otherPin.skip);
      expect((await failureOf(run(otherPin))).code).toBe('HOST_KEY');
    });

    it('says that the peer is gone, and finds it again', async () => {
      await run();
      subject.setReachable(false);
      expect(['UNREACHABLE', 'LOST', 'TIMEOUT']).toContain((await failureOf(run())).code);
      subject.setReachable(true);
      await run().catch(() => undefined); // a connection that died meanwhile may be found out only now
      expect(JSON.stringify(await run())).toContain(subject.expected);
    });

    it('does nothing once it is closed', async () => {
      await subject.driver.close();
      expect((await failureOf(run())).code).toBe('UNREACHABLE');
    });
  });
}
