/**
 * One change of several devices: a canary, then waves, each device held unconfirmed until the last one holds; then all are confirmed, or none.
 *
 * A held device takes its change back by itself when the broker dies. Its timeout covers the waves that are left and is
 * renewed before each of them under the same persist-id (RFC 6241 §8.4.1), so that no device waits longer than it must.
 */
import type { Outcome } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { reconcile } from './reconcile.ts';
import { sumOutcomes } from './sum-outcomes.ts';
import {
  type HeldChange,
  holdChange,
  type TransactionDeps,
  type TransactionPlan,
  type TransactionResult,
} from './transaction.ts';

export interface WavesPlan {
  /** One a device, the canary first; their confirm timeouts are set here. */
  readonly devices: readonly Omit<TransactionPlan, 'confirmSeconds'>[];
  /** Devices of a wave at most; the canary is a wave of its own. */
  readonly waveSize: number;
  /** Longest time that a wave may take, seconds. */
  readonly waveSeconds: number;
  /** Kept for confirming all, seconds. */
  readonly marginSeconds: number;
  /** Share of a wave that may fail without the change being given up: 0 is all or none, 0.2 the most. */
  readonly toleratedShare: number;
}

export interface WavesResult {
  readonly outcome: Outcome;
  readonly detail: string;
  /** What each device came to; one that no wave reached is missing, and was not touched. */
  readonly devices: ReadonlyMap<string, TransactionResult>;
}

/** More failures than one in five say that the change is wrong, and not the devices. */
const MOST_TOLERATED = 0.2;

/**
 * Runs the waves to the end. Rejects with `INPUT_INVALID` for a plan that makes no sense, before anything is sent, and with
 * defects of the broker itself: transactions are open then, and recovery resolves them one by one.
 */
export async function runWaves(deps: TransactionDeps, plan: WavesPlan): Promise<WavesResult> {
  demandSound(plan);
  const waves = cutWaves(plan);
  const ended = new Map<string, TransactionResult>();
  const held = new Map<string, HeldChange>();

  const end = (device: string, result: TransactionResult): void => {
    held.delete(device);
    ended.set(device, result);
  };
  const eachHeld = (work: (change: HeldChange) => Promise<TransactionResult | undefined>): Promise<unknown> =>
    Promise.all(
      [...held.values()].map(async (change) => {
        const result = await work(change);
        if (result !== undefined) end(change.record.device, result);
      }),
    );
  const giveUp = async (reason: string): Promise<WavesResult> => {
    await eachHeld((change) => change.takeBack(reason));
    await restoreConfirmed();
    return summarize(reason);
  };

  for (const [index, wave] of waves.entries()) {
    const confirmSeconds = (waves.length - index) * plan.waveSeconds + plan.marginSeconds;
    const before = held.size;
    await eachHeld((change) => change.renew(confirmSeconds));
    if (held.size < before) return giveUp('a device that held the change lost it');
    let failed = 0;
    const begun = await Promise.allSettled(
      wave.map(async (one) => {
        const result = await holdChange(deps, { ...one, confirmSeconds });
        if (result.kind === 'held') held.set(one.record.device, result);
        else {
          ended.set(one.record.device, result.result);
          failed += 1;
        }
      }),
    );
    const defect = begun.find(({ status }) => status === 'rejected');
    if (defect?.status === 'rejected') {
      await giveUp('the broker itself failed');
      throw defect.reason;
    }
    const name = index === 0 ? 'the canary' : `wave ${index}`;
    if (failed / wave.length > plan.toleratedShare)
      return giveUp(`${failed} of ${wave.length} devices of ${name} failed`);
    if ([...ended.values()].some(({ outcome }) => outcome === 'unknown'))
      return giveUp(`a device of ${name} is in an unknown state`);
  }

  await eachHeld((change) => change.confirm());
  const left = plan.devices.length - count('succeeded');
  if (left / plan.devices.length > plan.toleratedShare) return giveUp(`${left} devices were not confirmed`);
  return summarize('');

  /** Some were confirmed before another one could not be: their inverse edits are all that is left. */
  async function restoreConfirmed(): Promise<void> {
    await Promise.all(
      plan.devices.map(async ({ record }) => {
        const result = ended.get(record.device);
        if (result?.outcome !== 'succeeded') return;
        const found = await reconcile(deps, record, { committed: true, verified: false });
        const at = new Date(deps.clock.now()).toISOString();
        const step = {
          device: record.device,
          step: 'rollback',
          ok: found.outcome !== 'unknown',
          detail: found.detail,
          at,
        } as const;
        await deps.journal.recordStep(record, step);
        deps.announce(record.intent, record.tenant, step);
        const { running, ...rest } = found;
        ended.set(record.device, {
          ...rest,
          steps: [...result.steps, step],
          ...(running === undefined ? {} : { after: running }),
        });
      }),
    );
  }

  function count(outcome: Outcome): number {
    return [...ended.values()].filter((one) => one.outcome === outcome).length;
  }

  function summarize(reason: string): WavesResult {
    const of = `of ${plan.devices.length} devices`;
    const why = reason === '' ? '' : `${reason}; `;
    const outcome = sumOutcomes([...ended.values()].map((one) => one.outcome));
    const detail =
      outcome === 'unknown'
        ? `${why}the state of ${count('unknown')} ${of} is unknown`
        : outcome === 'succeeded'
          ? `confirmed on ${count('succeeded')} ${of}`
          : `${why}no device holds the change`;
    return { outcome, detail, devices: ended };
  }
}

function demandSound({ devices, waveSize, waveSeconds, marginSeconds, toleratedShare }: WavesPlan): void {
  const names = devices.map(({ record }) => JSON.stringify([record.tenant, record.device]));
  const wrong =
    devices.length === 0
      ? 'no device is named'
      : new Set(names).size < names.length
        ? 'a device is named twice'
        : !(Number.isInteger(waveSize) && waveSize > 0)
          ? 'a wave has at least one device'
          : !(waveSeconds > 0 && marginSeconds > 0)
            ? 'waves and margin take time'
            : !(toleratedShare >= 0 && toleratedShare <= MOST_TOLERATED)
              ? `the tolerated share is between 0 and ${MOST_TOLERATED}`
              : undefined;
  if (wrong !== undefined) throw new WayleaveError('INPUT_INVALID', `The waves make no sense: ${wrong}.`);
}

function cutWaves({ devices, waveSize }: WavesPlan): readonly WavesPlan['devices'][] {
  const rest = devices.slice(1);
  const waves = Array.from({ length: Math.ceil(rest.length / waveSize) }, (_, index) =>
    rest.slice(index * waveSize, (index + 1) * waveSize),
  );
  return [devices.slice(0, 1), ...waves];
}
