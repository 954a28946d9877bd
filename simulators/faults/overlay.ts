/** Faults of tunnels: their keys and the packets that keep them alive. */
import type { FaultType } from '../model/fault.ts';
import { deviceOf, filterSlip, isRouter } from './edit.ts';

export const overlayFaults: readonly FaultType[] = [
  {
    type: 'ipsec_peer_key_mismatch',
    kinds: ['node'],
    mechanism: 'The identity key was replaced, so that no peer accepts a handshake any more.',
    fits: (place, ground) => place.device !== undefined && ground.config(place.device).tunnels.length > 0,
    apply(ground, place) {
      const ref = deviceOf(place);
      const good = ground.config(ref).ipsec.identityKey;
      const wrong = rotateKey(good);
      const replace = (from: string, to: string) =>
        ground.commit(ref, (running) =>
          running.ipsec.identityKey === from ? { ...running, ipsec: { ...running.ipsec, identityKey: to } } : undefined,
        );
      replace(good, wrong);
      return () => replace(wrong, good);
    },
  },
  {
    type: 'bfd_port_blocked',
    kinds: ['node'],
    mechanism:
      'A filter drops the BFD packets of the tunnels, which are declared down although the path below is alive.',
    fits: isRouter,
    apply: (ground, place) => {
      const ref = deviceOf(place);
      return filterSlip(ground, ref, ground.config(ref).controlPlaneAcl ?? '', {
        name: 'deny-3784',
        action: 'deny',
        protocol: 'udp',
        destinationPort: 3784,
      });
    },
  },
];

/** Another key of the same length: the bytes of `key` complemented. */
const rotateKey = (key: string): string =>
  Buffer.from(Buffer.from(key, 'base64').map((byte) => byte ^ 0xff)).toString('base64');
