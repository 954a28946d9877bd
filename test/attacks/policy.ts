/** Attacks on the policies themselves: bytes that nobody signed, older ones, broken ones, endless ones, and code in their texts. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WayleaveError } from '../../broker/errors.ts';
import { buildSchema } from '../../broker/policy/schema.ts';
import { packBundle, rulesForm, signBundle } from '../../broker/policy-bundles/bundle.ts';
import { newBundleKeyFile, openBundleKeys } from '../../broker/policy-bundles/bundle-keys.ts';
import { ACTIVE } from '../../broker/policy-bundles/policy-store.ts';
import {
  ADMIN,
  ask,
  bring,
  createPolicyLab,
  LAB_TOOLS,
  type OpenedLab,
  type PolicyLab,
} from '../broker/policy-bundles/policy-lab.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';

const CHANGE = ask('bgp.set-local-as');
const NO_RULES = rulesForm.parse({});

async function inLab<T>(work: (lab: PolicyLab, opened: OpenedLab) => Promise<T>): Promise<T> {
  const lab = await createPolicyLab();
  const opened = await lab.open();
  try {
    return await work(lab, opened);
  } finally {
    await opened.policies.close();
    await lab.close();
  }
}

const weaker = (lab: PolicyLab) =>
  lab.shippedFiles.map(({ name, text }) => ({ name, text: text.replaceAll('limit 20 devices', 'limit 9999 devices') }));

/** Whether a broker that reads the store again, or starts anew, decides about changes. Refused: it does not, and says why. */
async function stopped(lab: PolicyLab, running: OpenedLab): Promise<Attempt> {
  await running.policies.refresh();
  const again = await lab.open();
  const effects = [await running.policies.decide(CHANGE), await again.policies.decide(CHANGE)].map(
    ({ effect }) => effect,
  );
  const alarmed = running.policies.problem() !== undefined && lab.alarms.length > 0;
  await again.policies.close();
  return {
    refused: alarmed && effects.every((effect) => effect === 'deny'),
    how: running.policies.problem() ?? 'served',
  };
}

type Change = (lab: PolicyLab, signed: string) => string;
const rewritten = (change: Change) => (): Promise<Attempt> =>
  inLab(async (lab, opened) => {
    const id = opened.policies.inForce()?.activation.bundle ?? '';
    await lab.store.bundles.update(id, (before) => {
      if (before === undefined) throw new Error('gone');
      return { ...before, signed: change(lab, before.signed) };
    });
    return stopped(lab, opened);
  });

const payloadOf = (files: ReturnType<typeof weaker>): string =>
  Buffer.from(JSON.stringify(packBundle(files, NO_RULES, buildSchema(LAB_TOOLS)))).toString('base64url');
const withPayload = (lab: PolicyLab, signed: string): string => {
  const [head, , tail] = signed.split('.');
  return [head, payloadOf(weaker(lab)), tail].join('.');
};

/** What comes of proposing it; the one in force must go on deciding as before. */
const proposed = (edit: (text: string) => string) => (): Promise<Attempt> =>
  inLab(async (lab, opened) => {
    const before = opened.policies.revision();
    const how = await bring(opened, lab.edited('small.cedar', edit)).then(
      () => 'in force',
      (error: unknown) => (error instanceof WayleaveError ? error.code : String(error)),
    );
    const same = opened.policies.revision() === before && (await opened.policies.decide(CHANGE)).effect === 'permit';
    return { refused: how !== 'in force' && same, how: same ? how : `${how}, and other policies decide` };
  });

const run = promisify(execFile);

/** Policies whose texts would be code if anything made code of them, decided where V8 makes none of strings. */
async function asCode(text: string): Promise<Attempt> {
  const probe = fileURLToPath(new URL('policy-code.ts', import.meta.url));
  const flags = ['--disallow-code-generation-from-strings', '--import', 'tsx'];
  const { stdout } = await run(process.execPath, [...flags, probe, text]).catch((error: { stderr?: string }) => ({
    stdout: `failed: ${(error.stderr ?? '').slice(0, 200)}`,
  }));
  return { refused: stdout.trim() === 'text', how: stdout.trim() };
}

export const POLICY_ATTACKS: readonly Attack[] = [
  {
    id: 'POL-01',
    guard: 'signed-policies',
    attempt: () =>
      attemptAll([
        ['other policies under the old signature', rewritten(withPayload)],
        ['no signature', rewritten((lab, signed) => `${withPayload(lab, signed).split('.').slice(0, 2).join('.')}.`)],
        [
          'a key of their own',
          rewritten((lab) =>
            signBundle(
              packBundle(weaker(lab), NO_RULES, buildSchema(LAB_TOOLS)),
              openBundleKeys({ load: newBundleKeyFile, save: () => undefined }),
            ),
          ),
        ],
      ]),
  },
  {
    id: 'POL-02',
    guard: 'activations-only-rise',
    attempt: () =>
      inLab(async (lab, opened) => {
        const bundles = await lab.store.bundles.list();
        const active = await lab.store.active.get(ACTIVE);
        const stricter = weaker(lab).map(({ name, text }) => ({
          name,
          text: text.replaceAll('limit 9999', 'limit 2'),
        }));
        await bring(opened, stricter);
        for (const one of bundles) await lab.store.bundles.update(one.id, () => one);
        await lab.store.active.update(ACTIVE, () => active ?? { signed: '' });
        return stopped(lab, opened);
      }),
  },
  {
    id: 'POL-03',
    guard: 'tried-before-proposed',
    attempt: () =>
      attemptAll([
        ['a syntax error', proposed((text) => `${text}\npermit (principal`)],
        ['an unknown attribute', proposed((text) => text.replace('context.risk >= 90', 'context.rosk >= 90'))],
        ['a type error', proposed((text) => text.replace('context.risk >= 90', 'context.risk >= "90"'))],
        ['cases that do not hold', proposed((text) => text.replace('limit 20 devices', 'limit 9999 devices'))],
      ]),
  },
  {
    id: 'POL-04',
    guard: 'tenants-apart',
    attempt: () =>
      attemptAll([
        [
          'the boundary for one role',
          proposed((text) =>
            text.replace(
              'forbid (principal, action, resource)\nwhen { context.subject',
              'forbid (principal is Agent, action, resource)\nwhen { context.subject',
            ),
          ),
        ],
        [
          'the boundary but at an hour',
          proposed((text) => text.replace('!= resource.tenant', '!= resource.tenant && context.hour != 3')),
        ],
        [
          'the boundary but for one incident',
          proposed((text) => text.replace('!= resource.tenant', '!= resource.tenant && context.purpose.id != "inc_x"')),
        ],
      ]),
  },
  {
    id: 'POL-06',
    guard: 'bounded-policies',
    attempt: () => {
      const sign = (text: string) => (): Promise<Attempt> =>
        inLab(async (lab, { desk }) => {
          const files = [...lab.shippedFiles, { name: 'more.cedar', text }];
          const how = await desk.sign(ADMIN, files, NO_RULES).then(
            () => 'signed',
            (error: unknown) => (error instanceof WayleaveError ? error.code : String(error)),
          );
          return { refused: how === 'INPUT_INVALID', how };
        });
      const when = (condition: string): string =>
        `@id("more") @because("more") forbid (principal, action, resource) when { ${condition} };`;
      return attemptAll([
        ['a pattern of 200 wildcards', sign(when(`context.purpose.id like "${'*a'.repeat(200)}"`))],
        ['a list of a million', sign(when(`[${'"x",'.repeat(1_000_000)}"x"].contains(context.purpose.id)`))],
      ]);
    },
  },
  {
    id: 'POL-07',
    guard: 'no-code-of-texts',
    attempt: () =>
      attemptAll(
        [
          "'; process.exit(7); '",
          '`$\u007bprocess.exit(7)}`',
          '") || true || ("',
          '\u2028process.exit(7)\u2029',
          'constructor',
          '__proto__',
        ].map((text) => [JSON.stringify(text), () => asCode(text)] as const),
      ),
  },
];
