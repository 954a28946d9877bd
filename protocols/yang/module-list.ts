/** The YANG modules of a device: what each is called, where its text lies, and how it is told in hello and YANG library. */
import { readFileSync } from 'node:fs';
import { IF_TYPE_NS, INTERFACES_NS, IP_NS, SDWAN_NS } from './namespaces.ts';

export interface YangModule {
  readonly name: string;
  /** YYYY-MM-DD. */
  readonly revision: string;
  readonly ns: string;
  /** Whether the device has its nodes; false: other modules import definitions of it only (RFC 7950 §5.6.5). */
  readonly implemented: boolean;
  readonly features: readonly string[];
  /** Modules that deviate from it (RFC 7950 §5.6.3). */
  readonly deviations: readonly string[];
}

const IETF = 'urn:ietf:params:xml:ns:yang';

const implemented = (name: string, revision: string, ns: string, more: Partial<YangModule> = {}): YangModule => ({
  name,
  revision,
  ns,
  implemented: true,
  features: [],
  deviations: [],
  ...more,
});
const imported = (name: string, revision: string): YangModule => ({
  ...implemented(name, revision, `${IETF}:${name}`),
  implemented: false,
});

/** RFC 7223 and RFC 7277, not their successors: the device keeps state beside the configuration, without NMDA. */
export const YANG_MODULES: readonly YangModule[] = [
  implemented('ietf-interfaces', '2014-05-08', INTERFACES_NS, { deviations: ['wayleave-deviations'] }),
  implemented('ietf-ip', '2014-06-16', IP_NS),
  implemented('iana-if-type', '2014-05-08', IF_TYPE_NS),
  implemented('wayleave-sdwan', '2026-11-21', SDWAN_NS),
  implemented('wayleave-deviations', '2026-11-21', 'urn:wayleave:deviations'),
  implemented('ietf-netconf', '2011-06-01', 'urn:ietf:params:xml:ns:netconf:base:1.0', {
    features: ['candidate', 'confirmed-commit', 'rollback-on-error', 'validate'],
  }),
  implemented('ietf-netconf-monitoring', '2010-10-04', `${IETF}:ietf-netconf-monitoring`),
  implemented('ietf-netconf-notifications', '2012-02-06', `${IETF}:ietf-netconf-notifications`),
  implemented('ietf-yang-library', '2019-01-04', `${IETF}:ietf-yang-library`),
  implemented('ietf-datastores', '2018-02-14', `${IETF}:ietf-datastores`),
  imported('ietf-inet-types', '2013-07-15'),
  imported('ietf-yang-types', '2013-07-15'),
];

/** Capability URI of a module (RFC 6020 §5.6.4). */
export function capabilityOf({ name, revision, ns, features, deviations }: YangModule): string {
  const lists = [
    features.length > 0 && `features=${features.join()}`,
    deviations.length > 0 && `deviations=${deviations.join()}`,
  ];
  return `${ns}?${[`module=${name}`, `revision=${revision}`, ...lists.filter((each) => each !== false)].join('&')}`;
}

/** Text of a module as published. @throws when the file is missing */
export function readModule({ name, revision }: YangModule): string {
  const file = name.startsWith('wayleave-') ? `${name}.yang` : `${name}@${revision}.yang`;
  return readFileSync(new URL(`modules/${file}`, import.meta.url), 'utf8');
}
