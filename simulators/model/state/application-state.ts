/** What a device says about the applications of its site: how they do, and which transport they take. */
import type { ApplicationState } from '../../../protocols/device/state.ts';
import { scoreApplications } from '../traffic/application-score.ts';
import { type DeviceNode, powered, type World } from '../world.ts';

export const readApplications = (world: World, node: DeviceNode): readonly ApplicationState[] =>
  powered(world, node) ? scoreApplications(world, node) : [];
