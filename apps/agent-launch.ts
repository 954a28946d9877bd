/** What the agents are launched from: the digest of their code, their keys, their sandbox and their environment. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AGENTS, type AgentName } from '../broker/contract.ts';
import { exportSigningKey, generateSigningKey, importSigningKey, type PublicJwk } from '../protocols/oauth/jwk.ts';
import { type Home, readOrCreate } from './home.ts';

const HERE = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Root of the compiled sources: what is started is always the built program, also when this file runs from its source. */
export const DIST = import.meta.url.endsWith('.ts') ? path.join(HERE, 'dist') : HERE;

export interface AgentLaunch {
  readonly registry: readonly {
    readonly agent: AgentName;
    readonly digest: string;
    readonly jwks: readonly PublicJwk[];
  }[];
  readonly keys: { readonly [Agent in AgentName]?: string };
}

/**
 * Digest over everything that makes an agent what it is: its code and prompts, the tool manifest and the model. It
 * proves what was launched, not what runs a minute later.
 */
export function prepareAgents(home: Home, model: string): AgentLaunch {
  const files = [...listFiles(path.join(DIST, 'agents')), ...listFiles(path.join(DIST, 'tools'))].sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${path.relative(DIST, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  hash.update(model);
  const base = hash.digest('hex');
  const launched = AGENTS.map((agent) => {
    const { pem } = readOrCreate(path.join(home.agents, `${agent}.key.json`), () => ({
      pem: exportSigningKey(generateSigningKey()),
    }));
    const digest = `sha256:${createHash('sha256').update(`${agent}\0${base}`).digest('hex')}`;
    return { agent, digest, pem, jwks: [importSigningKey(pem).publicJwk] };
  });
  return {
    registry: launched.map(({ agent, digest, jwks }) => ({ agent, digest, jwks })),
    keys: Object.fromEntries(launched.map(({ agent, pem }) => [agent, pem])),
  };
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

/** What the agents' process sees of the environment: nothing but the language, and the keys of a model that is configured. */
export function agentsEnvironment(
  env: { readonly [name: string]: string | undefined },
  model: string,
): { readonly [name: string]: string } {
  const kept = ['TZ', 'LANG', ...(model === '' ? [] : ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'OLLAMA_BASE_URL'])];
  return Object.fromEntries(kept.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name] ?? '']])));
}
