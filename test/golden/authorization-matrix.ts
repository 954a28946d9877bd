/** Writes the authorisation matrix: for every tool and role, what a person may directly and through each agent. */
import { AGENTS, type AgentName, type Decision, ROLES, type Role } from '../../broker/contract.ts';
import { sampleInput } from '../../broker/policy/sample-input.ts';
import type { ToolFacts } from '../../broker/policy/schema.ts';
import type { DecisionPoint } from '../../broker/ports.ts';

const COLUMNS = ['direct', ...AGENTS] as const;
type Column = (typeof COLUMNS)[number];

const HEADER = `# Who may use which tool: one line a tool and role, one column for the person's own client and for each agent.
# In the person's own tenant, for an open incident, at risk 0:
#   permit          without further duty
#   1 tenant-admin  after so many approvals by that role
#   -               denied
# The last column is what is permitted in a tenant that is not the person's own.
# Written by: UPDATE_GOLDEN=1 npx vitest run test/golden
`;

/** The whole matrix as text, decided by the given decision point. */
export async function writeMatrix(point: Pick<DecisionPoint, 'decide'>, tools: readonly ToolFacts[]): Promise<string> {
  const rows: string[][] = [['tool', 'role', ...COLUMNS, 'foreign']];
  for (const tool of [...tools].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const role of ROLES) {
      const own = await decideRow(point, tool, role, 'acme');
      const foreign = (await decideRow(point, tool, role, 'globex')).filter((cell) => cell !== '-');
      rows.push([tool.name, role, ...own, foreign.join(', ') || '-']);
    }
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${HEADER}\n${lines.join('\n')}\n`;
}

/** The columns of one line, for a person of acme and devices of `tenant`. */
const decideRow = (
  point: Pick<DecisionPoint, 'decide'>,
  tool: ToolFacts,
  role: Role,
  tenant: string,
): Promise<readonly string[]> =>
  Promise.all(COLUMNS.map(async (column) => describeDecision(await decideCell(point, tool, role, column, tenant))));

function decideCell(
  point: Pick<DecisionPoint, 'decide'>,
  tool: ToolFacts,
  role: Role,
  column: Column,
  tenant: string,
): Promise<Decision> {
  const agent: AgentName | undefined = column === 'direct' ? undefined : column;
  return point.decide({
    subject: {
      human: 'person@acme',
      roles: [role],
      tenant: 'acme',
      session: 'ses_matrix',
      chain: agent === undefined ? ['person@acme'] : [agent, 'person@acme'],
      ...(agent === undefined ? {} : { agent }),
    },
    tool,
    tenant,
    targets: tool.targets === 'none' ? [] : [{ device: 'br2_edge', role: 'edge', site: 'br2' }],
    input: sampleInput(tool),
    purpose: { id: 'inc_matrix', kind: 'incident', open: true },
    now: Date.UTC(2026, 0, 1, 12),
    risk: 0,
  });
}

function describeDecision(decision: Decision): string {
  if (decision.effect === 'deny') return '-';
  const approval = decision.obligations.find((obligation) => obligation.kind === 'require-approval');
  return approval === undefined ? 'permit' : `${approval.count} ${approval.role}`;
}
