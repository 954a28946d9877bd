/** A session of its own that hears the notifications of a device (RFC 5277), from where an earlier one was lost when the device keeps them. */
import {
  createSubscription,
  NOTIFICATION_CAPABILITY,
  type Notification,
  readStreams,
  STREAMS_FILTER,
} from '../../../protocols/netconf/notification.ts';
import { parseXml } from '../../../protocols/netconf/xml.ts';
import { DriverError, type NotificationSession } from '../driver.ts';
import type { NetconfDeadlines } from './deadlines.ts';
import { demandData, demandOk } from './replies.ts';
import { get } from './rpcs.ts';
import type { NetconfSession } from './session.ts';

/** The stream that every server with notifications has (RFC 5277 §3.2.3). */
const STREAM = 'NETCONF';

/** Takes over the session: it is closed when this rejects, UNSUPPORTED when the device sends no notifications. */
export async function subscribe(
  session: NetconfSession,
  deadlines: NetconfDeadlines,
  since: number | undefined,
  onNotice: (notice: Notification) => void,
): Promise<NotificationSession> {
  try {
    if (!session.capabilities.includes(NOTIFICATION_CAPABILITY))
      throw new DriverError('UNSUPPORTED', 'the device sends no notifications');
    const replays = since !== undefined && (await offersReplay(session, deadlines));
    session.listen(onNotice);
    demandOk(await session.rpc(createSubscription(replays ? since : undefined), deadlines.readMs));
    const ended = new Promise<void>((resolve) => session.onClosed(resolve));
    return { replays, ended, close: () => session.destroy() };
  } catch (error) {
    session.destroy();
    throw error;
  }
}

/** A server that does not list its streams is asked for no replay: some take the request and send nothing at all. */
async function offersReplay(session: NetconfSession, deadlines: NetconfDeadlines): Promise<boolean> {
  try {
    const data = demandData(await session.rpc(get(STREAMS_FILTER), deadlines.readMs));
    const streams = readStreams(parseXml(`<data>${data}</data>`).children);
    return streams.some(({ name, replay }) => name === STREAM && replay);
  } catch (error) {
    if (error instanceof DriverError && error.code === 'RPC_ERROR') return false;
    throw error;
  }
}
