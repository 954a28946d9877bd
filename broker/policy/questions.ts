/** Turns one decision request into Cedar questions: the human and the acting agent are asked about separately, for every target. */
import type { Json } from '../contract.ts';
import type { DecisionRequest } from '../ports.ts';
import type { EntityId, Question } from './referee/messages.ts';

/** Input that cannot be put to Cedar as it is; the decision point denies. */
export class UnaskableError extends Error {
  override readonly name = 'UnaskableError';
}

/** All of these must be permitted. Pure; at least one question, whatever the request. */
export function buildQuestions(request: DecisionRequest): readonly Question[] {
  const { subject } = request;
  const human = { type: 'Human', id: subject.human };
  const principals: readonly EntityId[] =
    subject.agent === undefined ? [human] : [human, { type: 'Agent', id: subject.agent }];
  const context = buildContext(request);
  const humanEntity = {
    uid: human,
    attrs: {},
    parents: subject.roles.map((role) => ({ type: 'Role', id: role })),
  };
  // Built once: whoever reads the questions reads what they share once, too.
  const resources = buildResources(request).map((resource) => [resource.uid, [humanEntity, resource]] as const);
  const action = { type: 'Action', id: request.tool.action ?? request.tool.name };
  return principals.flatMap((principal) =>
    resources.map(([resource, entities]) => ({ principal, action, resource, context, entities })),
  );
}

function buildContext(request: DecisionRequest): { readonly [name: string]: Json } {
  const { subject, purpose } = request;
  return {
    input: encodeInput(request.input),
    purpose: { id: purpose.id, kind: purpose.kind, open: purpose.open },
    now: Math.floor(request.now / 1000),
    hour: new Date(request.now).getUTCHours(),
    weekday: new Date(request.now).getUTCDay() || 7,
    risk: request.risk,
    targetCount: request.targets.length,
    taint: request.taint ?? [],
    windows: request.windows ?? [],
    unusual: request.unusual ?? [],
    subject: {
      human: subject.human,
      tenant: subject.tenant,
      agent: subject.agent ?? 'none',
      roles: subject.roles,
    },
  };
}

/**
 * A device without a certificate is changed as `confirmed` or not at all, so it is asked about as such.
 * Without a target the tenant itself is the resource. The tenant's name is part of a device's identity.
 */
function buildResources(request: DecisionRequest): readonly Question['entities'][number][] {
  const { tenant, targets } = request;
  if (targets.length === 0) return [{ uid: { type: 'Tenant', id: tenant }, attrs: { tenant }, parents: [] }];
  return targets.map(({ device, role, site, ladder = 'confirmed', criticality = 'normal' }) => ({
    uid: { type: 'Device', id: `${tenant}/${device}` },
    attrs: { tenant, name: device, role, site, ladder, criticality },
    parents: [],
  }));
}

/** Cedar JSON reads `{"__entity": …}` and `{"__extn": …}` as something else than a record: such input is never asked about. */
function encodeInput(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(encodeInput);
  const entries = Object.entries(value);
  if (entries.some(([name]) => name.startsWith('__'))) throw new UnaskableError('a parameter name begins with __');
  return Object.fromEntries(entries.map(([name, child]) => [name, encodeInput(child)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
