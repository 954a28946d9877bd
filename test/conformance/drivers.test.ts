/** The conformance suite over each driver, against the simulator's servers on real sockets. */
import { randomBytes } from 'node:crypto';
import { beforeAll } from 'vitest';
import type { DeviceEndpoint } from '../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { protectDriver } from '../../broker/drivers/protect-driver.ts';
import { createRestDriver } from '../../broker/drivers/rest/driver.ts';
import { createCommunityDriver } from '../../broker/drivers/snmp/community-driver.ts';
import { openQuarantine } from '../../broker/inventory/quarantine.ts';
import { createMemoryQuarantine } from '../../broker/stores/memory-quarantine.ts';
import { generateSshKeyPair } from '../../protocols/netconf/ssh-key.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import {
  type CertifiedKey,
  createCertificateAuthority,
  issueCertificate,
} from '../../simulators/protocols/rest/certificate.ts';
import { startRestController } from '../../simulators/protocols/rest/controller.ts';
import { NS, startDevice } from '../simulators/netconf/device.ts';
import {
  COMMUNITY,
  communityEndpointOf,
  createDriver,
  endpointOf,
  SYS_NAME,
  startAgent,
} from '../simulators/snmp/lab.ts';
import { describeDriver, type Subject } from './driver.ts';

const VALIDITY = { notBefore: new Date('2020-01-01T00:00:00Z'), days: 36_500 };
let ca: CertifiedKey;
let otherCa: CertifiedKey;
let tls: CertifiedKey;
beforeAll(async () => {
  [ca, otherCa] = await Promise.all([createCertificateAuthority(VALIDITY), createCertificateAuthority(VALIDITY)]);
  tls = await issueCertificate({ ca, commonName: 'director', ipAddresses: ['127.0.0.1'], validity: VALIDITY });
});

const netconf = async (): Promise<Subject> => {
  const device = await startDevice();
  const endpoint = device.endpoint();
  const way = endpoint.netconf;
  const other = generateSshKeyPair();
  return {
    driver: createNetconfDriver(),
    endpoint,
    read: { protocol: 'netconf', kind: 'get', device: 'box1', filter: `<uptime xmlns="${NS}"/>` },
    expected: '42',
    stranger: {
      endpoint: { ...endpoint, netconf: { ...way, privateKey: other.privateKey } },
      secret: other.privateKey.split('\n')[2] ?? 'no key',
    },
    otherPin: { ...endpoint, netconf: { ...way, hostKey: other.fingerprint } },
    setReachable: (reachable) => {
      device.setReachable(reachable);
      if (!reachable) device.server.dropConnections();
    },
    close: () => device.close(),
  };
};
describeDriver('NETCONF', netconf);

const snmp = async (): Promise<Subject> => {
  let reachable = true;
  const agent = await startAgent({ reachable: () => reachable });
  const secret = 'not-the-password';
  return {
    driver: createDriver(),
    endpoint: endpointOf(agent.port),
    read: { protocol: 'snmp', kind: 'get', device: 'br2_edge', oids: [SYS_NAME] },
    expected: 'br2_edge',
    stranger: { endpoint: endpointOf(agent.port, { authPassword: secret }), secret },
    otherPin: { skip: 'SNMPv3 pins no key: an agent proves itself by the pass phrases' },
    setReachable: (next) => {
      reachable = next;
    },
    close: async () => agent.close(),
  };
};
describeDriver('SNMP', snmp);

const snmp2c = async (): Promise<Subject> => {
  let reachable = true;
  const agent = await startAgent({ community: COMMUNITY, reachable: () => reachable });
  return {
    driver: createCommunityDriver({ timers: systemTimers, random: randomBytes, waitMs: 200 }),
    endpoint: communityEndpointOf(agent.port),
    read: { protocol: 'snmp', kind: 'get', device: 'br2_edge', oids: [SYS_NAME] },
    expected: 'br2_edge',
    stranger: { skip: 'version 2c has no refusal: an agent is silent to a wrong community' },
    otherPin: { skip: 'version 2c has no identity at all' },
    setReachable: (next) => {
      reachable = next;
    },
    close: async () => agent.close(),
  };
};
describeDriver('SNMP 2c', snmp2c);

const rest = async (): Promise<Subject> => {
  let reachable = true;
  const user = { name: 'wayleave', password: 'a password & more' };
  const controller = await startRestController({
    ...{ host: '127.0.0.1', port: 0, tls, users: [user], clock: () => 1_700_000_000_000, reachable: () => reachable },
    routes: { '/dataservice/device': () => [{ reachability: 'reachable' }] },
  });
  const way = { baseUrl: controller.baseUrl, ca: ca.cert, user: user.name, password: user.password };
  const endpoint = (more: Partial<typeof way>): DeviceEndpoint => ({
    ...{ tenant: 'acme', device: 'br2_edge', rest: { ...way, ...more } },
  });
  return {
    driver: createRestDriver({ timers: systemTimers, loopback: true }),
    endpoint: endpoint({}),
    read: { protocol: 'rest', kind: 'get', device: 'br2_edge', path: '/dataservice/device', query: {} },
    expected: 'reachable',
    stranger: { endpoint: endpoint({ password: 'another-secret' }), secret: 'another-secret' },
    otherPin: endpoint({ ca: otherCa.cert }),
    setReachable: (next) => {
      reachable = next;
    },
    close: () => controller.close(),
  };
};
describeDriver('REST', rest);

/** The same behind breaker, second try and quarantine, which must change nothing that is promised. */
const safely = (setUp: () => Promise<Subject>) => async (): Promise<Subject> => {
  const subject = await setUp();
  const quarantine = await openQuarantine({
    store: createMemoryQuarantine(),
    clock: { now: () => 0 },
    record: async () => undefined,
  });
  const protection = {
    timers: systemTimers,
    now: () => performance.now(),
    quarantine,
    log: { error: () => undefined },
  };
  return { ...subject, driver: protectDriver(subject.driver, protection) };
};
describeDriver('protected NETCONF', safely(netconf));
describeDriver('protected SNMP', safely(snmp));
describeDriver('protected SNMP 2c', safely(snmp2c));
describeDriver('protected REST', safely(rest));
