/** The file by which a worker of the same folder reaches a broker that asks for certificates: new at each start of the installation. */
import { readFileSync } from 'node:fs';
import { WayleaveError } from '../broker/errors.ts';
import { type MutualTls, mutualTls } from './compose/mutual-fetch.ts';
import { type Home, writeSecret } from './home.ts';

export const writeWorkerDoor = ({ workerDoor }: Pick<Home, 'workerDoor'>, door: MutualTls): void =>
  writeSecret(workerDoor, JSON.stringify(door));

/** Throws `CONFIG_INVALID` where no installation with `agentCertificates` wrote it. */
export function readWorkerDoor({ workerDoor }: Pick<Home, 'workerDoor'>): MutualTls {
  try {
    return mutualTls.parse(JSON.parse(readFileSync(workerDoor, 'utf8')));
  } catch {
    throw new WayleaveError(
      'CONFIG_INVALID',
      `agentCertificates: ${workerDoor} has no certificate for a worker. An installation writes it when it starts with agentCertificates.`,
    );
  }
}
