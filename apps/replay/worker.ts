/** A process that plays cases: each message is one, and the answer to it is how it went. */
import { WayleaveError } from '../../broker/errors.ts';
import { replayCase } from '../../scenarios/replay/case.ts';
import { openPlayer } from './play-scored.ts';
import type { FromWorker } from './pool.ts';

// Without a listener, this signal would open a debugger.
process.on('SIGUSR1', () => undefined);
// Who started it says when it ends.
process.on('SIGINT', () => undefined);

const send = (message: FromWorker): void => void process.send?.(message);

const player = await openPlayer();
process.on('message', (message: unknown) => {
  player.play(replayCase.parse(message)).then(
    (scored) => send({ scored }),
    (error: unknown) => {
      const known = error instanceof WayleaveError;
      send({
        failure: {
          code: known ? error.code : 'INTERNAL',
          message: error instanceof Error ? (known ? error.message : String(error.stack)) : 'unknown',
        },
      });
    },
  );
});
process.on('disconnect', () => void player.close().finally(() => process.exit(0)));
send({ ready: true });
