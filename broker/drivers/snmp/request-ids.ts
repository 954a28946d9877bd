/** Ids of SNMP requests: 31 random bits each, which a blind forger must guess. */

/** Drawn at once: to ask for each costs more than the rest of a request. */
const DRAWN = 64;

/** `random` is cryptographically strong. */
export function requestIds(random: (bytes: number) => Buffer): () => number {
  let [bytes, at] = [random(4 * DRAWN), 0];
  return () => {
    if (at === bytes.length) [bytes, at] = [random(4 * DRAWN), 0];
    at += 4;
    return bytes.readUInt32BE(at - 4) >>> 1;
  };
}
