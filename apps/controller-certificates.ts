/** The certificates of the simulated controllers: made by whoever starts the simulators, while their process loads, by an authority that is forgotten at once. */
import { createCertificateAuthority, issueCertificate } from '../simulators/protocols/rest/certificate.ts';
import { deviceAddress } from './device-address.ts';

/** PEM. */
export interface ControllerCertificates {
  readonly ca: string;
  /** One for the controller of each tenant, in their order. */
  readonly controllers: readonly { readonly host: string; readonly cert: string; readonly key: string }[];
}

/** Longer than a simulation runs without a start, in days. */
const DAYS = 30;
const HOUR_MS = 3_600_000;

/** `nowMs` in epoch milliseconds; good from an hour before it, for clocks that differ. */
export async function makeControllerCertificates(
  tenants: readonly { readonly name: string }[],
  nowMs: number,
): Promise<ControllerCertificates> {
  const validity = { notBefore: new Date(nowMs - HOUR_MS), days: DAYS };
  const ca = await createCertificateAuthority(validity);
  const controllers = tenants.map(async ({ name }, index) => {
    const host = deviceAddress(index, 1);
    const made = await issueCertificate({ ca, commonName: `director.${name}`, ipAddresses: [host], validity });
    return { host, cert: made.cert, key: made.key };
  });
  return { ca: ca.cert, controllers: await Promise.all(controllers) };
}
