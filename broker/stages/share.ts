/** Stage 2a, share: the reads and probes that a tenant has under way, so that one tenant leaves room for the others. */
import type { Domain, Effect } from '../contract.ts';
import type { Shed } from '../limits/shed.ts';
import type { Stage } from '../stage.ts';
import type { AuthenticatedCall } from './context.ts';

export interface ShareDeps {
  readonly shed: Pick<Shed, 'share'>;
  /** Of a tool of the broker; a name that is none is treated as a read. */
  readonly effectOf: (domain: Domain, tool: string) => Effect | 'unknown';
}

export const share =
  ({ shed, effectOf }: ShareDeps): Stage<AuthenticatedCall> =>
  (context, next) =>
    shed.share(context.subject.tenant, effectOf(context.domain, context.toolName), () => next(context));
