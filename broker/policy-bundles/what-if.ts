/**
 * What would be decided: the whole matrix of roles and tools, and one made-up case with its reasons and the smallest change
 * that would permit it. Judged by the rules in force for the tenant, its own prohibitions included; nothing is done by it.
 */
import { z } from 'zod';
import { AGENTS, type AgentName, type Effect, type Json, ROLES, type Role, type Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { createBrake } from '../policy/brake.ts';
import { buildRequests, Circumstances } from '../policy/cases.ts';
import { createDecisionPoint } from '../policy/decision-point.ts';
import { explainDecision } from '../policy/explain.ts';
import { createJudge, type Judge } from '../policy/judge.ts';
import { nameObligations } from '../policy/obligations.ts';
import type { ActivePolicy } from '../policy/referee/messages.ts';
import { buildSchema, UPSTREAM_READ } from '../policy/schema.ts';
import type { Clock, Inventory } from '../ports.ts';
import { type ChangeWindows, findWindows } from '../windows/change-window.ts';
import type { ActivePolicies } from './active-policies.ts';
import type { AdmitDeps } from './admit-bundle.ts';
import type { NarrowedPolicies } from './narrowed-policies.ts';
import { demandRole, POLICY_READERS } from './policy-desk.ts';

export interface WhatIfDeps extends AdmitDeps {
  readonly policies: Pick<ActivePolicies, 'inForce' | 'revision'>;
  readonly narrowed: Pick<NarrowedPolicies, 'of'>;
  readonly inventory: Pick<Inventory, 'device'>;
  readonly windows: Pick<ChangeWindows, 'list'>;
  readonly clock: Clock;
}

const word = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);
/** Who, what, where, when. What is left out is as in a case: an open incident, now, risk 0, a device that is certified. */
export const whatIfQuestion = z.strictObject({
  role: z.enum([...ROLES, 'nobody']),
  agent: z.enum(AGENTS).optional(),
  tool: word,
  /** A device of the tenant: its role, site, rung and criticality are asked about. */
  device: word.optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  purpose: z.enum(['incident', 'schedule', 'chat', 'none']).optional(),
  open: z.boolean().optional(),
  risk: z.int().min(0).max(100).optional(),
  /** How many devices at once. */
  targets: z.int().min(1).max(100).optional(),
  taint: z.array(z.string().max(64)).max(10).optional(),
});
export type WhatIfQuestion = z.infer<typeof whatIfQuestion>;
export const matrixQuestion = z.object({ agent: z.enum(AGENTS).optional() });

/** Which rules decided, and how. */
export interface MatrixCell {
  readonly role: Role;
  readonly effect: 'permit' | 'deny';
  readonly policies: readonly string[];
  readonly obligations: readonly string[];
}

export interface PolicyMatrix {
  readonly revision: string;
  readonly tools: readonly { readonly tool: string; readonly effect: Effect; readonly roles: readonly MatrixCell[] }[];
}

export interface WhatIfAnswer {
  readonly effect: 'permit' | 'deny';
  readonly policies: readonly string[];
  readonly reasons: readonly string[];
  readonly obligations: readonly string[];
  /** What the rules for this tool look at, as the case has it; values as JSON text. */
  readonly attributes: readonly { readonly name: string; readonly value: string }[];
  /** The smallest changes that would permit, each a list of steps. */
  readonly permitted: readonly (readonly string[])[];
  readonly revision: string;
}

export interface WhatIf {
  matrix(subject: Subject, agent: AgentName | undefined): Promise<PolicyMatrix>;
  explain(subject: Subject, question: WhatIfQuestion): Promise<WhatIfAnswer>;
}

/** Cases that are tried for a change that would permit, up to 0.1 ms each: the broker has other things to do. Enough for two steps. */
const MOST_TRIED = 1_000;

interface Bench {
  readonly key: string;
  readonly law: Promise<{ readonly policies: readonly ActivePolicy[]; readonly judge: Judge }>;
}

export function createWhatIf(deps: WhatIfDeps): WhatIf {
  const tools = [...deps.tools, UPSTREAM_READ];
  const schema = buildSchema(deps.tools);
  const benches = new Map<string, Bench>();

  /** Parsed once for what is in force, by a referee of its own that ends with it. */
  function lawOf(tenant: string): Bench['law'] {
    const now = deps.policies.inForce();
    const { narrowing, problem } = deps.narrowed.of(tenant);
    if (now === undefined || problem !== undefined)
      throw new WayleaveError('CHANGES_STOPPED', problem ?? 'No policies are in force.');
    const key = `${now.activation.number} ${narrowing?.number ?? 0}`;
    const known = benches.get(tenant);
    if (known?.key === key) return known.law;
    const shared = now.bundle.files.filter(({ name }) => name.endsWith('.cedar'));
    const own = (narrowing?.files ?? []).map(({ name, text }) => ({ name: `${tenant}-${name}`, text }));
    const parse = async (files: typeof shared): Promise<readonly ActivePolicy[]> => {
      const referee = deps.startReferee();
      try {
        const point = await createDecisionPoint({
          ...{ referee, tools: deps.tools, brake: createBrake(), policies: files, observe: now.bundle.observe },
        });
        return point.policies.filter(({ id }) => !now.bundle.observe.includes(id));
      } finally {
        await referee.close();
      }
    };
    const judgeOf = (policies: readonly ActivePolicy[]): Judge =>
      createJudge(policies, schema, now.bundle.approvals.least);
    const law = parse(shared).then(async (policies) => {
      if (own.length === 0) return { policies, judge: judgeOf(policies) };
      const all = await parse([...shared, ...own]);
      const [first, second] = [judgeOf(policies), judgeOf(all)];
      // Only what both permit is permitted, as the broker decides it (narrowed-policies.ts).
      const judge: Judge = (request) => {
        const verdict = first(request);
        return verdict.effect === 'deny' ? verdict : second(request);
      };
      return { policies: all, judge };
    });
    law.catch(() => benches.delete(tenant));
    benches.set(tenant, { key, law });
    return law;
  }

  async function circumstancesOf({ tenant }: Subject, question: WhatIfQuestion): Promise<Circumstances> {
    const { role, device: name, at, ...rest } = question;
    const now = at === undefined ? deps.clock.now() : Date.parse(at);
    const device = name === undefined ? undefined : await deps.inventory.device(tenant, name);
    if (name !== undefined && device === undefined) throw new WayleaveError('NOT_FOUND');
    const windows = name === undefined ? [] : await findWindows(deps.windows, tenant, [name], now);
    return Circumstances.parse({
      ...{ ...rest, as: role, windows: [...windows], at: new Date(now).toISOString() },
      ...(device === undefined ? {} : { role: device.role, site: device.site }),
      ...(device?.ladder === undefined ? {} : { ladder: device.ladder }),
      ...(device?.criticality === undefined ? {} : { criticality: device.criticality }),
    });
  }

  return {
    async matrix(subject, agent) {
      demandRole(subject, POLICY_READERS);
      const { judge } = await lawOf(subject.tenant);
      return {
        revision: deps.policies.revision(),
        tools: tools.map((tool) => ({
          ...{ tool: tool.name, effect: tool.effect },
          roles: ROLES.flatMap((role) => {
            const given = Circumstances.parse({ as: role, tool: tool.name, ...(agent === undefined ? {} : { agent }) });
            return buildRequests(given, tools).map((request) => {
              const { effect, policies, obligations } = judge(request);
              return { role, effect, policies, obligations: nameObligations(obligations) };
            });
          }),
        })),
      };
    },
    async explain(subject, question) {
      demandRole(subject, POLICY_READERS);
      if (!tools.some(({ name }) => name === question.tool))
        throw new WayleaveError('INPUT_INVALID', `tool: there is no tool ${question.tool}.`);
      const [request] = buildRequests(await circumstancesOf(subject, question), tools);
      if (request === undefined) throw new WayleaveError('INPUT_INVALID', 'There is nothing to explain.');
      const { policies, judge } = await lawOf(subject.tenant);
      const found = explainDecision(request, policies, schema, { judge, mostTried: MOST_TRIED });
      return {
        ...{ effect: found.effect, policies: found.policies, reasons: found.reasons },
        obligations: nameObligations(found.obligations),
        attributes: found.attributes.map(({ name, value }) => ({ name, value: tell(value) })),
        ...{ permitted: found.permitted, revision: deps.policies.revision() },
      };
    },
  };
}

const tell = (value: Json): string => JSON.stringify(value);
