/**
 * `npm run bench`: measures what speed matters for, one file a bench, and prints the machine's figures beside the
 * results. Nothing here is a test: a time is never asserted.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { benchAudit, benchAuditWriters } from './audit.ts';
import { benchInProcess, benchOverHttp } from './broker-calls.ts';
import { benchBrokerPolicy } from './broker-policy.ts';
import { benchConsole } from './console.ts';
import { benchDevices } from './devices.ts';
import { benchFleet } from './fleet.ts';
import { benchHostile } from './hostile.ts';
import { benchIdentity } from './identity.ts';
import { benchModel } from './model.ts';
import { benchServers } from './servers.ts';
import { benchTelemetry } from './telemetry.ts';
import { benchWorkers } from './workers.ts';

/** One measured figure. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it should reach, in words; absent where it is only for information. */
  readonly aim?: string;
}

export type Bench = () => Promise<readonly Figure[]>;

/** Parts of the broker's bench: to look at one of them alone. */
const BROKER: Readonly<Record<string, Bench>> = {
  'broker:policy': benchBrokerPolicy,
  'broker:process': benchInProcess,
  'broker:http': benchOverHttp,
  'broker:log': benchAuditWriters,
};

const BENCHES: Readonly<Record<string, Bench>> = {
  broker: async () => {
    const figures: Figure[] = [];
    for (const part of Object.values(BROKER)) figures.push(...(await part()));
    return figures;
  },
  hostile: benchHostile,
  model: benchModel,
  servers: benchServers,
  devices: benchDevices,
  identity: benchIdentity,
  audit: benchAudit,
  telemetry: benchTelemetry,
  fleet: benchFleet,
  workers: benchWorkers,
  console: benchConsole,
};

const USAGE = `npm run bench [-- NAME… [--json]]

Benches: ${Object.keys(BENCHES).join(', ')}; all of them when none is named.
Parts: ${Object.keys(BROKER).join(', ')}.`;

const machine = () => ({
  processor: os.cpus()[0]?.model ?? 'unknown',
  cores: os.cpus().length,
  memoryGb: Math.round(os.totalmem() / 1e9),
  node: process.version,
  load: Math.round(100 * (os.loadavg()[0] ?? 0)) / 100,
});

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals;
  const known = { ...BENCHES, ...BROKER };
  const unknown = names.find((name) => !(name in known));
  if (values.help || unknown !== undefined) {
    console.error(unknown === undefined ? USAGE : `there is no bench ${unknown}\n\n${USAGE}`);
    return unknown === undefined ? 0 : 2;
  }
  const results: Record<string, readonly Figure[]> = {};
  if (!values.json)
    console.log(
      Object.entries(machine())
        .map(([key, value]) => `${key} ${value}`)
        .join(' · '),
    );
  for (const name of names) {
    if (!values.json) console.log(`\n${name}`);
    const figures = (await known[name]?.()) ?? [];
    results[name] = figures;
    if (values.json) continue;
    for (const { what, value, unit, aim } of figures) {
      const shown = `${value < 10 ? value.toFixed(2) : Math.round(value)} ${unit}`;
      console.log(`  ${what.padEnd(58)} ${shown.padStart(14)}${aim === undefined ? '' : `   (aim: ${aim})`}`);
    }
  }
  if (values.json) console.log(JSON.stringify({ machine: machine(), benches: results }));
  return 0;
}

process.exitCode = await run();
