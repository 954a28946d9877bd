/** Finds the running installation and logs a person in to it. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { DOMAINS } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { AGENTS_AUDIENCE, CONTROL_AUDIENCE, mcpAudience } from '../../protocols/oauth/access-token.ts';
import { login } from '../client/login.ts';
import type { ClientSession } from '../client/session.ts';

const door = z.object({ url: z.string(), token: z.string() });
/** What `wayleave simulate` leaves behind while it runs, and `wayleave up` with all the rest; a real network has no such door. */
const simulationFile = z.object({ pid: z.number(), simulators: door.exactOptional() });
const runFile = simulationFile.extend({ brokerUrl: z.string(), agentsUrl: z.string() });
/** Where the processes of an installation are reached. */
export type Running = z.infer<typeof runFile>;

const loginsFile = z.array(z.object({ user: z.string(), password: z.string(), roles: z.array(z.string()) }));
export type Logins = z.infer<typeof loginsFile>;

/** Reads `run.json` of the installation; `UNAVAILABLE` when nothing runs there. */
export function findRunning(home: string): Running {
  const found = findAny(home);
  const running = runFile.safeParse(found);
  if (running.success) return running.data;
  throw new WayleaveError(
    'UNAVAILABLE',
    `Only a simulated network runs in ${home}. \`wayleave up\` starts everything.`,
  );
}

/** The testers' door of the simulated network that runs there; `UNAVAILABLE` when none does. */
export function findSimulators(home: string): z.infer<typeof door> {
  const { simulators } = findAny(home);
  if (simulators === undefined)
    throw new WayleaveError('UNAVAILABLE', `The network of ${home} is a real one: nothing is broken there for a test.`);
  return simulators;
}

function findAny(home: string): z.infer<typeof simulationFile> {
  const file = path.join(home, 'run.json');
  if (!existsSync(file))
    throw new WayleaveError('UNAVAILABLE', `Nothing runs in ${home}. Start it with \`wayleave up\`.`);
  const running = parseFile(simulationFile.loose(), file);
  try {
    process.kill(running.pid, 0);
  } catch {
    throw new WayleaveError('UNAVAILABLE', `What ran in ${home} has ended. Start it again with \`wayleave up\`.`);
  }
  return running;
}

/** A file that only Wayleave writes; one that is cut or foreign is said by its name, without its content. */
function parseFile<T>(form: z.ZodType<T>, file: string): T {
  try {
    return form.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new WayleaveError('FOLDER_UNUSABLE', `${file} cannot be read or is damaged.`);
  }
}

/** Every audience a person may ask for: chat, the control desk, and the tools of each domain. */
export const audiencesOf = (brokerUrl: string): readonly string[] => [
  AGENTS_AUDIENCE,
  CONTROL_AUDIENCE,
  ...DOMAINS.map((domain) => mcpAudience(brokerUrl, domain)),
];

/** What a login needs of the process. */
export const clientDeps = { fetch, now: () => Date.now(), nonce: () => randomUUID().replaceAll('-', '') };

export function signIn(brokerUrl: string, user: string, password: string, code?: string): Promise<ClientSession> {
  const given = { issuer: brokerUrl, user, password, audiences: audiencesOf(brokerUrl) };
  return login(code === undefined ? given : { ...given, code }, clientDeps);
}

/** Seeded logins of a simulated installation; none when nothing was ever started there. */
export function readLogins(home: string): Logins {
  const file = path.join(home, 'logins.json');
  if (!existsSync(file)) return [];
  return parseFile(loginsFile, file);
}

/** `--as USER` of a simulated installation: its seeded secret lies in the installation's own folder. */
export async function signInAs(home: string, brokerUrl: string, user: string, code?: string): Promise<ClientSession> {
  const logins = readLogins(home);
  const known = logins.find((one) => one.user === user);
  if (known === undefined) {
    const names = logins.map((one) => one.user).join(', ');
    throw new WayleaveError(
      'LOGIN_FAILED',
      `There is no seeded login ${user}.${names === '' ? '' : ` There are: ${names}.`}`,
    );
  }
  return signIn(brokerUrl, known.user, known.password, code);
}
