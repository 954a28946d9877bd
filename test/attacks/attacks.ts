/** All attacks: what is tried and what must be seen stands in `attacks.json`, how it is tried in a file a category. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { APPROVAL_ATTACKS, APPROVAL_PENDING } from './approval.ts';
import type { Attack, PendingAttack } from './attack.ts';
import { AUDIT_ATTACKS } from './audit.ts';
import { AUTHORIZATION_ATTACKS } from './authorization.ts';
import { INJECTION_ATTACKS } from './injection.ts';
import { MCP_ATTACKS } from './mcp.ts';
import { NETCONF_COMMIT_ATTACKS } from './netconf-commit.ts';
import { POLICY_ATTACKS } from './policy.ts';
import { REPLAY_ATTACKS, REPLAY_PENDING } from './replay.ts';
import { RESOURCE_ATTACKS } from './resource.ts';
import { REST_ATTACKS } from './rest.ts';
import { SNMP_ATTACKS } from './snmp.ts';
import { TOKEN_ATTACKS, TOKEN_PENDING } from './token.ts';
import { UPSTREAM_ATTACKS, UPSTREAM_PENDING } from './upstream.ts';
import { XML_ATTACKS } from './xml.ts';

const catalogue = z.object({
  cases: z.array(
    z.object({ id: z.string(), category: z.string(), title: z.string(), how: z.string(), expect: z.string() }),
  ),
});

export const CATALOGUE = catalogue.parse(
  JSON.parse(readFileSync(new URL('attacks.json', import.meta.url), 'utf8')),
).cases;

export const ATTACKS: readonly Attack[] = [
  ...TOKEN_ATTACKS,
  ...AUDIT_ATTACKS,
  ...XML_ATTACKS,
  ...NETCONF_COMMIT_ATTACKS,
  ...SNMP_ATTACKS,
  ...REST_ATTACKS,
  ...REPLAY_ATTACKS,
  ...MCP_ATTACKS,
  ...UPSTREAM_ATTACKS,
  ...AUTHORIZATION_ATTACKS,
  ...APPROVAL_ATTACKS,
  ...INJECTION_ATTACKS,
  ...RESOURCE_ATTACKS,
  ...POLICY_ATTACKS,
];

const KNOWN_PENDING: readonly PendingAttack[] = [
  ...TOKEN_PENDING,
  ...UPSTREAM_PENDING,
  ...REPLAY_PENDING,
  ...APPROVAL_PENDING,
];

/** Cases that are not tried, with the reason. */
export const PENDING: readonly PendingAttack[] = CATALOGUE.filter(
  ({ id }) => !ATTACKS.some((one) => one.id === id),
).map(
  ({ id }) => KNOWN_PENDING.find((one) => one.id === id) ?? { id, pending: 'nobody wrote it down as a test so far' },
);
