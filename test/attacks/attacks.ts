/** All attacks: what is tried and what must be seen stands in `attacks.json`, how it is tried in a file a category. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { APPROVAL_ATTACKS } from './approval.ts';
import type { Attack } from './attack.ts';
import { AUDIT_ATTACKS } from './audit.ts';
import { AUTHORIZATION_ATTACKS } from './authorization.ts';
import { CONVERSATION_ATTACKS } from './conversation.ts';
import { DEPENDENCY_ATTACKS } from './dependencies.ts';
import { INJECTION_ATTACKS } from './injection.ts';
import { ISSUER_ATTACKS } from './issuer.ts';
import { LOAD_ATTACKS } from './load.ts';
import { MCP_ATTACKS } from './mcp.ts';
import { NETCONF_COMMIT_ATTACKS } from './netconf-commit.ts';
import { OWN_CLIENT_ATTACKS } from './own-client.ts';
import { POLICY_ATTACKS } from './policy.ts';
import { REPLAY_ATTACKS } from './replay.ts';
import { RESOURCE_ATTACKS } from './resource.ts';
import { REST_ATTACKS } from './rest.ts';
import { SCENARIO_NAME_ATTACKS } from './scenario-names.ts';
import { SNMP_ATTACKS } from './snmp.ts';
import { TOKEN_ATTACKS } from './token.ts';
import { UPSTREAM_ATTACKS } from './upstream.ts';
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
  ...ISSUER_ATTACKS,
  ...OWN_CLIENT_ATTACKS,
  ...AUDIT_ATTACKS,
  ...XML_ATTACKS,
  ...NETCONF_COMMIT_ATTACKS,
  ...SNMP_ATTACKS,
  ...REST_ATTACKS,
  ...REPLAY_ATTACKS,
  ...MCP_ATTACKS,
  ...UPSTREAM_ATTACKS,
  ...DEPENDENCY_ATTACKS,
  ...AUTHORIZATION_ATTACKS,
  ...APPROVAL_ATTACKS,
  ...INJECTION_ATTACKS,
  ...CONVERSATION_ATTACKS,
  ...RESOURCE_ATTACKS,
  ...SCENARIO_NAME_ATTACKS,
  ...LOAD_ATTACKS,
  ...POLICY_ATTACKS,
];
