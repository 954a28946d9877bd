/** `npm run hostile [-- --intents N --seed S --json]`: random intents of a hostile agent with a valid token; exit code 20 when one got anything. */
import { parseArgs } from 'node:util';
import { closeLaboratories } from '../attacks/attack.ts';
import { openPolicies } from '../attacks/authorization.ts';
import { playHostile } from './play.ts';

const DIFFERENCE = 20;
const { values } = parseArgs({
  options: {
    intents: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(1 + (Math.floor(Date.now() / 86_400_000) % 1000)) },
    json: { type: 'boolean', default: false },
  },
});
const [intents, seed] = [Number(values.intents), Number(values.seed)];
const { decisionPoint } = await openPolicies();
const played = await playHostile(decisionPoint, intents, seed, (done) =>
  process.stderr.write(`${done} of ${intents}\n`),
);
await closeLaboratories();
if (values.json) console.log(JSON.stringify({ seed, ...played }));
else {
  const what = Object.entries(played.outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  console.log(`${intents} intents, seed ${seed}: ${what.join(', ')}`);
  for (const one of played.broken) console.log(`BROKEN ${one}`);
  console.log(`${played.unauthorisedWrites} unauthorised writes, ${played.crossTenantBytes} bytes of another tenant`);
}
process.exitCode = played.broken.length === 0 ? 0 : DIFFERENCE;
