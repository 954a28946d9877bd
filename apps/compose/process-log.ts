/** The log of a process: one JSON object a line, in which no field that holds a secret is ever written, at any depth that is logged. */
import { type DestinationStream, type Logger, pino } from 'pino';

/** Names under which the broker, its drivers and its libraries keep secrets. */
const SECRETS = [
  ...(['token', 'password', 'authorization', 'cookie', 'proof', 'secret'] as const),
  ...(['authPassword', 'privPassword', 'community', 'privateKey', 'config'] as const),
] as const;
/** An endpoint inside of an operation inside of an error: nothing is logged deeper. */
const DEPTH = 4;

/** `mixin` adds to every line what is known of the moment: the ids of the trace in hand. */
export function createProcessLog(
  name: string,
  level: string,
  mixin: () => object = () => ({}),
  destination: DestinationStream = pino.destination(2),
): Logger {
  const paths = SECRETS.flatMap((name) =>
    Array.from({ length: DEPTH }, (_, depth) => [...Array.from({ length: depth }, () => '*'), name].join('.')),
  );
  return pino({ name, level, redact: paths, mixin }, destination);
}
