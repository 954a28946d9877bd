/** Certificates of devices in memory, for simulation and replay. */
import type { Certificates, DeviceCertificate } from '../standing.ts';

export function createMemoryCertificates(): Certificates {
  const kept = new Map<string, DeviceCertificate>();
  const key = (tenant: string, device: string): string => JSON.stringify([tenant, device]);
  return {
    async put(certificate) {
      kept.set(key(certificate.tenant, certificate.device), structuredClone(certificate));
    },
    get: async (tenant, device) => structuredClone(kept.get(key(tenant, device))),
  };
}
