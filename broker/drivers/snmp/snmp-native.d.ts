/** The part of `snmp-native` that the driver uses; the package has no types. */
declare module 'snmp-native' {
  import type { RemoteInfo, Socket } from 'node:dgram';
  import type { EventEmitter } from 'node:events';

  export class Session extends EventEmitter {
    constructor(options: {
      readonly host: string;
      readonly port: number;
      readonly community: string;
      readonly family: 'udp4' | 'udp6';
      /** Wait for each try, milliseconds. */
      readonly timeouts: readonly number[];
      /** Takes every datagram in the place of the package's own parser, and settles what was asked. */
      readonly msgReceived?: (bytes: Buffer, from: RemoteInfo) => void;
    });
    readonly socket: Socket;
    /** What waits for an answer, by request id; `timeout` is the next repetition's. */
    readonly reqs: { [requestId: number]: { readonly callback: () => void; readonly timeout?: NodeJS.Timeout } };
    /** The id of the next request; by default it grows with the clock. */
    requestId: () => number;
    getAll(
      options: { readonly oids: readonly (readonly number[])[]; readonly abortOnError: boolean },
      done: () => void,
    ): void;
    getNext(options: { readonly oid: readonly number[] }, done: () => void): void;
    close(): void;
  }
}
