/** The diagnosis of an incident, from one's own conversations: the newest finding that names one of its resources as the cause. */
import { useEffect, useState } from 'react';
import type { Answers, ChatEvent, Incident } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { fill, request, useAnswer } from '../../api/use-answer.ts';

export type Finding = Extract<ChatEvent, { readonly type: 'finding' }>;

export interface Found {
  readonly thread: string;
  readonly finding: Finding;
}

/** Conversations that are looked through, the latest first. */
const LOOKED = 12;

export function useFinding({ resources }: Incident): Found | undefined {
  const session = useSession();
  const { data } = useAnswer('/threads');
  const [found, setFound] = useState<Found>();
  const wanted = resources.join('\n');
  useEffect(() => {
    let over = false;
    setFound(undefined);
    void (async () => {
      for (const { thread } of (data?.threads ?? []).slice(0, LOOKED)) {
        const shown: Answers['/threads/{id}'] = await (
          await request(session, fill('/threads/{id}', { id: thread }))
        ).json();
        const finding = findingFor(shown.events, wanted.split('\n'));
        if (over) return;
        if (finding === undefined) continue;
        setFound({ thread, finding });
        return;
      }
    })().catch(() => undefined); // without it the screen says that there is no diagnosis
    return () => {
      over = true;
    };
  }, [session, data, wanted]);
  return found;
}

/** A cause names the thing itself; an incident may name what it is part of. */
const findingFor = (events: readonly ChatEvent[], resources: readonly string[]): Finding | undefined =>
  events
    .toReversed()
    .filter((event) => event.type === 'finding')
    .find(({ rootCauses }) => rootCauses.some(({ resource }) => resources.includes(resource)));
