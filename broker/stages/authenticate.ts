/** Stage 2, authenticate: establishes the subject from the credential, or nobody. */
import type { Credential, Subject } from '../contract.ts';
import type { Stage } from '../stage.ts';
import type { AuthenticatedCall, ReceivedCall } from './context.ts';

/** Verifies a credential for one audience; throws `UNAUTHENTICATED` with the same words for every cause. */
export type Authenticate = (credential: Credential, audience: string) => Promise<Subject>;

export const audienceOf = (domain: string): string => `urn:wayleave:mcp:${domain}`;

export const authenticate =
  (verify: Authenticate): Stage<ReceivedCall, AuthenticatedCall> =>
  async (context, next) => {
    context.trail.facts['tool'] = printable(context.toolName);
    const subject = await verify(context.credential, audienceOf(context.domain));
    context.trail.human = subject.human;
    context.trail.tenant = subject.tenant;
    context.trail.session = subject.session;
    if (subject.agent !== undefined) context.trail.agent = subject.agent;
    return next({ ...context, subject });
  };

/** Names come from the caller before anything is checked: keep the log readable. */
function printable(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?');
}
