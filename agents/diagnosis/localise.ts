/** Says on which resource a fault sits: the port, circuit, provider, session, host or device that the symptoms name. */
import type { FaultType } from './codebook.ts';
import type { Feature } from './feature.ts';
import type { Scope } from './scope.ts';
import { readTunnelEnds } from './tunnel-features.ts';

/** Circuits whose port is named by the feature, or whose colour is lost in the overlay when no port was read. */
function findCircuits(scope: Scope, features: ReadonlyMap<string, Feature>, port: string): Scope['circuits'] {
  const down = features.get(port);
  if (down && down.value !== 'up') {
    return scope.circuits.filter((circuit) =>
      down.resources.includes(`interface/${scope.suspect}/${circuit.interface}`),
    );
  }
  const lost = features.get('bfd.state@suspect');
  const colors = (lost?.value === 'up' ? [] : (lost?.resources ?? [])).map(
    (resource) => readTunnelEnds(resource)?.find(({ device }) => device === scope.suspect)?.color,
  );
  return scope.circuits.filter(({ color }) => colors.includes(color));
}

/** Resources that bear the fault, in the form of the incident catalogue. Never empty: the device is the last resort. */
export function localiseFault(
  fault: FaultType,
  scope: Scope,
  features: ReadonlyMap<string, Feature>,
): readonly string[] {
  const device = `node/${scope.suspect}`;
  const orDevice = (found: readonly string[]): readonly string[] => (found.length > 0 ? [...new Set(found)] : [device]);
  switch (fault) {
    case 'link_down':
      return orDevice(
        findCircuits(scope, features, 'if.oper@suspect.wan').map(
          (circuit) => `link/${scope.suspect}:${circuit.interface}--${circuit.provider}:${scope.site}`,
        ),
      );
    case 'if_admin_shutdown':
      return orDevice(
        findCircuits(scope, features, 'if.admin@suspect.wan').map(
          (circuit) => `interface/${scope.suspect}/${circuit.interface}`,
        ),
      );
    case 'provider_outage':
      return orDevice(findCircuits(scope, features, 'provider').map(({ provider }) => `node/${provider}`));
    case 'max_prefix_exceeded':
      return orDevice(features.get('bgp.last_error@suspect')?.resources ?? []);
    case 'server_down':
      return orDevice(scope.app ? [`host/${scope.app.host}`] : []);
    default:
      return [device];
  }
}
