/** What the agents are launched from: the digests of what makes them, their keys, their sandbox and their environment. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { AGENTS, type AgentName } from '../broker/contract.ts';
import { agentDigest, signLaunch } from '../broker/identity/launch-statement.ts';
import { classifyModel, MODEL_CLASS_PART } from '../broker/models/tenant-models.ts';
import { exportSigningKey, generateSigningKey, importSigningKey, type PublicJwk } from '../protocols/oauth/jwk.ts';
import { replaceDurably } from '../storage/durable-files.ts';
import { tracingEnvironment } from './compose/tracing.ts';
import { type Home, readOrCreate } from './home.ts';

const HERE = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Root of the compiled sources: what is started is always the built program, also when this file runs from its source. */
export const DIST = import.meta.url.endsWith('.ts') ? path.join(HERE, 'dist') : HERE;

/** Who authenticates with a key at the token endpoint: every agent, and the workers that run schedules. */
type KeyOwner = AgentName | 'worker';
const OWNERS: readonly KeyOwner[] = [...AGENTS, 'worker'];

export interface AgentLaunch {
  /** For the broker: what was launched, signed by the supervisor, with every public key that counts. */
  readonly agents: { readonly statement: string; readonly key: PublicJwk };
  readonly workerKeys: readonly PublicJwk[];
  /** For the agents' process: PKCS #8 PEM by agent, and the workers'. */
  readonly keys: { readonly [Agent in AgentName]?: string };
  readonly workerKey: string;
}

/** A language model as configured: `provider:name`, and where its server is when that is not the provider's own. */
export interface LaunchedModel {
  readonly name: string;
  readonly baseUrl: string;
}

/** The model that the settings name. */
export const modelOf = (config: { readonly model: string; readonly modelBaseUrl: string }): LaunchedModel => ({
  name: config.model,
  baseUrl: config.modelBaseUrl,
});

/**
 * What makes an agent what it is, each with its digest. The statement about it proves what was launched, not what runs a
 * minute later.
 */
export function digestParts(model: LaunchedModel): { readonly [part: string]: string } {
  return {
    code: digestFiles(
      [...CODE.flatMap((place) => listFiles(path.join(DIST, place)))].filter((file) => !isPrompt(file)),
    ),
    dependencies: digestFiles([PACKAGES].filter((file) => existsSync(file))),
    model: `sha256:${createHash('sha256').update(`${model.name}\0${model.baseUrl}`).digest('hex')}`,
    [MODEL_CLASS_PART]: classifyModel(model.name, model.baseUrl),
    prompts: digestFiles(listFiles(path.join(DIST, 'agents')).filter(isPrompt)),
    tools: digestFiles(listFiles(path.join(DIST, 'tools'))),
  };
}

/** Keys of the supervisor's folder, made when there are none, and the signed statement. `nowMs` in epoch milliseconds. */
export function prepareAgents(home: Home, model: LaunchedModel, nowMs: number): AgentLaunch {
  const keys = OWNERS.map((owner) => ({ owner, files: readKeys(home, owner) }));
  return describeLaunch(home, model, nowMs, keys);
}

/**
 * New keys for all agents and workers, without a moment in which one does not count: `both` is what the broker hears
 * first, then the agents get theirs, then `only` ends the old ones. What lies on disk is good at every point.
 */
export function rotateAgentKeys(
  home: Home,
  model: LaunchedModel,
  nowMs: number,
): { readonly both: AgentLaunch; readonly finish: () => AgentLaunch } {
  for (const owner of OWNERS) {
    const [current] = readKeys(home, owner);
    const pem = exportSigningKey(generateSigningKey());
    const file: KeyFile = { pem, ...(current === undefined ? {} : { previous: current }) };
    replaceDurably(keyFileOf(home, owner), JSON.stringify(file, null, 2));
  }
  const both = prepareAgents(home, model, nowMs);
  return {
    both,
    finish: () => {
      for (const owner of OWNERS) {
        const [pem = ''] = readKeys(home, owner);
        replaceDurably(keyFileOf(home, owner), JSON.stringify({ pem }, null, 2));
      }
      return prepareAgents(home, model, nowMs);
    },
  };
}

const keyFile = z.strictObject({ pem: z.string(), previous: z.string().optional() });
type KeyFile = z.infer<typeof keyFile>;

const keyFileOf = (home: Home, owner: KeyOwner): string => path.join(home.supervisor, `${owner}.key.json`);

/** The key in use first; a second one when a rotation is under way, or was cut off. */
function readKeys(home: Home, owner: KeyOwner): readonly string[] {
  const made = readOrCreate(keyFileOf(home, owner), () => ({ pem: exportSigningKey(generateSigningKey()) }));
  const { pem, previous } = keyFile.parse(made);
  return previous === undefined ? [pem] : [pem, previous];
}

function describeLaunch(
  home: Home,
  model: LaunchedModel,
  nowMs: number,
  keys: readonly { readonly owner: KeyOwner; readonly files: readonly string[] }[],
): AgentLaunch {
  const { pem } = readOrCreate(path.join(home.supervisor, 'launch.key.json'), () => ({
    pem: exportSigningKey(generateSigningKey()),
  }));
  const signer = importSigningKey(pem);
  const parts = digestParts(model);
  const filesOf = (owner: KeyOwner): readonly string[] => keys.find((one) => one.owner === owner)?.files ?? [];
  const publicKeys = (owner: KeyOwner): readonly PublicJwk[] =>
    filesOf(owner).map((file) => importSigningKey(file).publicJwk);
  const launched = AGENTS.map((agent) => ({
    agent,
    digest: agentDigest(agent, parts),
    parts,
    jwks: publicKeys(agent),
  }));
  return {
    agents: { statement: signLaunch(signer, launched, nowMs), key: signer.publicJwk },
    workerKeys: publicKeys('worker'),
    keys: Object.fromEntries(AGENTS.map((agent) => [agent, filesOf(agent)[0]])),
    workerKey: filesOf('worker')[0] ?? '',
  };
}

/** Compiled code that the agents' process runs, besides the tools. */
const CODE = ['agents', 'protocols', 'storage', path.join('apps', 'processes'), path.join('apps', 'compose')];
/** What the packages are that it was built with. */
const PACKAGES = path.join(path.dirname(DIST), 'package-lock.json');

/** Text for a language model: files of words, and those named after what they are. */
const isPrompt = (file: string): boolean => /\.(md|txt)$|(^|[-.])prompts?[-.]/.test(path.basename(file));

function digestFiles(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const content = readFileSync(file);
    hash.update(`${path.relative(DIST, file)}\0${content.length}\0`).update(content);
  }
  return `sha256:${hash.digest('hex')}`;
}

function listFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/**
 * Node's permission model for the agents: they read the program and their own folder, and write the latter. It stops
 * neither sockets nor signals (see docs/security.md).
 */
export function sandboxFlags(home: Home): readonly string[] {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const modules = packagesFolder();
  return [
    permission,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    ...[DIST, modules, path.join(path.dirname(DIST), 'package.json')].map((place) => `--allow-fs-read=${allow(place)}`),
    `--allow-fs-read=${allow(home.agents)}`,
    `--allow-fs-write=${allow(home.agents)}`,
  ];
}

/** The permission model takes a folder with everything below it as `folder/*`. */
const allow = (place: string): string => (path.extname(place) === '.json' ? place : path.join(place, '*'));

/** Folder of the installed packages: beside the program, or further up when it is itself a dependency. */
function packagesFolder(): string {
  const entry = createRequire(import.meta.url).resolve('hono');
  const marker = `${path.sep}node_modules${path.sep}`;
  return entry.slice(0, entry.lastIndexOf(marker) + marker.length - 1);
}

/** What the agents' process sees of the environment: nothing but the language, where traces go, and the keys of a model that is configured. */
export function agentsEnvironment(
  env: { readonly [name: string]: string | undefined },
  model: string,
): { readonly [name: string]: string } {
  const kept = ['TZ', 'LANG', ...(model === '' ? [] : ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY'])];
  const found = kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name] ?? ''] as const]));
  return { ...Object.fromEntries(found), ...tracingEnvironment(env) };
}
