/** The last injury: every device of the network dies at once and for good. The brokers go on, say so, and write it down. */
import { WayleaveError } from '../../broker/errors.ts';
import { type CheckOptions, readLog } from './check.ts';
import { Someone } from './load.ts';
import type { Check } from './report.ts';

const DEVICE = 'br1_edge';

export async function loseNetwork(options: Pick<CheckOptions, 'installation' | 'config' | 'brokers'>): Promise<Check> {
  const { installation, config, brokers } = options;
  const before = await readLog(config);
  const simulators = installation.children['simulators'];
  simulators?.kill('SIGKILL');
  await simulators?.ended;
  const codes: string[] = [];
  for (const at of brokers().keys()) {
    const operator = new Someone({ home: config.home, brokers }, 'operator@acme', at);
    const target = { devices: [DEVICE] };
    codes.push(
      await codeOf(operator.call('diagnostics', 'system.read', { target, input: {}, purpose: 'chat:gone' })),
      await codeOf(
        operator.call('wan', 'interface.set-description', {
          ...{ target, purpose: 'chat:gone' },
          input: { interface: 'ge0/0', description: 'nobody hears this' },
        }),
      ),
    );
  }
  const ready = await Promise.all(brokers().map(async (url) => (await fetch(`${url}/readyz`)).status));
  const after = await readLog(config);
  const honest = codes.every((code) => code.startsWith('DEVICE_'));
  return {
    what: 'without any device, reads and changes are refused as such, brokers stay ready, and the log has it and verifies',
    ok: honest && ready.every((status) => status === 200) && after.verified && after.size > before.size,
    found: `${codes.join(', ')}; ready ${ready.join(', ')}; ${after.size - before.size} further entries`,
  };
}

const codeOf = async (call: Promise<{ readonly status: string }>): Promise<string> => {
  try {
    return (await call).status;
  } catch (error) {
    return error instanceof WayleaveError ? error.code : String(error);
  }
};
