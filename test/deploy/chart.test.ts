/** The chart renders with Go's templates and sprig, as Helm uses them, and the plain manifests are what it renders by itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const CHART = 'deploy/helm';
const MANIFESTS = 'deploy/kubernetes/wayleave.yaml';
const SPRIG = '/usr/share/gocode/src/github.com/Masterminds/sprig';

const runs = (command: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const hasGo = existsSync(SPRIG) && runs('go', 'version');
const hasKubectl = runs('kubectl', 'version', '--client');

const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-chart-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const preset = z.record(z.string(), z.json()).parse(parse(readFileSync(`${CHART}/values.yaml`, 'utf8')));

/** As `helm template wayleave` does. */
const render = (values: object): string =>
  execFileSync('go', ['run', 'test/deploy/render-chart.go', CHART, JSON.stringify(values), 'wayleave'], {
    env: {
      ...{ PATH: process.env['PATH'] ?? '', HOME: folder, GO111MODULE: 'off', GOPATH: '/usr/share/gocode' },
      GOCACHE: path.join(tmpdir(), 'wayleave-go-cache'),
    },
    encoding: 'utf8',
  });

const container = z.looseObject({
  name: z.string(),
  securityContext: z.looseObject({}),
  env: z.array(z.looseObject({ name: z.string() })),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() })),
});
const workload = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), labels: z.object({ part: z.string() }) }),
  spec: z.looseObject({
    template: z.object({
      spec: z.looseObject({
        securityContext: z.looseObject({}),
        containers: z.array(container).length(1),
        volumes: z.array(
          z.looseObject({ name: z.string(), secret: z.looseObject({ secretName: z.string() }).optional() }),
        ),
      }),
    }),
  }),
});

function readAll(text: string): readonly unknown[] {
  const documents = parseAllDocuments(text);
  expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
  return documents.map((one): unknown => one.toJS()).filter((one) => one !== null);
}
const workloadsOf = (text: string) =>
  readAll(text).flatMap((one) => {
    const found = workload.safeParse(one);
    return found.success ? [found.data] : [];
  });

describe('the plain manifests', () => {
  it('have broker and agents in pods of their own, each with its own secrets and neither with the other’s', () => {
    const pods = workloadsOf(readFileSync(MANIFESTS, 'utf8'));
    expect(pods.map(({ metadata }) => metadata.labels.part).sort()).toEqual(['agents', 'broker']);
    const secretsOf = (part: string): readonly string[] => {
      const pod = pods.find(({ metadata }) => metadata.labels.part === part)?.spec.template.spec;
      const fromEnv = (pod?.containers[0]?.env ?? []).flatMap(
        (one) => /"secretKeyRef":\{"name":"([^"]+)"/.exec(JSON.stringify(one))?.[1] ?? [],
      );
      return [...(pod?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []), ...fromEnv];
    };
    expect(secretsOf('broker')).toEqual(['wayleave-broker-part', 'wayleave-devices', 'wayleave-broker-database']);
    expect(secretsOf('agents')).toEqual(['wayleave-agents-part', 'wayleave-agents-database']);
  });

  it('let agents reach the broker and no device', () => {
    const policy = z.object({
      kind: z.literal('NetworkPolicy'),
      metadata: z.object({ name: z.string() }),
      spec: z.object({ policyTypes: z.array(z.string()), egress: z.array(z.looseObject({})) }),
    });
    const all = readAll(readFileSync(MANIFESTS, 'utf8')).flatMap((one) => {
      const found = policy.safeParse(one);
      return found.success ? [found.data] : [];
    });
    const agents = all.find(({ metadata }) => metadata.name === 'wayleave-agents');
    expect(agents?.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    // Every way out is a pod or has its ports named.
    for (const way of agents?.spec.egress ?? []) expect(way).toHaveProperty('ports');
    expect(JSON.stringify(agents?.spec.egress)).toContain('"part":"broker"');
  });
});

describe.skipIf(!hasGo)(
  'the chart (skipped without Go and sprig: Debian golang-go, golang-github-masterminds-sprig-dev)',
  () => {
    it('renders the plain manifests; UPDATE_GOLDEN=1 writes them', () => {
      const head =
        '# Written from deploy/helm by UPDATE_GOLDEN=1 npx vitest run test/deploy: change the chart, not this file.\n';
      const text = head + render(preset);
      if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(MANIFESTS, text);
      expect(readFileSync(MANIFESTS, 'utf8')).toBe(text);
    });

    it('renders workers and Redis where they are wanted, and is never root, never writes its program', () => {
      const wanted = {
        ...preset,
        redisSecret: 'queue',
        worker: { ...z.looseObject({}).parse(preset['worker']), replicas: 3 },
      };
      const text = render(wanted);
      const pods = workloadsOf(text);
      expect(pods.map(({ metadata }) => metadata.labels.part).sort()).toEqual(['agents', 'broker', 'worker']);
      for (const { metadata, spec } of pods) {
        const pod = spec.template.spec;
        expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10_001 });
        const [only] = pod.containers;
        expect(only?.securityContext).toMatchObject({
          ...{ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        });
        expect(only).toHaveProperty('readinessProbe');
        expect(only).toHaveProperty('livenessProbe');
        const names = pod.volumes.map(({ name }) => name);
        for (const mount of only?.volumeMounts ?? []) expect([...names, 'state']).toContain(mount.name);
        expect(only?.env.some(({ name }) => name === 'REDIS_URL')).toBe(metadata.labels.part !== 'broker');
      }
      expect(pods.find(({ kind }) => kind === 'Deployment')?.spec['replicas']).toBe(3);
    });

    it('fails for a value that is not there, instead of rendering nothing', () => {
      expect(() => render({ ...preset, image: {} })).toThrow(/repository/);
    });
  },
);

it.skipIf(!hasKubectl)('is read by kubectl kustomize, which refuses two of one name (skipped without kubectl)', () => {
  writeFileSync(path.join(folder, 'all.yaml'), readFileSync(MANIFESTS));
  writeFileSync(path.join(folder, 'kustomization.yaml'), 'resources: [all.yaml]\n');
  const out = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  expect(readAll(out).length).toBe(readAll(readFileSync(MANIFESTS, 'utf8')).length);
});
