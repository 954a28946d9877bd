/** A broker behind which there is nobody else. */
import { WayleaveError } from '../errors.ts';
import type { UpstreamTools } from './federation.ts';

export const NO_UPSTREAM: UpstreamTools = {
  offered: () => [],
  whyWithheld: () => undefined,
  call: () => Promise.reject(new WayleaveError('NOT_FOUND')),
};
