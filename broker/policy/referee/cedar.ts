/** Cedar behind two functions, `activate` and `decide`. Only the referee process imports this: cedar-wasm stays out of the broker's process. */
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import { z } from 'zod';
import type { ActivePolicy, PolicyBundle, RefereeAnswer, RefereeLine } from './messages.ts';

// cedar-wasm keeps what it parsed per id and never frees an id: always the same two (DESIGN §12).
const ACTIVE = 'active';
const ANNOTATIONS = ['id', 'because', 'obligations'];

export type Activation =
  | { readonly ok: true; readonly policies: readonly ActivePolicy[] }
  | { readonly ok: false; readonly errors: readonly string[] };

/** Parses and strictly validates a bundle and makes it the deciding one. Any error or warning refuses it; what decided before then stays. */
export function activate(bundle: PolicyBundle): Activation {
  const errors: string[] = [];
  const texts: Record<string, string> = {};
  const policies: ActivePolicy[] = [];
  for (const file of bundle.policies) {
    const parts = cedar.policySetTextToParts(file.text);
    if (parts.type === 'failure') {
      errors.push(...parts.errors.map((error) => `${file.name}: ${error.message}`));
      continue;
    }
    if (parts.policy_templates.length > 0) errors.push(`${file.name}: templates are not used here`);
    for (const text of parts.policies) {
      const described = describePolicy(text);
      if (typeof described === 'string') errors.push(`${file.name}: ${described}`);
      else if (described.id in texts) errors.push(`${file.name}: the id ${described.id} is used twice`);
      else {
        texts[described.id] = text;
        policies.push(described);
      }
    }
  }
  const observe = bundle.observe ?? [];
  if (policies.every(({ id }) => observe.includes(id))) errors.push('there is no policy that decides');
  errors.push(...observe.filter((id) => !(id in texts)).map((id) => `there is no policy ${id} to observe`));
  if (errors.length > 0) return { ok: false, errors };

  const staticPolicies = { staticPolicies: texts };
  const validation = cedar.validate({ schema: bundle.schema, policies: staticPolicies });
  const findings =
    validation.type === 'failure'
      ? [...validation.errors, ...validation.warnings]
      : [
          ...validation.otherWarnings,
          ...[...validation.validationErrors, ...validation.validationWarnings].map((finding) => finding.error),
        ];
  if (findings.length > 0) return { ok: false, errors: findings.map((finding) => finding.message) };

  const deciding = Object.fromEntries(Object.entries(texts).filter(([id]) => !observe.includes(id)));
  for (const parsed of [
    cedar.preparseSchema(ACTIVE, bundle.schema),
    cedar.preparsePolicySet(ACTIVE, { staticPolicies: deciding }),
  ]) {
    if (parsed.type === 'failure') return { ok: false, errors: parsed.errors.map((error) => error.message) };
  }
  return { ok: true, policies };
}

/** The annotations of one policy, or what is wrong with them. */
function describePolicy(text: string): ActivePolicy | string {
  const answer = cedar.policyToJson(text);
  if (answer.type === 'failure') return answer.errors.map((error) => error.message).join('; ');
  const { effect, annotations = {} } = answer.json;
  const { id, because, obligations } = annotations;
  if (id === undefined || id === '') return `a policy has no @id: ${text.slice(0, 60)}`;
  if (because === undefined || because === '') return `policy ${id} has no @because`;
  const unknown = Object.keys(annotations).find((name) => !ANNOTATIONS.includes(name));
  if (unknown !== undefined) return `policy ${id} has an unknown annotation @${unknown}`;
  if (effect === 'forbid' && obligations !== undefined) return `policy ${id} forbids, so it cannot oblige`;
  // Through text and back: plain data, as the line to the broker carries it.
  const parsed: unknown = JSON.parse(JSON.stringify(answer.json));
  return { id, effect, because, ...(obligations === undefined ? {} : { obligations }), parsed: z.json().parse(parsed) };
}

type Question = Extract<z.infer<typeof RefereeLine>, { op: 'decide' }>['questions'][number];

/** Decides one question under the active bundle; the request is validated against the schema, so a wrong type is an error and a deny. */
export function decide(question: Question): RefereeAnswer {
  const answer = cedar.statefulIsAuthorized({
    ...question,
    validateRequest: true,
    preparsedSchemaName: ACTIVE,
    preparsedPolicySetId: ACTIVE,
  });
  if (answer.type === 'failure') {
    return { decision: 'deny', policies: [], errors: answer.errors.map((error) => error.message), erring: [] };
  }
  const errors = [
    ...answer.response.diagnostics.errors.map((found) => `${found.policyId}: ${found.error.message}`),
    ...answer.warnings.map((warning) => warning.message),
  ];
  const permitted = answer.response.decision === 'allow' && errors.length === 0;
  const erring = answer.response.diagnostics.errors.map((found) => found.policyId);
  return { decision: permitted ? 'permit' : 'deny', policies: answer.response.diagnostics.reason, errors, erring };
}
