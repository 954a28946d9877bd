/** The certificates with which agents and broker know each other: made at each start by an authority that is forgotten at once. */
import { createCertificateAuthority, issueCertificate } from '../simulators/protocols/rest/certificate.ts';

/** PEM for both ends. No key of the authority is kept: nobody can issue another certificate. */
export interface AgentCertificates {
  readonly ca: string;
  readonly broker: { readonly cert: string; readonly key: string };
  readonly agents: { readonly cert: string; readonly key: string };
  /** Of `wayleave worker` beside the installation. */
  readonly worker: { readonly cert: string; readonly key: string };
}

/** Longer than an installation runs without a start, in days. */
const DAYS = 398;
const HOUR_MS = 3_600_000;

/** `nowMs` in epoch milliseconds; good from an hour before it, for clocks that differ. */
export async function makeAgentCertificates(nowMs: number): Promise<AgentCertificates> {
  const validity = { notBefore: new Date(nowMs - HOUR_MS), days: DAYS };
  const ca = await createCertificateAuthority(validity, 'Wayleave agents and broker');
  const issue = (commonName: string, role: 'server' | 'client') =>
    issueCertificate({ ca, commonName, ipAddresses: ['127.0.0.1'], validity, role });
  const [broker, agents, worker] = await Promise.all([
    issue('Wayleave broker', 'server'),
    issue('Wayleave agents', 'client'),
    issue('Wayleave worker', 'client'),
  ]);
  return { ca: ca.cert, broker, agents, worker };
}
