/** The client against a scripted process: whatever the referee does, the answer is never a permit it did not give. */
import { describe, expect, it } from 'vitest';
import { type RefereeProcess, startReferee, type Timers } from '../../../broker/policy/referee/client.ts';
import type { PolicyBundle, Question } from '../../../broker/policy/referee/messages.ts';

const bundle: PolicyBundle = { policies: [{ name: 'a.cedar', text: 'a' }], schema: {} };
const id = { type: 'Human', id: 'x' };
const question: Question = { principal: id, action: id, resource: id, context: {}, entities: [] };

/** Records what was sent; the test answers by hand. */
function scriptedProcess() {
  const sent: { readonly id: number; readonly op: string }[] = [];
  let line: (text: string) => void = () => undefined;
  let end: (why: string) => void = () => undefined;
  let killed = false;
  const process: RefereeProcess = {
    send: (text) => void sent.push(JSON.parse(text)),
    listen: (onLine, onEnd) => {
      line = onLine;
      end = onEnd;
    },
    finish: () => end('ended'),
    kill: () => {
      killed = true;
    },
  };
  return {
    process,
    sent,
    say: (reply: object) => line(JSON.stringify(reply)),
    babble: (text: string) => line(text),
    die: () => end('the policy referee ended'),
    killed: () => killed,
    last: () => sent.at(-1)?.id ?? 0,
  };
}

/** Timers that fire when the test says so. */
function manualTimers() {
  const set = new Map<number, { readonly milliseconds: number; readonly action: () => void }>();
  let next = 0;
  const timers: Timers = {
    after(milliseconds, action) {
      const key = next;
      next += 1;
      set.set(key, { milliseconds, action });
      return () => void set.delete(key);
    },
  };
  const fire = (milliseconds: number): void => {
    const found = [...set].find(([, timer]) => timer.milliseconds === milliseconds);
    if (found === undefined) throw new Error(`no timer of ${milliseconds} ms, but ${delays().join(', ')}`);
    set.delete(found[0]);
    found[1].action();
  };
  const delays = () => [...set.values()].map((timer) => timer.milliseconds);
  return { timers, fire, delays };
}

async function activated() {
  const processes: ReturnType<typeof scriptedProcess>[] = [];
  const clock = manualTimers();
  const referee = startReferee({
    timers: clock.timers,
    spawn: () => {
      const made = scriptedProcess();
      processes.push(made);
      return made.process;
    },
  });
  const activation = referee.activate(bundle);
  const first = at(processes, 0);
  first.say({ id: first.last(), op: 'activated', policies: [] });
  expect(await activation).toMatchObject({ ok: true });
  return { referee, processes, first, ...clock };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`there is no item ${index}`);
  return item;
}

const permit = (id: number) => ({
  id,
  op: 'decided',
  answers: [{ decision: 'permit', policies: ['a'], errors: [], erring: [] }],
});

describe('the referee client', () => {
  it('matches answers to questions by id', async () => {
    const { referee, first } = await activated();
    const one = referee.decide([question]);
    const two = referee.decide([question]);
    const [, a, b] = first.sent;
    first.say({ ...permit(b?.id ?? 0), answers: [{ decision: 'deny', policies: [], errors: [], erring: [] }] });
    first.say(permit(a?.id ?? 0));
    expect(await one).toMatchObject({ answers: [{ decision: 'permit' }] });
    expect(await two).toMatchObject({ answers: [{ decision: 'deny' }] });
  });

  it('has no answer while it is not running', async () => {
    const referee = startReferee({ spawn: () => scriptedProcess().process, timers: manualTimers().timers });
    expect(await referee.decide([question])).toMatchObject({ ok: false });
  });

  it('kills a late referee, and the late permit counts for nothing', async () => {
    const { referee, first, fire } = await activated();
    const late = referee.decide([question]);
    fire(2_000);
    first.say(permit(first.last()));
    expect(await late).toEqual({ ok: false, errors: ['the policy referee did not answer in time'] });
    expect(first.killed()).toBe(true);
  });

  it('restarts a dead one with growing delays and decides only after it has activated again', async () => {
    const { referee, processes, first, fire, delays } = await activated();
    const lost = referee.decide([question]);
    first.die();
    expect(await lost).toEqual({ ok: false, errors: ['the policy referee ended'] });
    fire(100);
    at(processes, 1).die();
    expect(delays()).toEqual([200]);
    fire(200);
    const third = at(processes, 2);
    expect(third.sent).toMatchObject([{ op: 'activate' }]);
    expect(await referee.decide([question])).toMatchObject({ ok: false });
    third.say({ id: third.last(), op: 'activated', policies: [] });
    await Promise.resolve();
    await Promise.resolve();
    const again = referee.decide([question]);
    third.say(permit(third.last()));
    expect(await again).toMatchObject({ ok: true });
  });

  it.each([
    ['text that is no JSON', 'permit!'],
    ['another shape', '{"id":2,"op":"decided","answers":[{"decision":"allow"}]}'],
    ['an id that nobody asked for', '{"id":99,"op":"decided","answers":[]}'],
  ])('gives up a referee that answers with %s', async (_, text) => {
    const { referee, first } = await activated();
    const asked = referee.decide([question]);
    first.babble(text);
    expect(await asked).toMatchObject({ ok: false });
    expect(first.killed()).toBe(true);
  });

  it('takes no answer with fewer decisions than questions', async () => {
    const { referee, first } = await activated();
    const asked = referee.decide([question, question]);
    first.say(permit(first.last()));
    expect(await asked).toMatchObject({ ok: false });
  });

  it('closes for good', async () => {
    const { referee, delays } = await activated();
    await referee.close();
    expect(delays()).toEqual([]);
    expect(await referee.decide([question])).toMatchObject({ ok: false });
    expect(await referee.activate(bundle)).toMatchObject({ ok: false });
  });
});
