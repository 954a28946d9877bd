/** All attacks: what is tried and what must be seen stands in `attacks.json`, how it is tried in a file a category. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Attack } from './attack.ts';

const catalogue = z.object({
  cases: z.array(
    z.object({ id: z.string(), category: z.string(), title: z.string(), how: z.string(), expect: z.string() }),
  ),
});

export const CATALOGUE = catalogue.parse(
  JSON.parse(readFileSync(new URL('attacks.json', import.meta.url), 'utf8')),
).cases;

/** Imported when asked for: a process that tries one attack without its defence loads what that attack needs, not everything. */
const FILES = {
  token: async () => (await import('./token.ts')).TOKEN_ATTACKS,
  issuer: async () => (await import('./issuer.ts')).ISSUER_ATTACKS,
  'own-client': async () => (await import('./own-client.ts')).OWN_CLIENT_ATTACKS,
  audit: async () => (await import('./audit.ts')).AUDIT_ATTACKS,
  xml: async () => (await import('./xml.ts')).XML_ATTACKS,
  'netconf-commit': async () => (await import('./netconf-commit.ts')).NETCONF_COMMIT_ATTACKS,
  snmp: async () => (await import('./snmp.ts')).SNMP_ATTACKS,
  rest: async () => (await import('./rest.ts')).REST_ATTACKS,
  replay: async () => (await import('./replay.ts')).REPLAY_ATTACKS,
  mcp: async () => (await import('./mcp.ts')).MCP_ATTACKS,
  upstream: async () => (await import('./upstream.ts')).UPSTREAM_ATTACKS,
  dependencies: async () => (await import('./dependencies.ts')).DEPENDENCY_ATTACKS,
  authorization: async () => (await import('./authorization.ts')).AUTHORIZATION_ATTACKS,
  approval: async () => (await import('./approval.ts')).APPROVAL_ATTACKS,
  injection: async () => (await import('./injection.ts')).INJECTION_ATTACKS,
  conversation: async () => (await import('./conversation.ts')).CONVERSATION_ATTACKS,
  resource: async () => (await import('./resource.ts')).RESOURCE_ATTACKS,
  'scenario-names': async () => (await import('./scenario-names.ts')).SCENARIO_NAME_ATTACKS,
  load: async () => (await import('./load.ts')).LOAD_ATTACKS,
  policy: async () => (await import('./policy.ts')).POLICY_ATTACKS,
} as const satisfies Readonly<Record<string, () => Promise<readonly Attack[]>>>;

export type AttackFile = keyof typeof FILES;

/** An attack, and where it stands. */
export type ListedAttack = Attack & { readonly file: AttackFile };

const isFile = (name: string): name is AttackFile => Object.hasOwn(FILES, name);

export async function loadAttacks(files: readonly string[] = Object.keys(FILES)): Promise<readonly ListedAttack[]> {
  const attacks: ListedAttack[] = [];
  for (const file of files) {
    if (!isFile(file)) throw new Error(`there is no file of attacks ${file}`);
    for (const attack of await FILES[file]()) attacks.push({ ...attack, file });
  }
  return attacks;
}
