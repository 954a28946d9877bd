/** Typed calls of `/api/schedules` for a logged-in person: the scheduled work of a tenant and its runs. */
import { z } from 'zod';
import type { Schedule, WantedSchedule } from '../../broker/identity/schedules.ts';
import type { DeadRun, QueueView, ShownSchedule } from '../../broker/schedules/desk.ts';
import type { ScheduleRun } from '../../broker/schedules/runs.ts';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { postJson } from './post-json.ts';
import { hasKeys, readAnswer } from './read-answer.ts';
import type { ClientSession } from './session.ts';

/** All throw `WayleaveError` with the broker's code. */
export interface ScheduleClient {
  list(): Promise<readonly ShownSchedule[]>;
  add(wanted: WantedSchedule): Promise<Schedule>;
  runs(id: string): Promise<readonly ScheduleRun[]>;
  pause(id: string): Promise<Schedule>;
  resume(id: string): Promise<Schedule>;
  runNow(id: string): Promise<string>;
  end(id: string): Promise<void>;
  dead(): Promise<readonly DeadRun[]>;
  /** The id of the run in its place. */
  retry(id: string, run: string): Promise<string>;
  queue(): Promise<QueueView>;
}

const schedule = z.custom<Schedule>((value) => hasKeys(value, 'id', 'when', 'agent', 'owner'));
const shown = z.custom<ShownSchedule>((value) => hasKeys(value, 'id', 'when', 'agent', 'owner'));
const scheduleRun = z.custom<ScheduleRun>((value) => hasKeys(value, 'id', 'startedAt', 'said'));
const queueView = z.custom<QueueView>((value) => hasKeys(value, 'own', 'workers'));
const deadRun = z.custom<DeadRun>((value) => hasKeys(value, 'id', 'schedule', 'outcome', 'said'));

export function createScheduleClient(session: ClientSession): ScheduleClient {
  const request = session.fetch(CONTROL_AUDIENCE);
  const root = `${session.issuer}/api/schedules`;
  const post = (path: string, body: object): Promise<Response> => request(`${root}${path}`, postJson(body));
  const way = (id: string): string => `/${encodeURIComponent(id)}`;
  return {
    list: async () => (await readAnswer(await request(root), z.object({ schedules: z.array(shown) }))).schedules,
    add: async (wanted) => readAnswer(await post('', wanted), schedule),
    runs: async (id) =>
      (await readAnswer(await request(`${root}${way(id)}/runs`), z.object({ runs: z.array(scheduleRun) }))).runs,
    pause: async (id) => readAnswer(await post(`${way(id)}/pause`, {}), schedule),
    resume: async (id) => readAnswer(await post(`${way(id)}/resume`, {}), schedule),
    runNow: async (id) => (await readAnswer(await post(`${way(id)}/run`, {}), z.object({ run: z.string() }))).run,
    end: async (id) => void (await readAnswer(await post(`${way(id)}/end`, {}), z.object({ ended: z.string() }))),
    dead: async () => (await readAnswer(await request(`${root}/dead`), z.object({ runs: z.array(deadRun) }))).runs,
    queue: async () => readAnswer(await request(`${root}/queue`), queueView),
    retry: async (id, run) =>
      (await readAnswer(await post(`${way(id)}/retry`, { run }), z.object({ run: z.string() }))).run,
  };
}
