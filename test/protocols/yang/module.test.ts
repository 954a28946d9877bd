/** The published YANG module names every node that the mapping writes, and every refnet configuration is valid. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { xmlToConfig } from '../../../protocols/yang/config-from-xml.ts';
import { CONFIG } from '../../../protocols/yang/config-schema.ts';
import { configToXml } from '../../../protocols/yang/config-to-xml.ts';
import { SDWAN_NS } from '../../../protocols/yang/namespaces.ts';
import type { Field } from '../../../protocols/yang/schema.ts';
import { STATE } from '../../../protocols/yang/state-schema.ts';
import { refnet } from '../../../simulators/topologies/refnet.ts';

const MODULE = new URL('../../../protocols/yang/modules/wayleave-sdwan.yang', import.meta.url);

it('has a statement for each node of our namespace', () => {
  const text = readFileSync(MODULE, 'utf8');
  const all = (fields: readonly Field[]): readonly Field[] => fields.flatMap((each) => [each, ...all(each.inner)]);
  const ours = all([...Object.values(CONFIG), ...Object.values(STATE)]).filter(({ ns }) => ns === SDWAN_NS);
  expect(ours.length).toBeGreaterThan(80);
  for (const { name } of ours) expect(text).toMatch(new RegExp(`\\b(leaf|leaf-list|container|list) ${name} \\{`));
  for (const { keys } of ours) if (keys?.length) expect(text).toContain(`key "${keys.join(' ')}";`);
});

it('holds every configuration of the reference network', () => {
  for (const { config } of refnet({ tenant: 'acme', branches: 4, seed: 1, tenantIndex: 0 }).devices)
    expect(xmlToConfig(configToXml(config))).toEqual(config);
});
