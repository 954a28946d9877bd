/** A process that holds ports of simulated devices for another one; it ends with it. */
import './harden.ts';

const { serveDoors } = await import('../../simulators/doors/serve-doors.ts');
process.once('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the supervisor decides the order
serveDoors(process);
