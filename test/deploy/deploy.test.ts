/** What is shipped to run it with: containers and units that are not root, cannot write the program, and are probed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const read = (file: string): string => readFileSync(`deploy/${file}`, 'utf8');
const probe = z.object({ exec: z.object({ command: z.array(z.string()).min(3) }) });

it('is a compose file whose own container is not root, read-only and without capabilities, and whose networks and volumes exist', () => {
  const service = z.looseObject({
    networks: z.array(z.string()),
    volumes: z.array(z.string()),
    healthcheck: z.looseObject({}),
  });
  const file = z
    .object({
      services: z.record(z.string(), service),
      networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() })),
      volumes: z.record(z.string(), z.looseObject({})),
    })
    .parse(parse(read('compose.yaml')));
  expect(file.services['wayleave']).toMatchObject({ user: '10001:10001', read_only: true, cap_drop: ['ALL'] });
  expect(file.services['postgres']?.networks).toEqual(['databases']);
  expect(file.networks['databases']?.internal).toBe(true);
  for (const { networks, volumes } of Object.values(file.services)) {
    for (const network of networks) expect(Object.keys(file.networks)).toContain(network);
    for (const volume of volumes) expect(Object.keys(file.volumes)).toContain(volume.split(':')[0]);
  }
});

it('is a manifest whose pod is not root, read-only and without capabilities, and is probed three ways', () => {
  const container = z.object({
    securityContext: z.looseObject({ capabilities: z.object({ drop: z.array(z.string()) }) }),
    ...{ startupProbe: probe, readinessProbe: probe, livenessProbe: probe },
    volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
  });
  const { spec } = z
    .object({
      spec: z.object({
        template: z.object({
          spec: z.object({ securityContext: z.looseObject({}), containers: z.array(container).length(1) }),
        }),
      }),
    })
    .parse(parse(read('kubernetes/wayleave.yaml')));
  const pod = spec.template.spec;
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10_001 });
  expect(pod.containers[0]?.securityContext).toMatchObject({
    ...{ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  });
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
