/** Divides an installation: a folder for each part with what that part needs and nothing that it must not have. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createCertificateAuthority, issueCertificate } from '../../simulators/protocols/rest/certificate.ts';
import { modelOf, prepareAgents } from '../agent-launch.ts';
import type { Config } from '../config.ts';
import { openHome, writeSecret } from '../home.ts';
import { caFile, type Part, type PartName, partFile } from './part-file.ts';

export interface SplitOptions {
  /** Name under which people and the other parts reach it. */
  readonly brokerHost: string;
  readonly agentsHost: string;
  readonly out: string;
}

const DAYS = 398;
const HOUR_MS = 3_600_000;

/**
 * Keys of agents and workers are those of `config.home`, made when there are none; the key that signs what is launched stays
 * there. Certificates are new each time, by an authority whose key is forgotten. Errors: `FOLDER_UNUSABLE`.
 */
export async function splitInstallation(
  config: Config,
  options: SplitOptions,
  nowMs: number,
): Promise<readonly string[]> {
  const { brokerHost, agentsHost, out } = options;
  const launch = prepareAgents(openHome(config.home), modelOf(config), nowMs);
  const validity = { notBefore: new Date(nowMs - HOUR_MS), days: DAYS };
  const ca = await createCertificateAuthority(validity, 'Wayleave parts');
  const certify = (host: string) =>
    issueCertificate({ ca, commonName: host, ipAddresses: ['127.0.0.1'], dnsNames: [host], validity });
  const brokerUrl = `https://${brokerHost}:${config.brokerPort}`;
  const agentsUrl = `https://${agentsHost}:${config.agentsPort}`;
  const parts: { readonly [Name in PartName]: Part<Name> } = {
    broker: {
      part: 'broker',
      door: { publicHost: brokerHost, port: config.brokerPort, ...(await certify(brokerHost)) },
      agents: launch.agents,
      workerKeys: [...launch.workerKeys],
      agentsUrl,
    },
    agents: {
      part: 'agents',
      door: { publicHost: agentsHost, port: config.agentsPort, ...(await certify(agentsHost)) },
      brokerUrl,
      keys: launch.keys,
      workerKey: launch.workerKey,
    },
    worker: { part: 'worker', brokerUrl, workerKey: launch.workerKey },
  };
  return Object.entries(parts).map(([name, part]) => {
    const folder = path.join(path.resolve(out), name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeSecret(partFile(folder), JSON.stringify(part, null, 2));
    writeSecret(caFile(folder), ca.cert);
    return folder;
  });
}
