/** What is shipped to run it with: containers and units that are not root, cannot write the program, and are probed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const read = (file: string): string => readFileSync(`deploy/${file}`, 'utf8');

it('is a compose file whose own containers are not root, read-only and without capabilities, each in networks of its own', () => {
  const service = z.looseObject({
    networks: z.union([z.array(z.string()), z.record(z.string(), z.looseObject({}))]),
    volumes: z.array(z.string()),
    healthcheck: z.looseObject({}),
  });
  const file = z
    .object({
      services: z.record(z.string(), service),
      networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() })),
      volumes: z.record(z.string(), z.looseObject({})),
    })
    .parse(parse(read('compose.yaml'), { merge: true }));
  const networksOf = (name: string): readonly string[] => {
    const { networks = [] } = file.services[name] ?? {};
    return Array.isArray(networks) ? networks : Object.keys(networks);
  };
  for (const name of ['broker', 'agents'])
    expect(file.services[name]).toMatchObject({ user: '10001:10001', read_only: true, cap_drop: ['ALL'] });
  expect(networksOf('broker').filter((one) => networksOf('agents').includes(one))).toEqual(['parts']);
  expect(networksOf('agents')).not.toContain('devices');
  for (const name of ['parts', 'broker-database', 'agents-database']) expect(file.networks[name]?.internal).toBe(true);
  for (const [name, { volumes }] of Object.entries(file.services)) {
    for (const network of networksOf(name)) expect(Object.keys(file.networks)).toContain(network);
    for (const volume of volumes.filter((one) => !one.startsWith('./')))
      expect(Object.keys(file.volumes)).toContain(volume.split(':')[0]);
  }
  expect(JSON.stringify(file.services['agents']?.volumes)).not.toContain('parts/broker');
  expect(JSON.stringify(file.services['broker']?.volumes)).not.toContain('parts/agents');
});

/** Compose's own reader, which needs no engine; the version of Python knows no `name`. */
const hasCompose = ((): boolean => {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

it.skipIf(!hasCompose)('is read by docker compose config (skipped where that is not installed)', () => {
  const env = {
    ...{ PATH: process.env['PATH'] ?? '', WAYLEAVE_BROKER_HOST: 'b.example', WAYLEAVE_AGENTS_HOST: 'a.example' },
    ...{ WAYLEAVE_BROKER_DATABASE_URL: 'postgres://b', WAYLEAVE_AGENTS_DATABASE_URL: 'postgres://a' },
  };
  const config = ['compose', '-f', 'deploy/compose.yaml', 'config', '--services'];
  const services = execFileSync('docker', config, { encoding: 'utf8', env }).trim().split('\n');
  expect(services.sort()).toEqual(['agents', 'agents-postgres', 'broker', 'broker-postgres']);
});

it('is an image that ends as an ordinary user and starts what package.json names', () => {
  const lines = read('Dockerfile').split('\n');
  expect(lines.findLast((line) => line.startsWith('USER '))).toBe('USER 10001:10001');
  const { bin } = z
    .object({ bin: z.object({ wayleave: z.string() }) })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')));
  expect(lines).toContain(`ENTRYPOINT ["node", "${bin.wayleave}"]`);
});

const hasSystemd = ((): boolean => {
  try {
    execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

it.each(['wayleave.service', 'wayleave-worker@.service'])(
  'has the unit %s of an ordinary user with a read-only system',
  (unit) => {
    const text = read(`systemd/${unit}`);
    for (const line of ['User=wayleave', 'ProtectSystem=strict', 'NoNewPrivileges=yes', 'CapabilityBoundingSet='])
      expect(text.split('\n')).toContain(line);
  },
);

it.skipIf(!hasSystemd)(
  'has units in which systemd finds no unknown or malformed line (skipped where there is no systemd-analyze)',
  () => {
    for (const unit of ['wayleave.service', 'wayleave-worker@.service']) {
      let said = '';
      try {
        said = execFileSync('systemd-analyze', ['verify', '--man=no', `deploy/systemd/${unit}`], {
          encoding: 'utf8',
          stdio: 'pipe',
        });
      } catch (error) {
        said = z.object({ stderr: z.string() }).parse(error).stderr;
      }
      expect(said.split('\n').filter((line) => /Unknown|Failed to parse|Invalid|Missing '='/.test(line))).toEqual([]);
    }
  },
);
