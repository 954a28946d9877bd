/** Debian's yanglint reads the YANG modules, and the configuration and state of every device, and finds nothing wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NETCONF_DEADLINES } from '../../broker/drivers/netconf/deadlines.ts';
import { openSession } from '../../broker/drivers/netconf/session.ts';
import { BASE_NS } from '../../protocols/netconf/messages.ts';
import { parseXml, renderXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { YANG_MODULES } from '../../protocols/yang/module-list.ts';
import { buildModulesState, buildYangLibrary } from '../../simulators/protocols/netconf/management-state.ts';
import { netconfView } from '../../simulators/views/netconf-view.ts';
import { createReference, DEVICE, isInstalled, runProgram, startStrangersDevice } from './netconf-device.ts';

const MODULES = fileURLToPath(new URL('../../protocols/yang/modules/', import.meta.url));
const files = YANG_MODULES.filter((one) => one.implemented).map(({ name, revision }) =>
  join(MODULES, name.startsWith('wayleave-') ? `${name}.yang` : `${name}@${revision}.yang`),
);

let folder: string;
let dumps = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'yang-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What yanglint complains of; '' for nothing. */
async function lint(type: 'config' | 'data', nodes: readonly XmlNode[]): Promise<string> {
  dumps += 1;
  const file = join(folder, `${dumps}.xml`);
  writeFileSync(file, nodes.map((node) => renderXml(node)).join('\n'));
  const { out, err } = await runProgram('yanglint', ['-p', MODULES, '-t', type, ...files, file]);
  return (out + err).replaceAll(/^libyang warn: Schema node "confirm-event".*$/gm, '').trim();
}

describe.skipIf(!isInstalled('yanglint', '--version'))(
  'yanglint (skipped when libyang2-tools is not installed)',
  () => {
    const network = createReference();

    it.each(network.devices().map(({ device }) => [device]))(
      'accepts configuration and state of %s',
      async (device) => {
        const view = netconfView(network, { tenant: 'acme', device });
        expect(await lint('config', view.running().children)).toBe('');
        expect(
          await lint('data', [
            ...view.state().children,
            buildYangLibrary(view.modules),
            buildModulesState(view.modules),
          ]),
        ).toBe('');
      },
    );

    it('accepts all that a get answers, what the server tells of itself included', async () => {
      const device = await startStrangersDevice();
      const session = await openSession(device.endpoint, NETCONF_DEADLINES, device.timers);
      await session.rpc(parseXml(`<lock xmlns="${BASE_NS}"><target><candidate/></target></lock>`), 10_000);
      const { data } = await session.rpc(parseXml(`<get xmlns="${BASE_NS}"/>`), 10_000);
      expect(data?.children.map(({ name }) => name)).toContain('netconf-state');
      expect(await lint('data', data?.children ?? [])).toBe('');
      await device.close();
    });

    it('sees what does not fit', async () => {
      const view = netconfView(network, DEVICE);
      const broken = parseXml(renderXml(view.running()).replace(/(<mtu[^>]*>)1500</, (_, tag) => `${tag}15<`));
      expect(await lint('config', broken.children)).toContain('Unsatisfied range');
    });
  },
);
