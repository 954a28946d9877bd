/** The folder of an installation: which file lies where, and who may read it. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WayleaveError } from '../broker/errors.ts';

/** Paths below `home`; each process gets its own folder and nobody else's. */
export interface Home {
  readonly root: string;
  /** Broker's database, audit log, users. */
  readonly broker: string;
  /** Keys of the broker, outside its data folder and its backups. */
  readonly brokerKeys: string;
  readonly witness: string;
  readonly simulators: string;
  readonly agents: string;
  /** Keys that only the supervisor reads: of launch statements, of the agents and of the workers. */
  readonly supervisor: string;
  readonly logs: string;
  /** Seeded logins of a simulated installation, 0600. */
  readonly logins: string;
  /** Where the running processes are reached. */
  readonly run: string;
  /** Certificate with which further workers reach the running broker; there while agents need one, 0600. */
  readonly workerDoor: string;
}

/** Creates what is missing; throws `FOLDER_UNUSABLE` when it cannot. */
export function openHome(root: string): Home {
  const home = {
    root,
    broker: path.join(root, 'broker'),
    brokerKeys: path.join(root, 'broker-keys'),
    witness: path.join(root, 'witness'),
    simulators: path.join(root, 'simulators'),
    agents: path.join(root, 'agents'),
    supervisor: path.join(root, 'supervisor'),
    logs: path.join(root, 'logs'),
    logins: path.join(root, 'logins.json'),
    run: path.join(root, 'run.json'),
    workerDoor: path.join(root, 'worker-door.json'),
  };
  try {
    const { broker, brokerKeys, witness, simulators, agents, supervisor, logs } = home;
    for (const folder of [root, broker, brokerKeys, witness, simulators, agents, supervisor, logs]) makeFolder(folder);
    const probe = path.join(root, `.probe-${process.pid}`);
    writeFileSync(probe, '', { flag: 'w' });
    rmSync(probe, { force: true });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown cause';
    throw new WayleaveError('FOLDER_UNUSABLE', `The folder ${root} cannot be used (${why}).`);
  }
  return home;
}

/** Level by level: Node's own `recursive` never ends below a folder like /proc, where nothing can be made. */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

/** Reads a JSON file, or writes what `make` returns (mode 0600) when there is none yet. */
export function readOrCreate<T>(file: string, make: () => T): T {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
  const made = make();
  writeSecret(file, JSON.stringify(made, null, 2));
  return made;
}

/** Writes a file that only this user may read. */
export function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}

/** What Prometheus shows at every process of this installation. The file is its `credentials_file`. */
export const openMetricsToken = (home: Pick<Home, 'root'>): string => openToken(home, 'metrics.token');
/** What `wayleave jobs board` shows to the agents' process, whose queue it wants to see. */
export const openBoardToken = (home: Pick<Home, 'root'>): string => openToken(home, 'board.token');

/** Made once. */
function openToken({ root }: Pick<Home, 'root'>, name: string): string {
  const file = path.join(root, name);
  if (!existsSync(file)) writeSecret(file, randomPassword());
  return readFileSync(file, 'utf8').trim();
}

/** A password that nobody needs to remember: 120 random bits in 20 characters. */
export const randomPassword = (): string => randomBytes(15).toString('base64url');
