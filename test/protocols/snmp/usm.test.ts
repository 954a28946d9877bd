/** Keys, MACs and privacy of USM against the vectors of RFC 3414 and against tampering. */
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../../../protocols/snmp/message.ts';
import {
  isAuthentic,
  localizeKey,
  localizeUser,
  openData,
  sealMessage,
  stretchPassword,
} from '../../../protocols/snmp/usm.ts';

const ENGINE = Buffer.from('000000000000000000000002', 'hex');

describe('key localisation', () => {
  it('gives the keys of RFC 3414 A.3.2', () => {
    const key = stretchPassword('maplesyrup', 'sha1');
    expect(key.toString('hex')).toBe('9fb5cc0381497b3793528939ff788d5d79145211');
    expect(localizeKey(key, ENGINE, 'sha1').toString('hex')).toBe('6695febc9288e36282235fc7151f128497b38f3f');
  });

  it('gives the SHA-256 keys for the same input', () => {
    // RFC 7860 has no vector; that other implementations agree is shown by the tests that run them against the agent.
    const key = stretchPassword('maplesyrup');
    expect(key.toString('hex')).toBe('ab51014d1e077f6017df2b12bee5f5aa72993177e9bb569c4dff5a4ca0b4afac');
    expect(localizeKey(key, ENGINE).toString('hex')).toBe(
      '8982e0e549e866db361a6b625d84cccc11162d453ee8ce3a6445c2d6776f0f8b',
    );
  });

  it('refuses a pass phrase that is too short', () => {
    expect(() => stretchPassword('seven77')).toThrow(RangeError);
  });
});

describe('a sealed message', () => {
  const keys = localizeUser({ name: 'reader', authPassword: 'maplesyrup', privPassword: 'pancakes' }, ENGINE);
  const data = Buffer.from('300c0400040006052b06010201', 'hex');
  const header = { id: 7, maxSize: 1_472, priv: true, reportable: true, engineId: ENGINE, user: 'reader' };
  const sealed = sealMessage({ ...header, engineBoots: 3, engineTime: 99, data }, keys, Buffer.alloc(8, 5));

  it('opens with the right keys and hides its data', () => {
    const message = decodeMessage(sealed);
    expect(isAuthentic(sealed, message, keys)).toBe(true);
    expect(message.data.equals(data)).toBe(false);
    expect(openData(message, keys)?.equals(data)).toBe(true);
  });

  it('is not authentic when any bit of any byte differs', () => {
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      let accepted = false;
      try {
        accepted = isAuthentic(changed, decodeMessage(changed), keys);
      } catch {
        accepted = false;
      }
      expect(accepted, `byte ${at}`).toBe(false);
    }
  });
});
