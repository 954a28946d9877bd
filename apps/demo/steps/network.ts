/** Step: the network answers over all three protocols, and what the agents hold opens none of its doors. */
import { AGENTS_AUDIENCE } from '../../../protocols/oauth/access-token.ts';

import type { TourStep } from '../tour.ts';

export const showNetwork = (): TourStep => ({
  name: 'A network on loopback: NETCONF over SSH, SNMPv3, REST over HTTPS',
  run: async (tour, { tell, check }) => {
    const { devices } = await tour.operator.desk.inventory();
    const boxes = devices.filter((device) => device.role !== 'controller').map((device) => device.name);
    tell(
      `Tenant ${tour.tenant}: ${boxes.join(', ')}; controllers ${devices
        .filter((one) => one.role === 'controller')
        .map((one) => one.name)
        .join(', ')}.`,
    );
    const netconf = await tour.operator.use('acl.read', boxes, {});
    const snmp = await tour.operator.use('interfaces.read', boxes, {});
    const rest = await tour.operator.use('control.read', boxes, {});
    for (const [protocol, answer] of [
      ['NETCONF', netconf],
      ['SNMPv3', snmp],
      ['REST', rest],
    ] as const) {
      const evidence = answer.status === 'done' ? answer.evidence : [];
      const silent = boxes.filter((name) => !evidence.some((one) => one.resource.includes(name)));
      check(
        `every edge and hub answers over ${protocol}`,
        silent.length === 0,
        silent.length === 0 ? `${evidence.length} records` : `silent: ${silent.join(', ')}`,
      );
    }
  },
});

export const showBoundary = (): TourStep => ({
  name: 'The agents hold nothing that opens a door',
  run: async (tour, { tell, check }) => {
    const { brokerUrl } = tour.installation.running;
    const { agents, broker } = tour.installation.children;
    check(
      'agents and broker are processes of their own',
      agents !== undefined && broker !== undefined && agents.pid !== broker.pid,
      `pids ${agents?.pid} and ${broker?.pid}`,
    );
    tell('What a person gives the agents is a token for chat. It is tried where only a person may go:');
    const chatToken = tour.operator.session.fetch(AGENTS_AUDIENCE);
    const approve = await chatToken(`${brokerUrl}/api/approvals`);
    check('it cannot open the approvals', approve.status === 401, `HTTP ${approve.status}`);
    const call = await chatToken(`${brokerUrl}/mcp/wan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
    check('it cannot call a tool', call.status === 401, `HTTP ${call.status}`);
  },
});
