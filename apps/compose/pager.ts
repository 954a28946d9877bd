/** Calls for a human at a device: as an entry of the audit log, which channels are told from, and in the broker's own log, which alerts hang on. */
import type { Logger } from 'pino';
import type { AuditLog, Clock, Pager } from '../../broker/ports.ts';

export interface PagerDeps {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export const createPager = ({ audit, clock, log }: PagerDeps): Pager => ({
  async page({ tenant, intent, ...page }) {
    log.error({ page: { tenant, intent, ...page } }, 'a human is needed at a device');
    await audit.append({ at: new Date(clock.now()).toISOString(), tenant, kind: 'human.paged', intent, content: page });
  },
});
