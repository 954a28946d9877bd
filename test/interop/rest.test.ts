/** The whole simulated network's controller, driven by curl (Debian), which nobody here wrote, with nothing but what `simulate` prints. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Simulation, startSimulation } from '../../apps/simulation.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';

const CURL = '/usr/bin/curl';
const run = promisify(execFile);

describe.skipIf(!existsSync(CURL))('curl and the director (skipped when there is no curl)', () => {
  let folder: string;
  let simulation: Simulation;
  let url: string;
  let credentials: { readonly user: string; readonly password: string };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'wayleave-curl-'));
    simulation = await startSimulation({
      home: path.join(folder, 'home'),
      tenants: [{ name: 'acme', network: 'refnet:s' }],
      seed: 1,
      speed: 1,
      onCrash: () => undefined,
    });
    const { tenants } = InventoryDocument.parse(simulation.ready.inventory);
    const rest = tenants[0]?.devices.find(({ endpoint }) => endpoint.rest !== undefined)?.endpoint.rest;
    if (rest === undefined) throw new Error('no device with a REST endpoint');
    url = rest.baseUrl;
    credentials = rest;
    writeFileSync(path.join(folder, 'ca.pem'), rest.ca);
  });
  afterAll(async () => {
    await simulation?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Got {
    readonly status: number;
    readonly headers: string;
    readonly body: string;
  }
  /** One request; curl keeps the cookies, and trusts the published authority only. */
  async function curl(...args: readonly string[]): Promise<Got> {
    const jar = path.join(folder, 'cookies');
    const base = ['-sS', '--noproxy', '*', '--cacert', path.join(folder, 'ca.pem'), '-b', jar, '-c', jar];
    const { stdout } = await run(CURL, [...base, '-D', '-', '-w', '\n%{http_code}', ...args], { maxBuffer: 1 << 26 });
    const at = stdout.lastIndexOf('\n');
    const [headers = '', ...body] = stdout.slice(0, at).split('\r\n\r\n');
    return { status: Number(stdout.slice(at + 1)), headers: headers.toLowerCase(), body: body.join('\r\n\r\n') };
  }
  const logIn = (password = credentials.password): Promise<Got> =>
    curl(
      '--data-urlencode',
      `j_username=${credentials.user}`,
      '--data-urlencode',
      `j_password=${password}`,
      `${url}/j_security_check`,
    );
  const read = async (way: string): Promise<Answer> => {
    const got = await curl(`${url}${way}`);
    expect([way, got.status, got.body.slice(0, 200)]).toEqual([way, 200, expect.any(String)]);
    return answer.parse(JSON.parse(got.body));
  };
  const answer = z.object({
    header: z.looseObject({ generatedOn: z.number() }),
    data: z.array(z.looseObject({})),
    pageInfo: z.looseObject({ scrollId: z.string().optional(), hasMoreData: z.boolean() }).optional(),
  });
  type Answer = z.infer<typeof answer>;

  it('trusts it by the authority that is printed, and not without it', async () => {
    expect((await logIn()).status).toBe(200);
    await expect(run(CURL, ['-sS', '--noproxy', '*', `${url}/dataservice/device`])).rejects.toMatchObject({ code: 60 });
  });

  it('logs in with the printed password only, and reads the envelope', async () => {
    expect((await logIn('wrong')).status).toBe(401);
    await logIn();
    const { header, data } = await read('/dataservice/device');
    expect(header.generatedOn).toBeGreaterThan(0);
    expect(data.length).toBeGreaterThan(3);
  });

  it('answers every path that its OpenAPI document describes', async () => {
    await logIn();
    const { body } = await curl(`${url}/dataservice/openapi.json`);
    const parameter = z.looseObject({ name: z.string(), required: z.boolean().optional() });
    const operation = z.object({ get: z.looseObject({ parameters: z.array(parameter).optional() }) });
    const { paths } = z.object({ paths: z.record(z.string(), operation) }).parse(JSON.parse(body));
    const systemIp = String(
      (await read('/dataservice/device')).data.find((one) => one['reachability'] !== undefined)?.['system-ip'] ?? '',
    );
    const refused: string[] = [];
    for (const [way, { get }] of Object.entries(paths)) {
      const wanted = (get.parameters ?? []).filter(({ required }) => required === true).map(({ name }) => name);
      const query = new URLSearchParams(
        Object.fromEntries(wanted.map((name) => [name, name === 'deviceId' ? systemIp : '1'])),
      );
      const got = await curl(`${url}${way}?${query.toString()}`);
      // A made-up value may be refused in words; nothing may be missing or break.
      if (got.status !== 200 && got.status !== 400) refused.push(`${way}: ${got.status}`);
      else if (got.status === 200) answer.parse(JSON.parse(got.body));
    }
    expect(Object.keys(paths).length).toBeGreaterThan(20);
    expect(refused).toEqual([]);
  });

  it('scrolls through pages to the end', async () => {
    await logIn();
    const whole = (await read('/dataservice/device')).data.length;
    let seen = 0;
    let scroll = '';
    for (let page = 0; page <= whole; page += 1) {
      const { data, pageInfo } = await read(`/dataservice/device?count=2${scroll}`);
      seen += data.length;
      if (pageInfo?.hasMoreData !== true) break;
      scroll = `&scrollId=${pageInfo.scrollId}`;
    }
    expect(seen).toBe(whole);
  });

  it('demands its token for what is no GET', async () => {
    await logIn();
    expect((await curl('-X', 'POST', `${url}/logout`)).status).toBe(403);
    const token = (await curl(`${url}/dataservice/client/token`)).body.trim();
    expect((await curl('-X', 'POST', '-H', `X-XSRF-TOKEN: ${token}`, `${url}/logout`)).status).toBe(200);
    expect((await curl(`${url}/dataservice/device`)).status).toBe(401);
  });

  it('shows statistics that are older than what it says live', async () => {
    await logIn();
    const statistics = await read('/dataservice/statistics/interface');
    const times = statistics.data.map((row) => Number(row['lastupdated']));
    expect(times.length).toBeGreaterThan(0);
    expect(Math.max(...times)).toBeLessThan(statistics.header.generatedOn);
  });

  it('slows down who asks too often, and says when to come back', async () => {
    await logIn();
    const ways = Array.from({ length: 150 }, () => `${url}/dataservice/client/token`);
    const { stdout } = await run(
      CURL,
      [
        '-sS',
        '--noproxy',
        '*',
        '--cacert',
        path.join(folder, 'ca.pem'),
        '-Z',
        '--parallel-max',
        '30',
        '-D',
        '-',
        ...ways,
      ],
      { maxBuffer: 1 << 26 },
    );
    expect(stdout).toMatch(/HTTP\/1\.1 429/);
    expect(stdout.toLowerCase()).toContain('retry-after: 1');
  });
});
