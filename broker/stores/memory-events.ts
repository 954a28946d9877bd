/** Received events in memory, for simulation and replay. */
import { type Events, KEPT_EVENTS, type StoredEvent, streamOf } from '../telemetry/received-event.ts';

export function createMemoryEvents(keep: number = KEPT_EVENTS): Events {
  const streams = new Map<string, { last: number; events: StoredEvent[] }>();
  const find = (tenant: string, stream: string) => {
    const key = JSON.stringify([tenant, stream]);
    const found = streams.get(key) ?? { last: 0, events: [] };
    streams.set(key, found);
    return found;
  };
  return {
    async append(events) {
      for (const event of events) {
        const stream = find(event.tenant, streamOf(event));
        stream.last += 1;
        stream.events.push({ ...event, seq: stream.last });
        if (stream.events.length > 2 * keep) stream.events = stream.events.slice(-keep);
      }
    },
    async after(tenant, stream, since, limit) {
      const { events } = find(tenant, stream);
      const first = events.findIndex(({ seq }) => seq > since);
      return first < 0 ? [] : events.slice(first, first + limit);
    },
  };
}
