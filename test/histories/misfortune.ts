/** What goes wrong in a history, and when: brokers die and freeze at one of their requests, devices fall silent, others change them, people lose roles. */

import { renderXml } from '../../protocols/netconf/xml.ts';
import { editPort } from '../../tools/interface-edit.ts';
import type { Random } from '../broker/policy/differential/random.ts';
import type { DeviceSession } from './device.ts';
import { DEVICES, PORTS } from './lab.ts';
import type { Fate } from './process.ts';
import { APPROVERS, type World } from './world.ts';

/** Requests of a broker within which it can be struck: a change of two devices takes about a hundred and fifty. */
const REACH = 320;

/** `startAnother` brings up a broker after so many milliseconds. */
export function drawFates(world: World, random: Random, startAnother: (ms: number) => void): readonly Fate[] {
  const fates: Fate[] = [];
  if (random.chance(0.45))
    fates.push({
      at: 1 + random.below(REACH),
      befall: (process) => {
        if (world.well || process.dead()) return;
        process.kill();
        startAnother(random.chance(0.5) ? random.next() * 200 : random.next() * 60_000);
      },
    });
  if (random.chance(0.3))
    fates.push({
      at: 1 + random.below(REACH),
      befall: (process) => {
        if (world.well || process.dead()) return;
        world.happened.push({ at: world.timeline.now(), text: `${process.name} freezes` });
        process.freeze(random.chance(0.5) ? random.next() * 3_000 : random.next() * 150_000);
        // Somebody takes it for dead.
        if (random.chance(0.8)) startAnother(random.next() * 4_000);
      },
    });
  if (random.chance(0.1))
    fates.push({
      at: 1 + random.below(REACH),
      befall: () => {
        if (!world.well) startAnother(0);
      },
    });
  return fates;
}

/** Puts what befalls the world itself on the timeline, within `span` milliseconds. */
export function strikeWorld(world: World, span: number): void {
  const { timeline, random } = world;
  const strikes: Readonly<Record<string, () => void>> = {
    silence: () => {
      const device = world.devices.get(random.pick(DEVICES));
      if (device !== undefined) device.silentUntil = timeline.now() + random.next() * 90_000;
    },
    others: () => {
      const edit = renderXml(editPort(PORTS[0], 'description', `others ${random.below(1000)}`));
      world.devices.get(random.pick(DEVICES))?.changeByOthers(edit);
    },
    lock: () => {
      const device = world.devices.get(random.pick(DEVICES));
      const session: DeviceSession = { edits: [] };
      try {
        device?.lock(session);
      } catch {
        return; // somebody else has it
      }
      timeline.after(random.next() * 20_000, () => device?.end(session));
    },
    policy: () => {
      world.revision = `${world.revision}+`;
      world.policyChanges.push(timeline.now());
    },
    role: () => {
      const human = random.pick(APPROVERS);
      world.turnRoles(human, []);
      if (random.chance(0.5)) timeline.after(random.next() * 60_000, () => world.turnRoles(human, ['tenant-admin']));
    },
  };
  const count = random.below(5);
  for (let at = 0; at < count; at += 1) {
    const strike = strikes[random.pick(['silence', 'others', 'others', 'lock', 'policy', 'role', 'role'])];
    if (strike !== undefined) timeline.after(random.next() * span, strike);
  }
}
