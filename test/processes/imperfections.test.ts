/** A knob of imperfect telemetry crosses to the simulators' process, and is felt by whoever asks there. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DIST } from '../../apps/agent-launch.ts';
import { type SimulationOptions, startSimulation } from '../../apps/simulation.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';

it.skipIf(!existsSync(path.join(DIST, 'apps')))(
  'a controller takes as many requests a second as was asked for',
  async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'wayleave-imperfections-'));
    const tenants = [{ name: 'acme', network: 'refnet:s' }];
    const options: SimulationOptions = { home, tenants, seed: 1, speed: 1, onCrash: () => undefined };
    try {
      await expect(startSimulation({ ...options, imperfections: 'requests=0' })).rejects.toMatchObject({
        code: 'USAGE',
      });
      const simulation = await startSimulation({ ...options, imperfections: 'requests=1' });
      try {
        const [tenant] = InventoryDocument.parse(simulation.ready.inventory).tenants;
        const rest = tenant?.devices[0]?.endpoint.rest;
        if (rest === undefined) throw new Error('the controller has no address');
        const status = (): Promise<number | undefined> =>
          new Promise((resolve, reject) => {
            const sent = request(`${rest.baseUrl}/dataservice/openapi.json`, { ca: rest.ca }, (answer) => {
              answer.resume().on('end', () => resolve(answer.statusCode));
            });
            sent.on('error', reject).end();
          });
        // Of so many at once no window of a second takes them all.
        const answers = await Promise.all(Array.from({ length: 20 }, status));
        expect(answers).toContain(200);
        expect(answers).toContain(429);
      } finally {
        await simulation.stop();
      }
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  },
);
