/** Defences of who may do what. */
import type { Defence } from './defence.ts';

const RESOLVE = 'broker/stages/resolve.ts';
const APPROVE = 'broker/stages/approve.ts';

export const AUTHORIZATION_DEFENCES = {
  'devices-of-the-tenant': {
    what: 'every named device is one of the tenant, or there is no such device',
    without: [
      {
        file: RESOLVE,
        find: 'if (!devices.every((name) => known.some((one) => one.name === name))) {',
        replace: 'if (false) {',
      },
    ],
  },
  'closed-call-schema': {
    what: 'a call has the fields of its schema and no others',
    without: [{ file: 'broker/catalog.ts', find: 'return z.strictObject({', replace: 'return z.object({' }],
  },
  'call-schema': {
    what: 'a call is read through a schema that coerces nothing, and again by the tool',
    without: [
      {
        file: RESOLVE,
        find: 'const parsed = callSchema(tool).safeParse(context.args);',
        replace: 'callSchema(tool); const parsed = { success: true, data: context.args } as any;',
      },
      {
        file: 'tools/define-tool.ts',
        find: 'tool.plan(tool.input.parse(input), target, context)',
        replace: 'tool.plan(input as never, target, context)',
      },
    ],
  },
  'records-of-the-tenant': {
    what: 'a record is found under its tenant only',
    without: [
      {
        file: 'broker/stores/memory-approvals.ts',
        find: 'get: async (tenant, id) => structuredClone(kept.get(key(tenant, id))),',
        replace: 'get: async (_tenant, id) => structuredClone([...kept.values()].find((one) => one.id === id)),',
      },
    ],
  },
  'exact-tool-names': {
    what: 'a tool is found by exactly its name',
    without: [
      {
        file: RESOLVE,
        find: 'name === context.toolName &&',
        replace: 'name === context.toolName.toLowerCase() &&',
      },
    ],
  },
  'probes-cannot-write': {
    what: 'the rpcs of NETCONF itself are not sent as a probe',
    without: [
      {
        file: 'broker/drivers/netconf/rpcs.ts',
        find: "node.ns === '' || node.ns === BASE_NS)",
        replace: "node.ns === '')",
      },
    ],
  },
  'denied-by-default': {
    what: 'what no policy permits is denied',
    without: [
      {
        file: 'broker/policy/judge.ts',
        find: 'if (denied.length > 0) {',
        replace: 'if (denied.some(({ answer }) => answer.policies.length > 0)) {',
      },
    ],
  },
  'votes-before-execution': {
    what: 'a change waits until as many people as are needed have said yes',
    without: [
      { file: APPROVE, find: "if (approval.status !== 'approved') return undefined;", replace: '' },
      { file: APPROVE, find: 'if (votes.length < approval.needed.count)', replace: 'if (false)' },
      {
        file: 'broker/execution/change.ts',
        find: "if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, 'approved')))",
        replace: "if (!(await deps.approvals.update({ ...approval, status: 'consumed' }, approval.status)))",
      },
    ],
  },
  'blast-radius': {
    what: 'all changes of a tenant within an hour touch a fifth of its devices at most, whoever asks',
    without: [
      {
        file: 'broker/limits/blast.ts',
        find: 'if (touched > limit)',
        replace: 'if (touched < 0)',
      },
    ],
  },
  'intersection-of-rights': {
    what: 'the human and the agent are asked about separately, and both must be permitted',
    without: [
      {
        file: 'broker/policy/questions.ts',
        find: "subject.agent === undefined ? [human] : [human, { type: 'Agent', id: subject.agent }];",
        replace: '[human];',
      },
    ],
  },
  'handles-of-their-owner': {
    what: 'an intent is continued by the human and agent who began it',
    without: [
      {
        file: 'broker/stages/claim.ts',
        find: 'const same = known.subject.human === subject.human && known.subject.agent === subject.agent;',
        replace: 'const same = true;',
      },
    ],
  },
  'listing-for-each': {
    what: 'what is listed is decided for each subject at each call',
    without: [
      {
        file: 'broker/broker.ts',
        find: 'if (tool.domain === domain && (await mayList(deps, subject, tool)))',
        replace: 'if (tool.domain === domain)',
      },
    ],
  },
  'emergency-terms': {
    what: 'an emergency has an open incident, an hour at most, and a person with the role for it, never an agent',
    without: [
      {
        file: 'broker/grants/break-glass.ts',
        find: "if (incident === undefined || (incident.state !== 'open' && incident.state !== 'acknowledged'))",
        replace: 'if (false)',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
