/**
 * The broker's end of the policy referee: asks the process, and turns its death, silence or nonsense into "no answer",
 * which the decision point reads as deny. Restarts it with backoff and activates the same bundle again. Never throws.
 */
import {
  type ActivePolicy,
  type PolicyBundle,
  type Question,
  type RefereeAnswer,
  RefereeReply,
  type RefereeRequest,
} from './messages.ts';

/** A running referee as the client sees it; `spawnReferee` makes a real one. */
export interface RefereeProcess {
  send(line: string): void;
  /** `onEnd` is called once, for whatever reason the process is gone or unusable. */
  listen(onLine: (line: string) => void, onEnd: (why: string) => void): void;
  /** Ends stdin; the process exits when it has answered. */
  finish(): void;
  kill(): void;
}

/** Injected timer: runs `action` once after `milliseconds` unless cancelled. */
export interface Timers {
  after(milliseconds: number, action: () => void): () => void;
}

export interface RefereeOptions {
  readonly spawn: () => RefereeProcess;
  readonly timers: Timers;
  /** A decision takes about 1 ms; one that takes this long will not come. Milliseconds, default 2,000. */
  readonly decideWithin?: number;
  /** Start of the process, loading of the wasm and parsing of all policies. Milliseconds, default 30,000. */
  readonly activateWithin?: number;
}

type Failure = { readonly ok: false; readonly errors: readonly string[] };
export type Activated = { readonly ok: true; readonly policies: readonly ActivePolicy[] } | Failure;
export type Decided = { readonly ok: true; readonly answers: readonly RefereeAnswer[] } | Failure;

export interface Referee {
  /** Makes the bundle the deciding one, or says why not. */
  activate(bundle: PolicyBundle): Promise<Activated>;
  /** One answer a question, in order. */
  decide(questions: readonly Question[]): Promise<Decided>;
  close(): Promise<void>;
}

const BACKOFF_FIRST = 100;
const BACKOFF_MOST = 30_000;
const failed = (why: string): Failure => ({ ok: false, errors: [why] });

export function startReferee(options: RefereeOptions): Referee {
  const { timers, decideWithin = 2_000, activateWithin = 30_000 } = options;
  let running: { readonly process: RefereeProcess; active: boolean } | undefined;
  let bundle: PolicyBundle | undefined;
  let failures = 0;
  let closed = false;
  let lastId = 0;
  let cancelRestart = (): void => undefined;
  let whenGone = (): void => undefined;
  const waiting = new Map<number, (reply: RefereeReply | string) => void>();

  function start(): NonNullable<typeof running> | undefined {
    try {
      const mine = { process: options.spawn(), active: false };
      running = mine;
      mine.process.listen(
        (line) => running === mine && receive(line),
        (why) => running === mine && lose(why),
      );
      return mine;
    } catch {
      lose('the policy referee could not be started');
      return undefined;
    }
  }

  /** Everything that waits is answered with the failure; the next process comes after 100 ms, 200 ms, … 30 s. */
  function lose(why: string): void {
    running?.process.kill();
    running = undefined;
    for (const resolve of waiting.values()) resolve(why);
    waiting.clear();
    whenGone();
    if (closed) return;
    cancelRestart();
    cancelRestart = timers.after(Math.min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** failures), () => {
      if (bundle !== undefined && running === undefined) void activateNow(bundle);
    });
    failures += 1;
  }

  function receive(line: string): void {
    const reply = parseReply(line);
    const resolve = reply && waiting.get(reply.id);
    if (reply === undefined || resolve === undefined) {
      lose('the policy referee answered what nobody asked');
      return;
    }
    waiting.delete(reply.id);
    resolve(reply);
  }

  function ask(process: RefereeProcess, request: RefereeRequest, within: number): Promise<RefereeReply | string> {
    return new Promise((resolve) => {
      // Late is dead: the wasm call blocks the process, so nothing behind it would be answered either.
      const cancel = timers.after(within, () => lose('the policy referee did not answer in time'));
      waiting.set(request.id, (reply) => {
        cancel();
        resolve(reply);
      });
      process.send(JSON.stringify(request));
    });
  }

  async function activateNow(next: PolicyBundle): Promise<Activated> {
    const mine = running ?? start();
    if (mine === undefined) return failed('the policy referee could not be started');
    lastId += 1;
    const reply = await ask(mine.process, { id: lastId, op: 'activate', bundle: next }, activateWithin);
    if (typeof reply === 'string') return failed(reply);
    if (reply.op === 'refused') return { ok: false, errors: reply.errors };
    if (reply.op !== 'activated') return failed('the policy referee gave the wrong kind of answer');
    bundle = next;
    mine.active = true;
    failures = 0;
    return { ok: true, policies: reply.policies };
  }

  return {
    activate: (next) => (closed ? Promise.resolve(failed('the policy referee is closed')) : activateNow(next)),
    async decide(questions) {
      if (running === undefined || !running.active) return failed('the policy referee is not running');
      lastId += 1;
      const reply = await ask(running.process, { id: lastId, op: 'decide', questions }, decideWithin);
      if (typeof reply === 'string') return failed(reply);
      if (reply.op !== 'decided' || reply.answers.length !== questions.length) {
        return failed('the policy referee gave the wrong kind of answer');
      }
      return { ok: true, answers: reply.answers };
    },
    async close() {
      closed = true;
      cancelRestart();
      if (running === undefined) return;
      const gone = new Promise<void>((resolve) => {
        whenGone = resolve;
      });
      running.process.finish();
      const cancel = timers.after(decideWithin, () => lose('the policy referee is closed'));
      await gone;
      cancel();
    },
  };
}

function parseReply(line: string): RefereeReply | undefined {
  try {
    return RefereeReply.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
