/** Speaks to a witness over HTTP (C2SP tlog-witness `add-checkpoint`) and believes only what its key signed. */
import { parseNote, parseVerifier, verifyNote } from '../note.ts';
import type { Hash } from '../tree.ts';

export type WitnessAnswer =
  /** Its cosignature line, verified. */
  | { readonly kind: 'signed'; readonly line: string }
  /** It has seen this size instead of the one given. */
  | { readonly kind: 'conflict'; readonly size: number }
  /** It says that this log is not the one it knows. */
  | { readonly kind: 'refused'; readonly status: number }
  /** It did not answer, or nonsense. */
  | { readonly kind: 'unavailable' };

export interface WitnessClient {
  readonly verifier: string;
  /** Presents a signed checkpoint that extends size `old`; never rejects. */
  add(old: number, proof: readonly Hash[], note: string): Promise<WitnessAnswer>;
}

/** Nobody waits for a witness longer than this. */
const TIMEOUT_MS = 5_000;
const MAX_ANSWER = 4096;

export function createWitnessClient(options: { readonly url: string; readonly verifier: string }): WitnessClient {
  const verifier = parseVerifier(options.verifier);
  return {
    verifier: options.verifier,
    async add(old, proof, note) {
      const body = `${[`old ${old}`, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${note}`;
      try {
        const response = await fetch(`${options.url}/add-checkpoint`, {
          method: 'POST',
          body,
          redirect: 'error',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const text = (await response.text()).slice(0, MAX_ANSWER);
        if (response.status === 409) {
          return /^\d{1,15}\n$/.test(text) ? { kind: 'conflict', size: Number(text) } : { kind: 'unavailable' };
        }
        if (response.status === 403 || response.status === 404 || response.status === 422) {
          return { kind: 'refused', status: response.status };
        }
        if (response.status !== 200) return { kind: 'unavailable' };
        const cosigned = parseNote(`${parseNote(note).text}\n${text}`);
        return verifyNote(cosigned, verifier) ? { kind: 'signed', line: text } : { kind: 'unavailable' };
      } catch {
        return { kind: 'unavailable' };
      }
    },
  };
}
