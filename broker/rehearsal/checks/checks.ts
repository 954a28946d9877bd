/** All checks by the names under which a file of invariants asks for them. */
import type { Check } from '../check.ts';
import { containmentsKept, identityKept, managementKept, oversightKept } from './management.ts';
import { groundObserved, overlayKept, tenantKept } from './overlay.ts';
import { headroomKept, namesResolve, protectionKept, voiceKept } from './quality.ts';
import { classesKept, roomOnPaths, sharesAddUp } from './steering.ts';
import { noLoop, nothingDiverted, ownPrefixesOnly, routesKept, segmentsApart, servicesKept } from './traffic.ts';

export const CHECKS = {
  'ground-observed': groundObserved,
  'identity-kept': identityKept,
  'management-path-kept': managementKept,
  'oversight-kept': oversightKept,
  'tenant-kept': tenantKept,
  'overlay-kept': overlayKept,
  'no-service-cut-off': servicesKept,
  'routes-kept': routesKept,
  'no-loop': noLoop,
  'no-foreign-prefix': ownPrefixesOnly,
  'no-traffic-diverted': nothingDiverted,
  'segments-stay-apart': segmentsApart,
  'headroom-kept': (facts, figures) => [...headroomKept(facts, figures), ...roomOnPaths(facts, figures)],
  'classes-kept': classesKept,
  'queues-add-up': sharesAddUp,
  'voice-kept': voiceKept,
  'names-resolve': namesResolve,
  'protection-kept': protectionKept,
  'containments-kept': containmentsKept,
} as const satisfies Readonly<Record<string, Check>>;

export type CheckName = keyof typeof CHECKS;
