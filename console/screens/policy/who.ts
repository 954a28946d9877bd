/** Names that a question about policies may have; the broker refuses any other (GET /api/policy/matrix). */
export const ROLES = [
  ...(['provider-admin', 'provider-operator', 'tenant-admin', 'tenant-operator'] as const),
  ...(['security-analyst', 'auditor', 'break-glass', 'nobody'] as const),
];
export const AGENTS = [
  ...(['router', 'troubleshooter', 'health-monitor', 'threat-watcher'] as const),
  ...(['experience-optimizer', 'compliance-auditor'] as const),
];
export const PURPOSES = ['incident', 'schedule', 'chat', 'none'] as const;
