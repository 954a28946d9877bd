/** `config.diff`: does the device run what the director intends for it, and where not; what contains a threat is told apart. */
import { z } from 'zod';
import { nodeName } from '../protocols/device/names.ts';
import { CONFIG } from '../protocols/yang/config-schema.ts';
import { listKeys, userOrdered } from '../protocols/yang/list-keys.ts';
import { compareConfigs } from './config-difference.ts';
import { readContained, withoutContained } from './contained.ts';
import { defineTool } from './define-tool.ts';
import { readIntended } from './intended-config.ts';
import { ATTACHED_CONFIG, askDirector, getRunning } from './operations.ts';
import { deviceOf, observe, xmlOf } from './replies.ts';

const SECTIONS = Object.keys(CONFIG) as readonly (keyof typeof CONFIG)[];
/** Differences shown of one device; more mean another configuration altogether. */
const MAX_DIFFERENCES = 200;

export const configDiff = defineTool({
  name: 'config.diff',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Compares the running configuration of devices with the one the director intends, leaf by leaf; containments in place are told apart.',
  targets: 'many',
  input: z.strictObject({}),
  plan: (_input, { devices }) => [
    { protocol: 'records', kind: 'containments', query: { devices: [...devices] } },
    ...devices.flatMap((device) => [askDirector(device, ATTACHED_CONFIG), getRunning(device, ...SECTIONS)]),
  ],
  read: (replies) => {
    const intended = readIntended(replies);
    const contained = readContained(replies);
    return replies.flatMap((reply) => {
      const running = xmlOf(reply);
      const wanted = intended.get(deviceOf(reply));
      // Nothing is said about sync unless both sides are known.
      if (running.length === 0 || wanted === undefined) return [];
      const { nodes, inPlace } = withoutContained(running, contained.get(deviceOf(reply)) ?? []);
      const differences = compareConfigs(nodes, wanted, { keys: listKeys, userOrdered });
      const node = nodeName(deviceOf(reply));
      return [
        ...inPlace.map(({ id, until }) => observe(reply, node, 'cfg.contained', `${id} until ${until}`)),
        observe(reply, node, 'cfg.sync', differences.length === 0 ? 'in-sync' : 'out-of-sync'),
        ...differences
          .slice(0, MAX_DIFFERENCES)
          .map((one) =>
            observe(reply, node, 'cfg.diff', `${one.path}: running ${one.running}, intended ${one.intended}`),
          ),
      ];
    });
  },
});
