/** A deed about policies that needs a reason: one button, and what the broker said. */
import { act } from '../../api/act.ts';
import type { Deeds } from '../../api/schema.ts';
import { useSession } from '../../api/session-context.ts';
import { refresh } from '../../api/use-answer.ts';
import { ReasonedForm } from '../../parts/reasoned-form.tsx';
import { TEXT } from '../../text.ts';

type Route = keyof { readonly [Name in keyof Deeds as Name extends `/api/policy/${string}` ? Name : never]: true };

interface ReasonedDeedProps<Name extends Route> {
  readonly label: string;
  readonly hint: string;
  readonly obstacle: string | undefined;
  readonly route: Name;
  readonly params: { readonly [name: string]: string };
  readonly body: (reason: string) => Deeds[Name]['body'];
}

export function ReasonedDeed<Name extends Route>(props: ReasonedDeedProps<Name>) {
  const { label, hint, obstacle, route, params, body } = props;
  const session = useSession();
  const run = (reason: string): Promise<unknown> =>
    act(session, route, params, body(reason)).finally(() => refresh('/api/policy'));
  return (
    <ReasonedForm className="reasoned" actions={[{ label, run }]} {...{ hint, obstacle }} done={TEXT.policy.done} />
  );
}
