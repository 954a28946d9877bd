/** The way to the devices: picks endpoint and driver for an operation and turns failures into replies. */
import type { Notification } from '../../protocols/netconf/notification.ts';
import type { Ladder, Operation, OperationReply } from '../contract.ts';
import {
  type DeviceEndpoint,
  type Driver,
  DriverError,
  type NotificationDriver,
  type NotificationSession,
  type WriteSession,
} from '../drivers/driver.ts';
import type { ErrorCode } from '../errors.ts';
import type { Clock } from '../ports.ts';

export interface DevicesDeps {
  /** Decrypts the endpoint; rejects with `WayleaveError` when there is none or it does not open. */
  readonly endpoint: (tenant: string, device: string) => Promise<DeviceEndpoint>;
  readonly netconf: NotificationDriver;
  readonly snmp: Driver;
  readonly rest: Driver;
  readonly clock: Clock;
}

export interface Devices {
  /** Runs a read or probe; a failure is a reply, so that one silent device does not hide the others. */
  read(tenant: string, operation: Operation): Promise<OperationReply>;
  /** Opens a session that may write, on the rung `lowest` or above (absent: `confirmed`); rejects with `DriverError`. */
  write(tenant: string, device: string, lowest?: Ladder): Promise<WriteSession>;
}

/** Hears what devices tell over NETCONF. */
export interface Listening {
  /** Rejects with `DriverError`. `user` is the name under which the broker itself changes the device. */
  subscribe(
    tenant: string,
    device: string,
    since: number | undefined,
    onNotice: (notice: Notification) => void,
    signal: AbortSignal,
  ): Promise<NotificationSession & { readonly user: string }>;
}

export function createDevices(deps: DevicesDeps): Devices & Listening {
  const drivers = { netconf: deps.netconf, snmp: deps.snmp, rest: deps.rest };
  const endpointOf = (tenant: string, device: string): Promise<DeviceEndpoint> =>
    deps.endpoint(tenant, device).catch(() => {
      throw new DriverError('UNREACHABLE', `the way to ${device} is not known`);
    });
  return {
    read: async (tenant, operation) => {
      const at = (): string => new Date(deps.clock.now()).toISOString();
      try {
        if (
          operation.protocol === 'records' ||
          operation.kind === 'edit-config' ||
          operation.kind === 'restore-config' ||
          operation.kind === 'contain'
        ) {
          throw new DriverError('UNSUPPORTED', `${operation.protocol} ${operation.kind} is not a read of a device`);
        }
        const body = await drivers[operation.protocol].run(await endpointOf(tenant, operation.device), operation);
        return { operation, collectedAt: at(), ok: true, ...body };
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
        return { operation, collectedAt: at(), ok: false, error: { code: toErrorCode(error), message: error.message } };
      }
    },
    subscribe: async (tenant, device, since, onNotice, signal) => {
      const endpoint = await endpointOf(tenant, device);
      const session = await deps.netconf.subscribe(endpoint, since, onNotice, signal);
      return { ...session, user: endpoint.netconf?.user ?? '' };
    },
    write: async (tenant, device, lowest) =>
      deps.netconf.openWriteSession(await endpointOf(tenant, device), undefined, lowest),
  };
}

/** What a caller hears of a driver's failure. */
export function toErrorCode(error: DriverError): ErrorCode {
  if (error.code === 'HOST_KEY') return 'DEVICE_IDENTITY';
  if (error.code === 'RPC_ERROR' || error.code === 'UNSUPPORTED') return 'DEVICE_REFUSED';
  if (error.code === 'PROTOCOL') return 'DEVICE_PROTOCOL';
  return 'DEVICE_UNREACHABLE';
}
