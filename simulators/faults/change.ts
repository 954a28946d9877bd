/** What people change, rightly or not: pushes, local edits, intruders, upgrades, windows and tickets. */

import type { DeviceConfig } from '../../protocols/device/config.ts';
import { nodeName } from '../../protocols/device/names.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { DeviceRef } from '../model/network.ts';
import { deviceOf, isRouter, slip, undoAll } from './edit.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** An address that nobody knows (RFC 5737). */
const STRANGER = '198.51.100.77';
/** Failures before the password was found, and seconds between them. */
const GUESSES = 6;
const GUESS_SECONDS = 5;

const onDevice = (place: FaultPlace): boolean => place.device !== undefined;

/** Adds an account; undoing takes exactly this one out again. */
const addAccount = (ground: FaultGround, ref: DeviceRef, name: string, user: string): (() => void) =>
  slip(
    ground,
    ref,
    (running) => ({
      ...running,
      accounts: [...running.accounts.filter((one) => one.name !== name), { name, role: 'admin' }],
    }),
    (running) =>
      running.accounts.some((one) => one.name === name)
        ? { ...running, accounts: running.accounts.filter((one) => one.name !== name) }
        : undefined,
    user,
  );

/** Another description of the first port: a change that moves nothing. */
function describe(ground: FaultGround, ref: DeviceRef, text: string, user: string): () => void {
  const port = ground.config(ref).interfaces[0];
  const set =
    (description: string | undefined) =>
    (running: DeviceConfig): DeviceConfig => ({
      ...running,
      interfaces: running.interfaces.map((one) => {
        if (one.name !== port?.name) return one;
        const { description: _, ...rest } = one;
        return description === undefined ? rest : { ...rest, description };
      }),
    });
  return slip(
    ground,
    ref,
    set(text),
    (running) =>
      running.interfaces.some((one) => one.name === port?.name && one.description === text)
        ? set(port?.description)(running)
        : undefined,
    user,
  );
}

export const changeFaults: readonly FaultType[] = [
  {
    type: 'config_push_failed',
    kinds: ['node'],
    mechanism: 'A push stopped in the middle of the QoS section: the classes are there, their bandwidths are not.',
    fits: (place, ground) => onDevice(place) && ground.config(deviceOf(place)).qos.length > 0,
    apply(ground, place) {
      const ref = deviceOf(place);
      const good = ground.config(ref).qos;
      const half = good.map((policy) => ({
        ...policy,
        classes: policy.classes.map((one) =>
          one.class === 'control' || one.class === 'best-effort' ? one : { ...one, bandwidthPct: 0, priority: false },
        ),
      }));
      const undo = slip(
        ground,
        ref,
        (running) => ({ ...running, qos: half }),
        (running) => (JSON.stringify(running.qos) === JSON.stringify(half) ? { ...running, qos: good } : undefined),
        'director',
      );
      const release = ground.impose({ kind: 'push-failed', ...ref });
      ground.announce(ref, {
        name: 'trap.pseudo_commit',
        resource: nodeName(ref.device),
        severity: 'major',
        detail: 'push of the template failed in section qos',
      });
      return undoAll(undo, release);
    },
  },
  {
    type: 'out_of_band_change',
    kinds: ['node'],
    mechanism: 'Somebody with legitimate access changed the device locally, past the director.',
    fits: onDevice,
    apply(ground, place) {
      const ref = deviceOf(place);
      const source = ground.topology.hosts.find((one) => one.tenant === place.tenant && one.kind === 'poller')?.address;
      const known = ground.impose({
        kind: 'known-source',
        tenant: place.tenant,
        record: { name: source ?? 'console', role: 'management', summary: 'management network' },
      });
      ground.login(ref, 'netops', source ?? 'console', 'ok');
      return undoAll(known, describe(ground, ref, 'changed by hand on site', 'netops'));
    },
  },
  {
    type: 'unauthorised_change',
    kinds: ['node'],
    mechanism: 'After several failed logins from an unknown address one succeeds, and a new account is committed.',
    fits: onDevice,
    apply(ground, place) {
      const ref = deviceOf(place);
      for (let guess = 0; guess < GUESSES - 1; guess += 1) ground.login(ref, 'netops', STRANGER, 'failed');
      let undo = (): void => undefined;
      const cancel = ground.schedule(ground.now() + GUESSES * GUESS_SECONDS * 1_000, () => {
        ground.login(ref, 'netops', STRANGER, 'ok');
        undo = addAccount(ground, ref, 'svc-backup', 'netops');
      });
      return () => {
        cancel();
        undo();
      };
    },
  },
  {
    type: 'planned_change',
    kinds: ['node'],
    mechanism: 'An approved change with ticket, author and window is applied, and the director knows of it.',
    condition: true,
    fits: onDevice,
    apply(ground, place) {
      const ref = deviceOf(place);
      const now = ground.now();
      const id = `CHG-${Math.floor(10_000 + 90_000 * ground.fraction('ticket', ref.device))}`;
      const ticket = ground.impose({
        kind: 'ticket',
        tenant: place.tenant,
        record: {
          id,
          device: ref.device,
          implementer: 'netops',
          from: now - 30 * MINUTE_MS,
          until: now + 2 * HOUR_MS,
          summary: 'new description of the first port',
        },
      });
      const text = `relabelled (${id})`;
      const undo = describe(ground, ref, text, 'netops');
      const before = ground.config(ref);
      ground.intend(ref, (intended) => ({
        ...intended,
        interfaces: intended.interfaces.map((one) =>
          one.name === before.interfaces[0]?.name ? { ...one, description: text } : one,
        ),
      }));
      return undoAll(ticket, undo);
    },
  },
  {
    type: 'planned_maintenance',
    kinds: ['node'],
    mechanism: 'An approved window covers the device, which is switched off for a while.',
    condition: true,
    fits: onDevice,
    apply(ground, place) {
      const ref = deviceOf(place);
      const now = ground.now();
      const window = ground.impose({
        kind: 'window',
        tenant: place.tenant,
        record: {
          id: `MNT-${Math.floor(10_000 + 90_000 * ground.fraction('window', ref.device))}`,
          resource: nodeName(ref.device),
          from: now - 15 * MINUTE_MS,
          until: now + 2 * HOUR_MS,
          summary: 'power supply is replaced',
        },
      });
      const power = ground.impose({ kind: 'no-power', ...ref });
      const back = ground.schedule(now + HOUR_MS, power);
      return undoAll(window, power, back);
    },
  },
  {
    type: 'upgrade_failed',
    kinds: ['node'],
    mechanism: 'After a planned upgrade the device restarted and did not come back within its window.',
    fits: isRouter,
    apply(ground, place) {
      const ref = deviceOf(place);
      const now = ground.now();
      const window = ground.impose({
        kind: 'window',
        tenant: place.tenant,
        record: {
          id: `UPG-${Math.floor(10_000 + 90_000 * ground.fraction('upgrade', ref.device))}`,
          resource: nodeName(ref.device),
          from: now - HOUR_MS,
          until: now + 10 * MINUTE_MS,
          summary: 'software upgrade to 20.13.1',
        },
      });
      ground.announce(ref, {
        name: 'trap.system_commit',
        resource: nodeName(ref.device),
        severity: 'info',
        detail: 'software 20.13.1 activated by netops, restarting',
      });
      return undoAll(window, ground.impose({ kind: 'no-power', ...ref }));
    },
  },
];
