/** Server-sent events from an answer that needed a proof, which the browser's own reader cannot give (HTML §9.2.6). */

export interface ServerEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** One event is at most so long; a longer one is not from our servers. */
const MAX_EVENT = 8 * 1024 * 1024;

export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  let rest = '';
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const events = (rest + chunk.value).split('\n\n');
      rest = events.pop() ?? '';
      if (rest.length > MAX_EVENT) return;
      for (const event of events) yield parse(event);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parse(text: string): ServerEvent {
  const lines = text.split('\n').map((line) => {
    const at = line.indexOf(':');
    return { name: line.slice(0, at), value: line.slice(at + 1).replace(/^ /, '') };
  });
  const field = (wanted: string): string =>
    lines
      .filter(({ name }) => name === wanted)
      .map(({ value }) => value)
      .join('\n');
  return { event: field('event'), id: field('id'), data: field('data') };
}
