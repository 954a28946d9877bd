/** Whoever is asked: approves most of what waits, rejects some, clicks twice, and tries to approve what is not his to approve. */
import type { Incarnation } from './incarnation.ts';
import { subjectOf } from './incarnation.ts';
import type { World } from './world.ts';

export async function decide(world: World, human: string, serving: () => readonly Incarnation[]): Promise<void> {
  const { timeline, random } = world;
  while (!world.well) {
    await timeline.sleep(random.next() * 20_000);
    const brokers = serving();
    if (brokers.length === 0) continue;
    const { desk, process } = random.pick(brokers);
    const waiting = await Promise.race([
      Promise.resolve()
        .then(() => desk.approvals(subjectOf(world, human), 'pending'))
        .catch(() => []),
      process.gone.catch(() => []),
    ]);
    for (const { id } of waiting) {
      const verdict = random.chance(0.04) ? 'reject' : 'approve';
      const clicks = Array.from({ length: random.chance(0.15) ? 2 : 1 }, async () => {
        const { desk: where, process: whose } = random.pick(brokers);
        await Promise.race([where.vote(subjectOf(world, human), id, verdict, 'seen'), whose.gone]).catch(
          () => undefined,
        );
      });
      await Promise.all(clicks);
    }
  }
}
