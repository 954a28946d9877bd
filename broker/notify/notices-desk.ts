/** What people do with notices: see what was delivered, try a channel, send again what failed. */
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock, Ids } from '../ports.ts';
import { type Channels, INSTALLATION } from './channels.ts';
import { rowsOf } from './collect-notices.ts';
import type { Outbox, OutboxRow } from './outbox.ts';

export interface NoticesDeskDeps {
  readonly notices: {
    readonly outbox: Outbox;
    readonly channels: Channels;
    readonly log: string;
    /** One pass over what is due. */
    readonly deliver: () => Promise<void>;
  };
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A delivery without what was sent. */
export type NoticeView = Omit<OutboxRow, 'body'>;

export interface ChannelView {
  readonly tenant: string;
  readonly name: string;
  /** Without path and query, which may be secret. */
  readonly origin: string;
  readonly events: readonly string[];
}

export interface NoticesView {
  readonly channels: readonly ChannelView[];
  /** The latest first. */
  readonly notices: readonly NoticeView[];
}

const OVERSEERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst', 'auditor'];
const SENDERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst'];
const LATEST = 200;

const withoutBody = ({ body: _, ...row }: OutboxRow): NoticeView => row;

/** Their own tenant, and for the provider what concerns the installation. Throws `DENIED`. */
function tenantsOf(subject: Subject, roles: readonly Role[]): readonly string[] {
  if (!subject.roles.some((role) => roles.includes(role)))
    throw new WayleaveError('DENIED', `This needs one of the roles ${roles.join(', ')}.`);
  return subject.roles.includes('provider-admin') ? [subject.tenant, INSTALLATION] : [subject.tenant];
}

export async function seeNotices({ notices }: NoticesDeskDeps, subject: Subject): Promise<NoticesView> {
  const tenants = tenantsOf(subject, OVERSEERS);
  return {
    channels: notices.channels.all
      .filter(({ tenant }) => tenants.includes(tenant))
      .map(({ tenant, name, url, types }) => ({ tenant, name, origin: new URL(url).origin, events: types })),
    notices: (await notices.outbox.list(tenants, LATEST)).map(withoutBody),
  };
}

/** Sends a test to one channel, now, and resolves with what became of it. Throws `DENIED`, `NOT_FOUND`. */
export async function testChannel(deps: NoticesDeskDeps, subject: Subject, name: string): Promise<NoticeView> {
  const { notices } = deps;
  const tenants = tenantsOf(subject, SENDERS);
  const channel = notices.channels.all.find((one) => one.name === name && tenants.includes(one.tenant));
  if (channel === undefined) throw new WayleaveError('NOT_FOUND', `There is no channel ${name} here.`);
  await record(deps, subject, 'notice.tested', { tenant: channel.tenant, channel: name });
  const id = deps.ids.id('evt');
  const at = new Date(deps.clock.now()).toISOString();
  const notice = { id, type: 'channel.test' as const, tenant: channel.tenant, at, subject: name, channels: [name] };
  await notices.outbox.add(rowsOf({ ...notice, data: { channel: name, human: subject.human } }, notices));
  await notices.deliver();
  const row = (await notices.outbox.find(tenants, id))[0];
  if (row === undefined) throw new WayleaveError('INTERNAL');
  return withoutBody(row);
}

/** Sends one notice, or all that were given up, again under the same id; resolves with how many deliveries. Throws `DENIED`, `NOT_FOUND`. */
export async function replayNotices(
  deps: NoticesDeskDeps,
  subject: Subject,
  which: { readonly notice: string } | 'failed',
): Promise<number> {
  const tenants = tenantsOf(subject, SENDERS);
  const what = which === 'failed' ? 'failed' : which.notice;
  await record(deps, subject, 'notice.replayed', { what });
  const count = await deps.notices.outbox.replay(tenants, which, deps.clock.now());
  if (count === 0 && which !== 'failed') throw new WayleaveError('NOT_FOUND', `There is no notice ${what} here.`);
  void deps.notices.deliver();
  return count;
}

async function record(
  deps: NoticesDeskDeps,
  { tenant, human, session }: Subject,
  kind: string,
  content: { readonly [name: string]: string },
): Promise<void> {
  await deps.audit.append({ at: new Date(deps.clock.now()).toISOString(), tenant, kind, human, session, content });
}
