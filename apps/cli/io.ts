/** What the command line gets from the process around it; tests give their own, and run commands in process. */

import type { Readable, Writable } from 'node:stream';
import type { Domain } from '../../broker/contract.ts';
import type { ChatClient } from '../client/chat-client.ts';
import type { ControlClient } from '../client/control-client.ts';
import type { IdentityClient } from '../client/identity-client.ts';
import type { McpClient } from '../client/mcp-client.ts';
import type { McpRelay } from '../client/mcp-relay.ts';
import type { ScheduleClient } from '../client/schedule-client.ts';
import type { UpstreamClient } from '../client/upstream-client.ts';
import type { WebhookClient } from '../client/webhook-client.ts';
import type { Config, Origin } from '../config.ts';
import type { DemoOptions } from '../demo/demo.ts';
import type { TourResult } from '../demo/step.ts';
import type { SplitOptions } from '../parts/split.ts';
import type { Simulation, SimulationOptions } from '../simulation.ts';
import type { Child } from '../supervise.ts';
import type { Logins, Running } from './connect.ts';
import type { Terminal } from './terminal.ts';

export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: { readonly [name: string]: string | undefined };
  /** Version of Node, `20.19.0`. */
  readonly nodeVersion: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Waits; rejects at once when `signal` or `interrupted` aborts. */
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Aborts at Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly fetch: typeof fetch;
  readonly doors: Doors;
}

/** The ways out of the command line: the installation of a folder, its people, and what starts one. */
export interface Doors {
  /** Throws `UNAVAILABLE` when nothing runs there. */
  running(home: string): Running;
  logins(home: string): Logins;
  /** A login of the simulated installation, for one command; `code` is for people with a second factor. */
  signIn(home: string, running: Running, user: string, code?: string): Promise<Person>;
  /** Logs in with a password and keeps the login for later commands. */
  logIn(home: string, running: Running, user: string, password: string, code?: string): Promise<Person>;
  /** Logs in through the person's browser, shown the address to open, and keeps the login. */
  logInByBrowser(home: string, running: Running, show: (url: string) => void, stop: AbortSignal): Promise<Person>;
  /** The login that is kept; undefined when there is none. */
  keptLogin(home: string, running: Running): Person | undefined;
  /** Forgets the login that is kept, on this side. */
  forgetLogin(home: string): void;
  /** All of it, or the part that the configuration names. */
  startInstallation(options: StartOptions): Promise<Started>;
  /** Writes the folders of a divided installation, and answers with them. */
  split(config: Config, options: SplitOptions): Promise<readonly string[]>;
  /** Throws `CONFIG_INVALID` where the queue is of one process alone. */
  startWorker(config: Config, running: () => Running, concurrency: number, port: number): Promise<Child>;
  startSimulation(options: SimulationOptions): Promise<Simulation>;
  /** The testers' door of what runs there; throws `UNAVAILABLE` when nothing does. */
  simulators(home: string): NonNullable<Running['simulators']>;
  runDemo(options: DemoOptions): Promise<TourResult>;
}

/** A logged-in person and everything that they can reach. */
export interface Person {
  readonly user: string;
  readonly control: ControlClient;
  readonly identity: IdentityClient;
  readonly upstream: UpstreamClient;
  readonly schedules: ScheduleClient;
  readonly webhooks: WebhookClient;
  readonly chat: ChatClient;
  tools(domain: Domain): Promise<McpClient>;
  /** The same server for an MCP client of the person's own, message by message. */
  relay(domain: Domain): Promise<McpRelay>;
  /** Ends the login; one that is kept goes on. */
  leave(): Promise<void>;
  /** Ends the login, kept or not. */
  end(): Promise<void>;
}

export interface StartOptions {
  readonly config: Config;
  readonly progress: (line: string) => void;
  /** A child ended that nobody stopped. */
  readonly onCrash: (name: string, detail: string, lastLines: readonly string[]) => void;
}

export interface Started {
  readonly running: Running;
  readonly logins: Logins;
  stop(): Promise<void>;
}

/** What a command works with: the process, and what the global options made of it. */
export interface Cli extends Io {
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly config: Config;
  readonly origins: readonly Origin[];
  /** Writes one JSON value as a line to stdout. */
  emit(value: unknown): void;
  running(): Running;
  /** Logs the person in; without a name it is the login that is kept, or a `USAGE` error that lists the seeded ones. */
  person(user: string | undefined): Promise<Person>;
}
