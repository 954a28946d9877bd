/**
 * Physical conditions: what can be wrong with the world without any configuration saying so.
 *
 * Faults impose them, observers (a rehearsal) state them at the start; the layers read them and nothing else.
 */
import type { DeviceRef } from './network.ts';

export type Condition =
  | (DeviceRef & { readonly kind: 'no-power' })
  | (DeviceRef & { readonly kind: 'no-carrier'; readonly interface: string })
  | (DeviceRef & { readonly kind: 'process-stopped'; readonly process: string })
  | (DeviceRef & { readonly kind: 'clock-offset'; readonly offsetMs: number })
  | (DeviceRef & { readonly kind: 'certificate-expired' })
  | (DeviceRef & { readonly kind: 'session-table-full' })
  | (DeviceRef & { readonly kind: 'controllers-cut' })
  | { readonly kind: 'host-down'; readonly tenant: string; readonly host: string }
  | { readonly kind: 'provider-outage'; readonly provider: string };

/** Identity of a condition: two of the same key are one, held twice. */
export function conditionKey(condition: Condition): string {
  switch (condition.kind) {
    case 'provider-outage':
      return `${condition.kind}|${condition.provider}`;
    case 'host-down':
      return `${condition.kind}|${condition.tenant}/${condition.host}`;
    case 'no-carrier':
      return `${condition.kind}|${condition.tenant}/${condition.device}|${condition.interface}`;
    case 'process-stopped':
      return `${condition.kind}|${condition.tenant}/${condition.device}|${condition.process}`;
    default:
      return `${condition.kind}|${condition.tenant}/${condition.device}`;
  }
}
