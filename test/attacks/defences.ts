/** The defences that attacks name, all in one map; a file a category in `defences/`. */

import { APPROVAL_DEFENCES } from './defences/approval.ts';
import { AUDIT_DEFENCES } from './defences/audit.ts';
import { AUTHORIZATION_DEFENCES } from './defences/authorization.ts';
import type { Defence } from './defences/defence.ts';
import { DEPENDENCY_DEFENCES } from './defences/dependencies.ts';
import { INJECTION_DEFENCES } from './defences/injection.ts';
import { ISSUER_DEFENCES } from './defences/issuer.ts';
import { MCP_DEFENCES } from './defences/mcp.ts';
import { NETCONF_DEFENCES } from './defences/netconf.ts';
import { POLICY_DEFENCES } from './defences/policy.ts';
import { REPLAY_DEFENCES } from './defences/replay.ts';
import { RESOURCE_DEFENCES } from './defences/resource.ts';
import { REST_DEFENCES } from './defences/rest.ts';
import { SNMP_DEFENCES } from './defences/snmp.ts';
import { TOKEN_DEFENCES } from './defences/token.ts';
import { UPSTREAM_DEFENCES } from './defences/upstream.ts';

export type { Defence } from './defences/defence.ts';

export const DEFENCES = {
  ...TOKEN_DEFENCES,
  ...ISSUER_DEFENCES,
  ...AUDIT_DEFENCES,
  ...NETCONF_DEFENCES,
  ...SNMP_DEFENCES,
  ...REST_DEFENCES,
  ...REPLAY_DEFENCES,
  ...MCP_DEFENCES,
  ...UPSTREAM_DEFENCES,
  ...DEPENDENCY_DEFENCES,
  ...AUTHORIZATION_DEFENCES,
  ...APPROVAL_DEFENCES,
  ...INJECTION_DEFENCES,
  ...RESOURCE_DEFENCES,
  ...POLICY_DEFENCES,
} as const satisfies Readonly<Record<string, Defence>>;

export type DefenceName = keyof typeof DEFENCES;
